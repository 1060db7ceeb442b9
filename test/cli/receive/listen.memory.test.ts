import { request } from 'node:http';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { testFolder } from '../../helpers/folder.ts';
import { makeGate } from '../../helpers/gate.ts';
import { startListening, type Listening } from '../../helpers/listening.ts';

const MIB = 1024 * 1024;

interface Answered {
  status: number | undefined;
  retryAfter: string | undefined;
}

/** Posts JSON of one text of so many bytes; who is refused while he still sends has his answer all the same. */
function post({ port }: Listening, bytes: number): Promise<Answered> {
  const body = Buffer.alloc(bytes, 'a');
  body.write('{"a":"');
  body.write('"}', bytes - 2);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      port,
      method: 'POST',
      path: '/hook',
      headers: { 'content-type': 'application/json', 'content-length': bytes },
    });
    outgoing.on('response', (response) => {
      outgoing.on('error', () => undefined);
      response
        .resume()
        .on('end', () => resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'] }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

test('bodies that wait for the endpoint they are forwarded to count: more than 256 MB at once is told to come again', async () => {
  const mayAnswer = makeGate();
  const endpoint = await openEndpoint((response) => void mayAnswer.opened.then(() => response.end('ok')));
  const listening = await startListening(
    [
      '--vendor',
      'mailkit',
      '--max-body',
      '128m',
      '--forward-to',
      endpoint.url,
      '--max-time',
      '2m',
      '--no-history',
      '--quiet',
    ],
    { cwd: testFolder() },
  );
  const callers = [1, 2, 3].map(() => post(listening, 100 * MIB));
  expect(await Promise.race(callers)).toEqual({ status: 503, retryAfter: '1' });
  mayAnswer.open();
  const answered = await Promise.all(callers);
  expect(answered.map(({ status }) => status).toSorted()).toEqual([200, 200, 503]);
  // What was held is given back.
  expect(await post(listening, 100 * MIB)).toMatchObject({ status: 200 });
  expect(endpoint.seen.map(({ body }) => body.length)).toEqual([100 * MIB, 100 * MIB, 100 * MIB]);
});

test('a large body is whole in its line, though it is written in pieces', async () => {
  const listening = await startListening(['--vendor', 'mailkit'], { cwd: testFolder() });
  const bytes = [MIB + 1, 2 * MIB, 7];
  for (const size of bytes) await post(listening, size);
  const lines = await listening.until(3);
  const bodies = lines.map(({ bodyBase64 }) => Buffer.from(bodyBase64 as string, 'base64').toString());
  expect(bodies.map((body) => [body.length, /^{"a":"a*"}$/.test(body)])).toEqual(bytes.map((size) => [size, size > 7]));
});
