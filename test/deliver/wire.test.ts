import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openRaw, openServer, readRequest } from '../helpers/raw-server.ts';
import { attemptTo, openTestTransport, requestTo } from '../helpers/send-once.ts';
import type { SignedRequest } from '../../src/model/plan.ts';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** A server that answers 200 and keeps what it read; `head` in the bytes of the wire. */
async function openRecorder(host?: string): Promise<{ port: number; seen: { head: string; body: Buffer }[] }> {
  const seen: { head: string; body: Buffer }[] = [];
  const port = await openRaw(
    (socket) =>
      readRequest(socket, (head, body) => {
        seen.push({ head, body });
        socket.write(OK);
      }),
    host,
  );
  return { port, seen };
}

test('sends the bytes and header names as they are given', async () => {
  const { port, seen } = await openRecorder();
  const body = Buffer.from([0, 255, 13, 10, 0x7b]);
  const request: Partial<SignedRequest> = {
    body,
    headers: [
      ['X-Mail2Many-Event', 'optin'],
      ['x-lower', 'Grüße ✓'],
      ['X-Twice', '1'],
      ['X-Twice', '2'],
      ['X-Empty', ''],
    ],
  };
  const attempt = await attemptTo(`http://127.0.0.1:${port}/a%20b?c=d&e#f`, { request });
  expect(attempt).toMatchObject({ outcome: 'delivered', status: 200, errorCode: null, error: null });
  expect(Buffer.from(attempt.responseBody).toString()).toBe('ok');
  expect(seen).toHaveLength(1);
  expect(seen[0]?.body.equals(body)).toBe(true);
  expect(
    Buffer.from(seen[0]?.head ?? '', 'latin1')
      .toString('utf8')
      .split('\r\n'),
  ).toEqual([
    'POST /a%20b?c=d&e HTTP/1.1',
    `host: 127.0.0.1:${port}`,
    'connection: keep-alive',
    'X-Mail2Many-Event: optin',
    'x-lower: Grüße ✓',
    'X-Twice: 1',
    'X-Twice: 2',
    'X-Empty: ',
    'content-length: 5',
    '',
    '',
  ]);
});

test('records the headers exactly as they went out', async () => {
  const { port, seen } = await openRecorder();
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`, {
    request: {
      headers: [
        ['Host', 'hooks.example'],
        ['Connection', 'close'],
        ['X-A', 'b'],
      ],
    },
  });
  const lines = attempt.requestHeaders.map(([name, value]) => `${name}: ${value}`);
  expect(seen[0]?.head).toBe(['POST / HTTP/1.1', ...lines, '', ''].join('\r\n'));
});

test('an empty body is announced as such', async () => {
  const { port, seen } = await openRecorder();
  await attemptTo(`http://127.0.0.1:${port}/`, { request: { body: new Uint8Array(0), headers: [] } });
  expect(seen[0]?.head).toContain('content-length: 0\r\n');
});

test('Transfer-Encoding: chunked sends the same bytes in pieces', async () => {
  const bodies: Buffer[] = [];
  const port = await openServer(
    createHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(Buffer.concat(chunks));
        response.end(`${request.headers['transfer-encoding']} ${request.headers['content-length']}`);
      });
    }),
  );
  const body = Buffer.alloc(100_000, 'abc');
  const attempt = await attemptTo(`http://127.0.0.1:${port}/`, {
    request: { body, headers: [['Transfer-Encoding', 'chunked']] },
  });
  expect(Buffer.from(attempt.responseBody).toString()).toBe('chunked undefined');
  expect(bodies[0]?.equals(body)).toBe(true);
});

test('credentials in the URL are used and not recorded', async () => {
  const { port, seen } = await openRecorder();
  const attempt = await attemptTo(`http://us%40er:p%C3%A4ss@127.0.0.1:${port}/`);
  expect(seen[0]?.head).toContain(`Authorization: Basic ${Buffer.from('us@er:päss').toString('base64')}\r\n`);
  expect(attempt.requestHeaders).toContainEqual(['Authorization', '***']);
});

test('an Authorization header of the request wins over the URL and is not recorded either', async () => {
  const { port, seen } = await openRecorder();
  const attempt = await attemptTo(`http://u:p@127.0.0.1:${port}/`, {
    request: { headers: [['authorization', 'Bearer abc']] },
  });
  expect(seen[0]?.head.match(/authorization/gi)).toHaveLength(1);
  expect(seen[0]?.head).toContain('authorization: Bearer abc');
  expect(JSON.stringify(attempt)).not.toContain('Bearer');
});

