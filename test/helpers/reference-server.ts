import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { makeSigning } from '../../src/flows/session/make-signing.ts';
import type { Header } from '../../src/model/plan.ts';
import type { Vendor } from '../../src/model/vendor.ts';
import { bugsOf } from '../../src/receive/bugs/list-bugs.ts';
import { makeMemory, receiveRequest } from '../../src/receive/reference-receiver.ts';

export interface ReferenceServer {
  url: string;
  /** Gives the keys of what was processed. */
  effectsUrl: string;
  effects: string[];
  /** Ends as if the process had died. */
  kill(): void;
}

export interface ServerOptions {
  bug?: string;
  /** Where it calls addresses, beside the vendor's hosts, and as which account. */
  callbackOrigin?: string;
  account?: string;
  secret?: string;
  /** Over https: the receiver then insists on a client certificate that the server has verified. */
  tls?: TlsOptions;
  /** A queue behind the receiver: so long after the answer an event counts as processed. */
  effectsAfterMs?: number;
  /**
   * Called before each request is handled, with how many came before: false leaves it without an answer, throwing drops
   * the connection.
   */
  before?: (count: number, server: ReferenceServer) => boolean | void;
}

/**
 * The reference receiver, or one of its bugs, behind a real server on a free loopback port; gone when the test ends.
 */
export async function openReferenceServer(
  vendor: Vendor,
  { bug: name, secret = 'whsec_c2VjcmV0LW9mLXRlc3Rz', tls, effectsAfterMs = 0, before, ...own }: ServerOptions = {},
): Promise<ReferenceServer> {
  const bug = name === undefined ? undefined : bugsOf(vendor).find((one) => one.id === name);
  if (name !== undefined && bug === undefined) throw new Error(`no bug ${name}`);
  const setup = {
    vendor,
    signing: vendor.signature.value === null ? null : makeSigning(vendor, vendor.signature.value, secret),
    bug,
    ...own,
    requiresTls: tls !== undefined,
    requiresClientCertificate: tls !== undefined,
  };
  const memory = makeMemory();
  const requestsOf = new WeakMap<Socket, number>();
  let count = 0;
  const handle: RequestListener = (request, response) =>
    void readBody(request)
      .then((body) => {
        if (request.url === '/processed') return void response.end(JSON.stringify(opened.effects));
        if (before?.(count++, opened) === false) return;
        const nthOnConnection = (requestsOf.get(request.socket) ?? 0) + 1;
        requestsOf.set(request.socket, nthOnConnection);
        const { answer, effects } = receiveRequest(
          {
            method: request.method ?? '',
            path: request.url ?? '',
            headers: pairs(request.rawHeaders),
            body,
            remoteAddress: request.socket.remoteAddress ?? '',
            receivedAtMs: Date.now(),
            isSecure: tls !== undefined,
            hasClientCertificate: (request.socket as TLSSocket).authorized === true,
            nthOnConnection,
          },
          setup,
          memory,
        );
        if (effectsAfterMs > 0) setTimeout(() => opened.effects.push(...effects), effectsAfterMs).unref();
        else opened.effects.push(...effects);
        if (answer.calls !== undefined) void fetch(answer.calls).catch(() => undefined);
        response.writeHead(answer.status, (answer.headers ?? []).flat()).end(answer.body);
      })
      .catch(() => request.socket.destroy());
  const server =
    tls === undefined
      ? createServer(handle)
      : createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, handle);
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${port}`;
  const kill = (): void => {
    server.close();
    server.closeAllConnections();
  };
  const opened: ReferenceServer = { url: `${origin}/hook`, effectsUrl: `${origin}/processed`, effects: [], kill };
  onTestFinished(kill);
  return opened;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function pairs(raw: readonly string[]): Header[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[index * 2] ?? '', raw[index * 2 + 1] ?? '']);
}
