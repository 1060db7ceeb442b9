import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Header } from '../model/plan.ts';

/** A request as it came from the wire: header names keep their letter case, the body its bytes. */
export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: readonly Header[];
  body: Uint8Array;
  remoteAddress: string;
}

export interface Answer {
  status: number;
  headers?: readonly Header[];
  body?: string;
}

export interface Receiver {
  /** `http://127.0.0.1:41234` */
  origin: string;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** A larger body is answered 413 without reading on. */
  maxBodyBytes: number;
}

/** Listens for webhooks and answers each as `answer` says. Rejects with the system's error when the port is taken. */
export async function openReceiver(options: ReceiverOptions, answer: (request: ReceivedRequest) => Answer): Promise<Receiver> {
  const server = createServer((incoming, response) => void respond(incoming, response, options, answer));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    origin: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function respond(incoming: IncomingMessage, response: ServerResponse, options: ReceiverOptions, answer: (request: ReceivedRequest) => Answer): Promise<void> {
  const body = await readBody(incoming, options.maxBodyBytes).catch(() => null);
  if (body === null) {
    response.writeHead(413, { connection: 'close' }).end();
    return;
  }
  const said = answer({
    method: incoming.method ?? 'GET',
    path: incoming.url ?? '/',
    headers: headerPairs(incoming.rawHeaders),
    body,
    remoteAddress: incoming.socket.remoteAddress ?? '',
  });
  response.writeHead(said.status, (said.headers ?? []).flat()).end(said.body ?? '');
}

/** Rejects when the body is too large or the sender breaks off. */
async function readBody(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new Error('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function headerPairs(raw: readonly string[]): Header[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2] as string, raw[index * 2 + 1] as string]);
}
