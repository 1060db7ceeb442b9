import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { createServer as createH2c } from 'node:http2';
import { expect, test } from 'vitest';
import { openAnswering, openClosing, openRaw, openServer, readRequest } from '../helpers/raw-server.ts';
import { attemptTo, openTestTransport } from '../helpers/send-once.ts';

/** What the documentation promises of an answer: the first 64 KiB. */
const KEPT_BYTES = 65_536;
/** For endpoints that are waited for in vain; all others have time, however busy the machine is. */
const SHORT = { timeoutMs: 1000 };

/** Writes the pieces that `next` makes for as long as the client takes them. */
function pour(socket: Socket, next: () => string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(next()));
  };
  socket.on('drain', more);
  more();
}

test.each([
  ['never answers', () => openRaw(() => undefined), { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT' }],
  [
    'closes at once',
    () => openRaw((socket) => socket.end()),
    { outcome: 'unreachable', errorCode: expect.stringMatching(/^(CLOSED|EPIPE|ECONNRESET)$/) },
  ],
  [
    'resets when asked',
    () => openRaw((socket) => socket.once('data', () => socket.resetAndDestroy())),
    { outcome: 'unreachable', errorCode: 'ECONNRESET' },
  ],
  ['closes when asked', () => openClosing(''), { outcome: 'unreachable', errorCode: 'CLOSED' }],
  ['speaks garbage', () => openClosing('hello\r\n\r\n'), { outcome: 'unreachable', errorCode: 'NOT_HTTP' }],
  [
    'greets like a mail server',
    () => openRaw((socket) => socket.write('220 mx.example ESMTP\r\n')),
    { outcome: 'unreachable', errorCode: 'NOT_HTTP' },
  ],
  [
    'answers with zero bytes',
    () => openAnswering('\0'.repeat(2000)),
    { outcome: 'unreachable', errorCode: 'NOT_HTTP' },
  ],
  [
    'answers with a TLS alert',
    () => openAnswering(Buffer.from([21, 3, 1, 0, 2, 2, 10])),
    { outcome: 'unreachable', errorCode: 'NOT_PLAIN_HTTP' },
  ],
  ['speaks HTTP/2 in the clear', () => openServer(createH2c()), { outcome: 'unreachable', errorCode: 'HTTP2_ONLY' }],
  [
    'writes a header without a colon',
    () => openAnswering('HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'),
    {
      outcome: 'unreachable',
      errorCode: 'MALFORMED_RESPONSE',
      error: expect.stringContaining('"nonsense" is not a header'),
    },
  ],
  [
    'writes a malformed chunk',
    () => openAnswering('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'),
    { outcome: 'unreachable', status: 200, errorCode: 'MALFORMED_RESPONSE' },
  ],
  [
    'stops in the status line',
    () => openAnswering('HTTP/1.1 20'),
    { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT' },
  ],
  [
    'stops in the headers',
    () => openAnswering('HTTP/1.1 200 OK\r\nx: 1\r\n'),
    { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT', error: expect.stringContaining('headers') },
  ],
  [
    'stops in the body',
    () => openAnswering('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'),
    { outcome: 'unreachable', status: 200, errorCode: 'TIMEOUT', responseBytes: 3 },
  ],
  [
    'closes in the body',
    () => openClosing('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'),
    { outcome: 'unreachable', status: 200, errorCode: 'CLOSED', responseBytes: 3 },
  ],
  [
    'closes in the body as announced',
    () => openClosing('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\nabc'),
    { outcome: 'unreachable', status: 200, errorCode: 'INCOMPLETE_RESPONSE' },
  ],
  [
    'closes in a chunked body',
    () => openClosing('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab'),
    { outcome: 'unreachable', status: 200, errorCode: 'CLOSED' },
  ],
  [
    'stops in the body of an error',
    () => openAnswering('HTTP/1.1 500 No\r\ncontent-length: 10\r\n\r\nabc'),
    { outcome: 'refused', status: 500, errorCode: 'HTTP_500', responseBytes: 3 },
  ],
  [
    'sends 1xx without end',
    () =>
      openRaw((socket) =>
        socket.once('data', () => pour(socket, () => 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'.repeat(50))),
      ),
    { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT' },
  ],
  [
    'switches protocols',
    () => openAnswering('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
    { outcome: 'unreachable', errorCode: 'UNEXPECTED_UPGRADE' },
  ],
  [
    'sends headers without end',
    () =>
      openRaw((socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\n');
          pour(socket, () => `x-endless: ${'a'.repeat(1000)}\r\n`.repeat(20));
        }),
      ),
    { outcome: 'unreachable', status: null, errorCode: 'HEADERS_TOO_LARGE' },
  ],
  [
    'sends one header without end',
    () =>
      openRaw((socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nx: ');
          pour(socket, () => 'a'.repeat(20_000));
        }),
      ),
    { outcome: 'unreachable', status: null, errorCode: 'HEADERS_TOO_LARGE' },
  ],
  [
    'sends a status line without end',
    () =>
      openRaw((socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 ');
          pour(socket, () => 'a'.repeat(20_000));
        }),
      ),
    { outcome: 'unreachable', status: null, errorCode: 'HEADERS_TOO_LARGE' },
  ],
  [
    'sends trailers without end',
    () =>
      openRaw((socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n');
          pour(socket, () => `x-endless: ${'a'.repeat(1000)}\r\n`.repeat(20));
        }),
      ),
    { outcome: 'unreachable', status: 200, errorCode: 'HEADERS_TOO_LARGE' },
  ],
])('an endpoint that %s', async (_what, open, expected) => {
  const port = await open();
  const waits = expected.errorCode === 'TIMEOUT' || expected.errorCode === 'HTTP_500';
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`, waits ? SHORT : {});
  expect(attempt).toMatchObject(expected);
  expect(attempt.error).toEqual(expect.any(String));
});

test('a 103 before the answer is not the answer', async () => {
  const port = await openAnswering(
    'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 204 No\r\nx-a: Z\u00fc\r\n\r\n',
  );
  expect(await attemptTo(`http://127.0.0.1:${port}/`)).toMatchObject({
    outcome: 'delivered',
    status: 204,
    responseHeaders: [['x-a', 'Zü']],
  });
});

test('a body without end is read to 64 KiB and judged by the status', async () => {
  let closed = false;
  const port = await openRaw((socket) => {
    socket.once('close', () => {
      closed = true;
    });
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      pour(socket, () => 'b'.repeat(50_000));
    });
  });
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`);
  expect(attempt).toMatchObject({ outcome: 'delivered', status: 200, responseTruncated: true });
  expect(attempt.responseBody.byteLength).toBe(KEPT_BYTES);
  expect(attempt.responseBytes).toBeLessThan(KEPT_BYTES + 1024 * 1024);
  await expect.poll(() => closed).toBe(true);
});

test.each([
  [KEPT_BYTES, false],
  [KEPT_BYTES + 1, true],
])('a body of %i bytes: truncated is %s', async (length, truncated) => {
  const port = await openAnswering(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n${'c'.repeat(length)}`);
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`);
  expect(attempt).toMatchObject({ outcome: 'delivered', responseTruncated: truncated });
  expect(attempt.responseBody.byteLength).toBe(KEPT_BYTES);
});

test('a slow drip ends at the time-out of the whole attempt', async () => {
  const port = await openRaw((socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const drip = setInterval(() => socket.write('d'), 20);
      socket.once('close', () => clearInterval(drip));
    }),
  );
  expect(await attemptTo(`http://127.0.0.1:${port}/`, SHORT)).toMatchObject({
    outcome: 'unreachable',
    status: 200,
    errorCode: 'TIMEOUT',
  });
});

