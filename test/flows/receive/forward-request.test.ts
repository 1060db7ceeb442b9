import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openTransport } from '../../../src/deliver/transport.ts';
import { forwardRequest } from '../../../src/flows/receive/forward-request.ts';
import { openClosing } from '../../helpers/raw-server.ts';

const REQUEST = { method: 'POST', path: '/hook', headers: [], body: Buffer.from('{}'), remoteAddress: '127.0.0.1' };

async function forwardTo(port: number, keptBytes?: number) {
  const transport = await openTransport({ timeoutMs: 20_000, keptBytes });
  try {
    const target = new URL(`http://127.0.0.1:${port}/`);
    return await forwardRequest(REQUEST, target, transport, new AbortController().signal);
  } finally {
    await transport.close();
  }
}

const answerOf = (headers: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 201 OK\r\n${headers}content-length: ${body.length}\r\n\r\n`, 'latin1'), body]);
const TEXT = Buffer.from('{"status":"ok"}');
const PACKED = gzipSync(TEXT);

test.each<[what: string, bytes: Buffer, headers: unknown, body: Uint8Array]>([
  ['as it is', answerOf('X-A: ü\r\nConnection: x-b\r\nX-B: c\r\n', TEXT), [['X-A', 'ü']], TEXT],
  ['opened, and not called packed', answerOf('Content-Encoding: gzip\r\nX-A: b\r\n', PACKED), [['X-A', 'b']], TEXT],
  ['packed in a way that is not known', answerOf('Content-Encoding: x\r\n', TEXT), [['Content-Encoding', 'x']], TEXT],
  [
    'without what no header may hold',
    answerOf('X-A: \u001b[2J\r\nX\u0007: b\r\nX-B: c\r\n', TEXT),
    [['X-B', 'c']],
    TEXT,
  ],
])('an answer is passed on %s', async (_, bytes, headers, body) => {
  const { status, answer } = await forwardTo(await openClosing(bytes));
  expect(status).toBe(201);
  expect(answer.headers).toEqual(headers);
  expect(Buffer.from(answer.body as Uint8Array)).toEqual(body);
});

test.each([
  [TEXT.length - 1, TEXT.subarray(0, -1), true],
  [TEXT.length, TEXT, false],
])('of an answer of 15 bytes the first %i are passed on, and a cut one is called so', async (kept, body, isCut) => {
  const forwarded = await forwardTo(await openClosing(answerOf('', TEXT)), kept);
  expect(forwarded).toMatchObject({ status: 201, isCut, errorCode: null });
  expect(Buffer.from(forwarded.answer.body as Uint8Array)).toEqual(Buffer.from(body));
});
