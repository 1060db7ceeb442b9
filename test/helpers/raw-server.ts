import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP server on a free loopback port that does with each connection whatever the test wants. Returns its port. */
export function openRaw(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  return openServer(createServer(onConnection), host);
}

/** Answers every request with these bytes once it has begun to arrive, and leaves the connection open. */
export function openAnswering(bytes: string | Uint8Array): Promise<number> {
  return openRaw((socket) => {
    socket.once('data', () => socket.write(bytes));
  });
}

/** Answers with `bytes` and closes properly. */
export function openClosing(bytes: string | Uint8Array): Promise<number> {
  return openRaw((socket) => {
    socket.once('data', () => socket.end(bytes));
  });
}

/**
 * Puts any server of node:net, tls, http, https or http2 on a port, a free one by default, until the test ends. Returns
 * the port.
 */
export async function openServer(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    // Clients of these tests leave rudely.
    socket.on('error', () => undefined);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
  await new Promise<void>((ready, fail) => {
    server.once('error', fail);
    server.listen(port, host, ready);
  });
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** Collects the bytes of one request, with a body of `Content-Length`, and gives them to `done`. */
export function readRequest(socket: Socket, done: (head: string, body: Buffer) => void): void {
  let seen = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = seen.subarray(0, end + 4).toString('latin1');
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (seen.length < end + 4 + length) return;
    const body = seen.subarray(end + 4, end + 4 + length);
    seen = seen.subarray(end + 4 + length);
    done(head, body);
  });
}
