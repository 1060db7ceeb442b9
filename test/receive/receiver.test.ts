import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Rejection } from '../../src/receive/rejection.ts';
import type { AnswerOf, ReceivedRequest } from '../../src/receive/received-request.ts';
import { openReceiver, type ReceiverOptions } from '../../src/receive/receiver.ts';
import { makeGate } from '../helpers/gate.ts';
import { talk } from '../helpers/listening.ts';

interface Opened {
  port: number;
  seen: ReceivedRequest[];
  rejected: Rejection[];
  errors: unknown[];
  close(): Promise<void>;
}

async function open(
  answer: AnswerOf = () => ({ status: 200 }),
  options: Partial<ReceiverOptions> = {},
): Promise<Opened> {
  const opened = { seen: [] as ReceivedRequest[], rejected: [] as Rejection[], errors: [] as unknown[] };
  const receiver = await openReceiver(
    {
      host: '127.0.0.1',
      port: 0,
      maxBodyBytes: 1024 * 1024,
      onRejected: (one) => opened.rejected.push(one),
      onError: (error) => opened.errors.push(error),
      ...options,
    },
    (request, over) => {
      opened.seen.push(request);
      return answer(request, over);
    },
  );
  onTestFinished(() => receiver.close());
  return { ...opened, port: Number(new URL(receiver.origin).port), close: () => receiver.close() };
}

const POST = 'POST /hook HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';

test.each<[string, string, RegExp]>([
  ['headers', 'POST /hook HTTP/1.1\r\nX-Sl', /^HTTP\/1\.1 408 /],
  ['body', `${POST}Content-Length: 10\r\n\r\nabc`, /^HTTP\/1\.1 408 /],
])('a sender that is too slow with its %s is hung up on', async (_, bytes, answer) => {
  const { port, rejected, seen } = await open(undefined, { headersTimeoutMs: 200, requestTimeoutMs: 300 });
  expect(await talk(port, bytes)).toMatch(answer);
  expect(rejected).toContainEqual(expect.objectContaining({ cause: 'too-slow', status: 408 }));
  expect(seen).toEqual([]);
});

test('a sender that breaks off in the body is no request', async () => {
  const gate = makeGate();
  const { port, rejected, seen } = await open(undefined, {
    onRejected: (one) => {
      rejected.push(one);
      gate.open();
    },
  });
  const socket = connect(port, '127.0.0.1', () =>
    socket.write(`${POST}Content-Length: 10\r\n\r\nabc`, () => socket.destroy()),
  );
  await gate.opened;
  expect(rejected).toMatchObject([{ cause: 'left', status: null }]);
  expect(seen).toEqual([]);
});

test('who asks with Expect: 100-continue is told at once that a body is too large', async () => {
  const { port } = await open();
  const answer = await talk(port, `${POST}Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n`, (text) =>
    text.includes('413'),
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

test('a body that is too large gets its answer although the sender goes on sending', async () => {
  const { port } = await open(undefined, { maxBodyBytes: 1000 });
  const body = Buffer.alloc(4 * 1024 * 1024, 'x');
  expect(await talk(port, Buffer.concat([Buffer.from(`${POST}Content-Length: ${body.length}\r\n\r\n`), body]))).toMatch(
    /^HTTP\/1\.1 413 [\s\S]*larger than 1000 bytes/,
  );
});

test('an answer that fails is a 500, told, and the next one is answered', async () => {
  let calls = 0;
  const bug = new Error('a bug');
  const { port, errors } = await open(() => {
    calls += 1;
    if (calls === 1) throw bug;
    return calls === 2 ? Promise.reject(bug) : { status: 204, body: 'never sent' };
  });
  const answers = [await talk(port, `${POST}\r\n`), await talk(port, `${POST}\r\n`), await talk(port, `${POST}\r\n`)];
  expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['500', '500', '204']);
  expect(answers[2]).not.toMatch(/never sent|content-length/i);
  expect(errors).toEqual([bug, bug]);
});

test('an answer that cannot be written is hung up on and told, and others of the same moment are answered', async () => {
  const { port, errors } = await open(({ path }) => ({
    status: 200,
    headers: [['x-name', path === '/bad' ? 'two\nlines' : 'one line']],
  }));
  const asked = ['/bad', '/good', '/bad', '/good'].map((path) =>
    talk(port, `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
  );
  const answers = await Promise.all(asked);
  expect(answers.map((answer) => answer.slice(0, 12))).toEqual(['', 'HTTP/1.1 200', '', 'HTTP/1.1 200']);
  expect(errors).toMatchObject([{ code: 'ERR_INVALID_CHAR' }, { code: 'ERR_INVALID_CHAR' }]);
});

test('requests that came at once on one connection are answered in their order', async () => {
  const { port } = await open(({ path }) => ({ status: 200, body: path }));
  const many = Array.from(
    { length: 30 },
    (_, index) =>
      `POST /${index} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n${index === 29 ? 'Connection: close\r\n' : ''}\r\nx`,
  );
  const answer = await talk(port, many.join(''));
  expect([...answer.matchAll(/\r\n\r\n\/(\d+)/g)].map(([, nth]) => Number(nth))).toEqual(many.map((_, index) => index));
});

test('header bytes come as UTF-8 where they are, as Latin-1 otherwise, and go out as UTF-8', async () => {
  const { port, seen } = await open(({ headers }) => ({
    status: 200,
    headers: headers.filter(([name]) => name.startsWith('X-')),
  }));
  const answer = await talk(
    port,
    Buffer.from(
      `${POST}X-Utf: gr\u00c3\u00bcn\r\nX-Latin: gr\u00fcn\r\nX-Doubled: 1\r\nX-Doubled: 2\r\n\r\n`,
      'latin1',
    ),
  );
  expect(seen[0]?.headers.slice(2)).toEqual([
    ['X-Utf', 'grün'],
    ['X-Latin', 'grün'],
    ['X-Doubled', '1'],
    ['X-Doubled', '2'],
  ]);
  expect(answer).toContain('X-Utf: gr\u00c3\u00bcn\r\n');
  expect(answer).toContain('X-Doubled: 1\r\nX-Doubled: 2\r\n');
});

test('closing cuts what hangs and lets nobody else in', async () => {
  const { port, close } = await open(() => new Promise(() => undefined));
  const hanging = talk(port, `${POST}\r\n`);
  const idle = talk(port, '');
  await new Promise<void>((connected) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      connected();
    });
  });
  await close();
  expect(await Promise.all([hanging, idle])).toEqual(['', '']);
});