test.each([
  [['Expect', '100-continue']],
  [['Transfer-Encoding', 'gzip']],
  [['Content-Length', '99']],
  [['X Y', 'a']],
  [['X-A', 'a\r\nX-Forged: 1']],
  [['Upgrade', 'h2c']],
] as [[string, string]][])('refuses the header %o before anything is sent', async (header) => {
  const { port, seen } = await openRecorder();
  await expect(attemptTo(`http://127.0.0.1:${port}/`, { request: { headers: [header] } })).rejects.toMatchObject({
    name: 'AppError',
    kind: 'usage',
  });
  expect(seen).toEqual([]);
});

test('IPv6', async (context) => {
  const { port, seen } = await openRecorder('::1').catch(() => context.skip('no IPv6 loopback here'));
  const attempt = await attemptTo(`http://[::1]:${port}/`);
  expect(attempt).toMatchObject({ outcome: 'delivered', remoteAddress: '::1' });
  expect(seen[0]?.head).toContain(`host: [::1]:${port}\r\n`);
});

test('--resolve and --connect-to lead elsewhere and leave the Host header alone', async () => {
  const { port, seen } = await openRecorder();
  const resolved = await attemptTo(`http://hooks.example:${port}/`, {
    resolve: [{ host: 'hooks.example', port, addresses: ['127.0.0.1'] }],
  });
  const moved = await attemptTo('http://hooks.example/', {
    connectTo: [{ fromHost: 'hooks.example', fromPort: 80, toHost: '127.0.0.1', toPort: port }],
  });
  expect(resolved).toMatchObject({ outcome: 'delivered', remoteAddress: '127.0.0.1', timings: { dnsMs: null } });
  expect(moved).toMatchObject({ outcome: 'delivered' });
  expect(seen.map(({ head }) => /host: (.*)\r/.exec(head)?.[1])).toEqual([`hooks.example:${port}`, 'hooks.example']);
});

test('of several addresses the one that answers is used', async (context) => {
  const { port } = await openRecorder();
  await openRaw(() => undefined, '::1').catch(() => context.skip('no IPv6 loopback here'));
  const attempt = await attemptTo(`http://hooks.example:${port}/`, {
    resolve: [{ host: '*', port, addresses: ['::1', '127.0.0.1'] }],
  });
  expect(attempt).toMatchObject({ outcome: 'delivered', remoteAddress: '127.0.0.1' });
});

test('stages that did not take place have no timing', async () => {
  const { port } = await openRecorder();
  const { timings } = await attemptTo(`http://127.0.0.1:${port}/`);
  expect(timings).toEqual({
    dnsMs: null,
    connectMs: expect.any(Number),
    tlsMs: null,
    firstByteMs: expect.any(Number),
    totalMs: expect.any(Number),
  });
  expect((await attemptTo(`http://localhost:${port}/`)).timings.dnsMs).toEqual(expect.any(Number));
});

test('a transport keeps its connection, and the second attempt records no connecting', async () => {
  let connections = 0;
  const port = await openRaw((socket) => {
    connections++;
    readRequest(socket, () => socket.write(OK));
  });
  const transport = await openTestTransport();
  const url = `http://127.0.0.1:${port}/`;
  await attemptTo(url, { transport });
  const second = await attemptTo(url, { transport });
  expect(connections).toBe(1);
  expect(second).toMatchObject({ outcome: 'delivered', remoteAddress: '127.0.0.1', timings: { connectMs: null } });
});