test('a reset in a body without length is not taken for its end', async () => {
  const port = await openRaw((socket) =>
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\n\r\nabc', () => setTimeout(() => socket.resetAndDestroy(), 30)),
    ),
  );
  expect(await attemptTo(`http://127.0.0.1:${port}/`)).toMatchObject({
    outcome: 'unreachable',
    status: 200,
    errorCode: 'ECONNRESET',
    responseBytes: 3,
  });
});

test.each([
  ['gzip of something else', 'gzip', Buffer.from('no gzip at all')],
  ['an unknown coding', 'compress', Buffer.from('?')],
  ['a coding by a name that every object has', '__proto__', Buffer.from('?')],
])('%s is kept as it came', async (_what, coding, bytes) => {
  const port = await openAnswering(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bytes.length}\r\n\r\n`),
      bytes,
    ]),
  );
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`);
  expect(attempt.outcome).toBe('delivered');
  expect(Buffer.from(attempt.responseBody).equals(bytes)).toBe(true);
});

test.each([
  [KEPT_BYTES, false],
  [KEPT_BYTES + 1, true],
  [40 * 1024 * 1024, true],
])('of gzip that holds %i bytes what fits is kept; truncated is %s', async (length, truncated) => {
  const bomb = gzipSync(Buffer.alloc(length));
  const port = await openAnswering(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`),
      bomb,
    ]),
  );
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`);
  expect(attempt).toMatchObject({ outcome: 'delivered', responseBytes: bomb.length, responseTruncated: truncated });
  expect(attempt.responseBody.byteLength).toBe(KEPT_BYTES);
});

