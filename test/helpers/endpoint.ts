import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Seen {
  method: string;
  path: string;
  headers: Record<string, string>;
  rawHeaders: string[];
  body: Buffer;
}

export interface Endpoint {
  url: string;
  /** Every request so far, in order. */
  seen: Seen[];
}

/** A real HTTP endpoint on a free loopback port that records what it gets; gone when the test ends. */
export async function openEndpoint(
  answer: (response: ServerResponse, seen: Seen, count: number) => void = (response) => void response.end('ok'),
): Promise<Endpoint> {
  const seen: Seen[] = [];
  const server = createServer(
    (request, response) =>
      void take(request).then((one) => {
        seen.push(one);
        answer(response, one, seen.length);
      }),
  );
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, seen };
}

async function take(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers as Record<string, string>,
    rawHeaders: request.rawHeaders,
    body: Buffer.concat(chunks),
  };
}