test('never more connections than allowed, and every request gets its own answer', async () => {
  let open = 0;
  let most = 0;
  const port = await openRaw((socket) => {
    most = Math.max(most, ++open);
    socket.on('close', () => open--);
    readRequest(socket, (_head, body) =>
      setImmediate(() => socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body.toString()}`)),
    );
  });
  const transport = await openTestTransport({ connections: 3 });
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      transport.send(requestTo(`http://127.0.0.1:${port}/`, { body: Buffer.from(`n${index}`) })),
    ),
  );
  expect(answers.map(({ responseBody }) => Buffer.from(responseBody).toString())).toEqual(
    Array.from({ length: 30 }, (_, index) => `n${index}`),
  );
  expect(most).toBe(3);
});

/** Ends each connection when a second request has come, before one byte of answer to it. */
function openForgetful(end: (socket: Socket) => void): Promise<{ port: number; requests: () => number }> {
  let requests = 0;
  return openRaw((socket) => {
    let answered = 0;
    readRequest(socket, () => {
      requests += 1;
      if (++answered === 2) end(socket);
      else socket.write(OK);
    });
  }).then((port) => ({ port, requests: () => requests }));
}

test.each([
  ['closed', (socket: Socket) => socket.end()],
  ['reset', (socket: Socket) => socket.resetAndDestroy()],
])('a reused connection that is %s before one byte of answer: sent once more, on a fresh one', async (_how, end) => {
  const { port, requests } = await openForgetful(end);
  const transport = await openTestTransport();
  const url = `http://127.0.0.1:${port}/`;
  const first = await attemptTo(url, { transport });
  expect(first.timings).not.toHaveProperty('resentAfterMs');
  expect(await attemptTo(url, { transport })).toMatchObject({
    outcome: 'delivered',
    timings: { connectMs: expect.any(Number), resentAfterMs: expect.any(Number) },
  });
  expect(requests()).toBe(3);
});

test('where a request must not be processed twice, it is not sent a second time', async () => {
  const { port, requests } = await openForgetful((socket) => socket.resetAndDestroy());
  const transport = await openTestTransport({ mayResend: false });
  const url = `http://127.0.0.1:${port}/`;
  await attemptTo(url, { transport });
  expect(await attemptTo(url, { transport })).toMatchObject({ outcome: 'unreachable', errorCode: 'ECONNRESET' });
  expect(requests()).toBe(2);
  expect(await attemptTo(url, { transport })).toMatchObject({ outcome: 'delivered' });
});

test('what ends on a fresh connection, or after a byte of answer, is not sent again', async () => {
  let requests = 0;
  const port = await openRaw((socket) =>
    readRequest(socket, () => {
      requests += 1;
      if (requests === 1) socket.write(OK);
      else socket.end('H');
    }),
  );
  const transport = await openTestTransport();
  const url = `http://127.0.0.1:${port}/`;
  await attemptTo(url, { transport });
  expect(await attemptTo(url, { transport })).toMatchObject({ errorCode: 'CLOSED' });
  expect(await attemptTo(url, { transport })).toMatchObject({ errorCode: 'CLOSED' });
  expect(requests).toBe(3);
});

test('a server that closes after each answer without saying so takes sixty in a row', async () => {
  const port = await openRaw((socket) =>
    readRequest(socket, () => {
      socket.write(OK);
      setImmediate(() => socket.end());
    }),
  );
  const transport = await openTestTransport();
  for (let n = 0; n < 60; n++)
    expect(await attemptTo(`http://127.0.0.1:${port}/`, { transport })).toMatchObject({ outcome: 'delivered' });
});

test('after a failure the transport works on', async () => {
  let count = 0;
  const port = await openRaw((socket) =>
    readRequest(socket, () => {
      if (++count === 1) socket.end('nonsense');
      else socket.write(OK);
    }),
  );
  const transport = await openTestTransport();
  const url = `http://127.0.0.1:${port}/`;
  expect(await attemptTo(url, { transport })).toMatchObject({ errorCode: 'NOT_HTTP' });
  expect(await attemptTo(url, { transport })).toMatchObject({ outcome: 'delivered' });
});

test('a redirect is an answer and is not followed', async () => {
  const { port: target, seen } = await openRecorder();
  const port = await openServer(
    createHttp((_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${target}/` }).end()),
  );
  expect(await attemptTo(`http://127.0.0.1:${port}/`)).toMatchObject({
    outcome: 'refused',
    status: 302,
    errorCode: 'HTTP_302',
    error: expect.stringContaining('redirects are not followed'),
  });
  expect(seen).toEqual([]);
});

test('nothing listening', async () => {
  const server = createTcp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  expect(await attemptTo(`http://127.0.0.1:${port}/`)).toMatchObject({
    id: 'id-1700000000000',
    deliveryId: 'delivery',
    number: 1,
    outcome: 'unreachable',
    status: null,
    errorCode: 'ECONNREFUSED',
    error: expect.stringContaining(`127.0.0.1:${port}`),
    hint: expect.any(String),
    responseHeaders: [],
    responseBytes: 0,
    remoteAddress: null,
    tls: null,
  });
});

test('a name that cannot exist', async () => {
  // RFC 6761: .invalid is never in DNS; a machine without DNS at all says EAI_AGAIN.
  const attempt = await attemptTo('http://nowhere.invalid/', { timeoutMs: 5000 });
  expect(attempt).toMatchObject({
    outcome: 'unreachable',
    errorCode: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN|TIMEOUT)$/),
    error: expect.stringContaining('nowhere.invalid'),
  });
});

test('closing the transport ends what is under way', async () => {
  const port = await openRaw(() => undefined);
  const transport = await openTestTransport();
  const attempt = attemptTo(`http://127.0.0.1:${port}/`, { transport });
  setTimeout(() => void transport.close(), 50);
  expect(await attempt).toMatchObject({
    outcome: 'unreachable',
    errorCode: expect.stringMatching(/^(ABORTED|CLOSED)$/),
  });
});
