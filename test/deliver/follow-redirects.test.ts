import { expect, test } from 'vitest';
import { sendFollowing } from '../../src/deliver/follow-redirects.ts';
import { openTransport } from '../../src/deliver/transport.ts';
import { openEndpoint } from '../helpers/endpoint.ts';

const BODY = Buffer.from('{"a":1}');

/** What the last answer is, and what each request was, when every address but `/end` redirects to the next. */
async function follow(path: string, most: number): Promise<{ status: number | null; seen: string[] }> {
  const endpoint = await openEndpoint((response, { path: called }) => {
    const [, status, next] = /^\/(\d+)(.*)$/.exec(called) ?? [];
    if (status === undefined) response.end('ok');
    else response.writeHead(Number(status), { location: next === '' ? '/end' : next }).end();
  });
  const transport = await openTransport({ timeoutMs: 5000 });
  try {
    const request = {
      url: new URL(path, endpoint.url),
      method: 'POST',
      headers: [['Content-Type', 'application/json'] as const, ['X-Signature', 's'] as const],
      body: BODY,
      signedAt: 0,
    };
    const { status } = await sendFollowing(transport, request, most, undefined);
    const seen = endpoint.seen.map(
      ({ method, path: to, headers, body }) =>
        `${method} ${to} ${body.length} ${headers['x-signature']} ${headers['content-type'] ?? '-'}`,
    );
    return { status, seen };
  } finally {
    await transport.close();
  }
}

test.each([
  [307, 'POST /end 7 s application/json'],
  [308, 'POST /end 7 s application/json'],
  [301, 'GET /end 0 s -'],
  [302, 'GET /end 0 s -'],
  [303, 'GET /end 0 s -'],
])('%i is followed as clients do', async (status, then) => {
  expect(await follow(`/${status}`, 1)).toEqual({
    status: 200,
    seen: [`POST /${status} 7 s application/json`, then],
  });
});

test.each([
  ['none where none is followed', '/307', 0, 307, 1],
  ['as many as are followed', '/307/307', 2, 200, 3],
  ['no more', '/307/307', 1, 307, 2],
  ['never more than ten', `/307${'/307'.repeat(11)}`, 1000, 307, 11],
  ['no status that is no redirect', '/304', 3, 304, 1],
  ['no address of another kind', '/307file:///etc/passwd', 3, 307, 1],
])('%s', async (_, path, most, status, requests) => {
  const result = await follow(path, most);
  expect([result.status, result.seen.length]).toEqual([status, requests]);
});