const EARLY = 'HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig';

test.each([
  ['goes on without reading', () => undefined],
  ['closes', (socket: Socket) => socket.end()],
  ['closes both ways', (socket: Socket) => socket.destroy()],
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
])('an answer that comes before the body has been read counts each time, where the server %s', async (_how, end) => {
  const port = await openRaw((socket) =>
    socket.once('data', () => {
      socket.pause();
      socket.write(EARLY, () => end(socket));
    }),
  );
  const seen = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const request = { body: Buffer.alloc((n % 2 === 0 ? 1 : 5) * 1024 * 1024) };
    const { outcome, errorCode } = await attemptTo(`http://127.0.0.1:${port}/`, { request });
    seen.add(`${outcome} ${errorCode}`);
  }
  expect([...seen]).toEqual(['refused HTTP_413']);
});

test('a success that comes before the body has been read does not cut the body off', async () => {
  let received = 0;
  const port = await openRaw((socket) => {
    socket.once('data', (bytes) => {
      received = bytes.length;
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      socket.on('data', (more) => {
        received += more.length;
      });
    });
  });
  const body = Buffer.alloc(3 * 1024 * 1024);
  expect(await attemptTo(`http://127.0.0.1:${port}/`, { request: { body } })).toMatchObject({ outcome: 'delivered' });
  await expect.poll(() => received).toBeGreaterThan(body.length);
});

test('a second answer nobody asked for does not reach the next request', async () => {
  const port = await openRaw((socket) => {
    let count = 0;
    readRequest(socket, () =>
      socket.write(
        ++count === 1
          ? 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP/1.1 500 Forged\r\ncontent-length: 0\r\n\r\n'
          : 'HTTP/1.1 204 No\r\n\r\n',
      ),
    );
  });
  const transport = await openTestTransport();
  const statuses: (number | null)[] = [];
  for (let n = 0; n < 3; n++) statuses.push((await attemptTo(`http://127.0.0.1:${port}/`, { transport })).status);
  expect(statuses).toEqual([200, 200, 200]);
});

test.each([
  ['before the answer', () => openRaw(() => undefined), null],
  ['in the body of an error', () => openAnswering('HTTP/1.1 500 No\r\ncontent-length: 9\r\n\r\nabc'), 500],
])('a signal ends the attempt %s', async (_when, open, status) => {
  const port = await open();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1000);
  expect(await attemptTo(`http://127.0.0.1:${port}/`, { signal: controller.signal })).toMatchObject({
    outcome: 'unreachable',
    status,
    errorCode: 'ABORTED',
  });
});

test('a signal that has come already sends nothing', async () => {
  let connections = 0;
  const port = await openRaw(() => connections++);
  expect(await attemptTo(`http://127.0.0.1:${port}/`, { signal: AbortSignal.abort() })).toMatchObject({
    outcome: 'unreachable',
    errorCode: 'ABORTED',
  });
  expect(connections).toBe(0);
});
