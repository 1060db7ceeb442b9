import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request, type OutgoingHttpHeaders } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readPeer } from '../../src/source/address.ts';
import { openNginx } from '../../src/source/nginx/open-nginx.ts';
import { makeReadIncluded, readConfigFile } from '../../src/source/rules/read-included.ts';
import type { Decision, ServerRules } from '../../src/source/rules/server-rules.ts';
import { startServer } from './server-process.ts';

/** A POST as a test asks it. */
export interface Call {
  path?: string;
  /** None: that of the default server. */
  host?: string;
  /** An address of this machine: 127.x.y.z or ::1. */
  from?: string;
  headers?: Record<string, string | string[]>;
  /** The second port instead of the first. */
  other?: boolean;
  /** The address that is called, and the socket that it comes in by. */
  at?: { address: string; door: string };
  /** Whom the PROXY protocol names in front of the request. */
  proxied?: string;
}

/** What the server did. */
export interface Reaction {
  /** Null: it closed the connection without an answer. */
  status: number | null;
  /** The upstream got the POST. */
  isReached: boolean;
}

export interface RulesServer {
  rules: ServerRules;
  port: number;
  other: number;
  post(call: Call): Promise<Reaction>;
  stop(): Promise<void>;
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((what) => `${what}_temp_path ${what};`)
  .join(' ');
const HANDLER = 'x-reached-by';

/**
 * A plain-http nginx with this content of http {}, and the same file as hookproof reads it. LISTEN stands for both
 * loopback addresses, PORT and OTHER for the ports, UPSTREAM for an application that answers 200. `files` are put beside
 * it.
 */
export async function startRules(http: string, files: Record<string, string> = {}): Promise<RulesServer> {
  const upstream = createServer((message, response) => {
    message.resume();
    response.writeHead(200, { [HANDLER]: message.method ?? '' }).end('ok');
  });
  await new Promise<void>((ready) => {
    upstream.listen(0, '127.0.0.1', ready);
  });
  const close = async (): Promise<void> => {
    upstream.closeAllConnections();
    await new Promise((closed) => {
      upstream.close(closed);
    });
  };
  let rules: ServerRules | undefined;
  try {
    const server = await startServer({
      program: 'nginx',
      names: ['main', 'other'],
      configure: (folder, port) => {
        const fill = (text: string): string =>
          text
            .replaceAll('LISTEN', `listen 127.0.0.1:${port('main')}; listen [::1]:${port('main')}`)
            .replaceAll('UPSTREAM', `127.0.0.1:${(upstream.address() as AddressInfo).port}`)
            .replaceAll('PORT', String(port('main')))
            .replaceAll('OTHER', String(port('other')));
        for (const [name, text] of Object.entries({ 'html/ok.html': 'ok', ...files })) {
          mkdirSync(join(folder, name, '..'), { recursive: true });
          writeFileSync(join(folder, name), fill(text));
        }
        const spare = http.includes('OTHER') ? '' : 'server { listen 127.0.0.1:OTHER; return 404; }';
        writeFileSync(
          join(folder, 'nginx.conf'),
          fill(
            `daemon off; master_process off; pid nginx.pid; events {} http { access_log off; ` +
              `server_names_hash_bucket_size 128; server_names_hash_max_size 4096; ${TEMPORARY}\n${http}\n${spare}\n}`,
          ),
        );
        rules = openNginx(readConfigFile(join(folder, 'nginx.conf')), makeReadIncluded());
        return ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'];
      },
    });
    const ports = { main: server.port('main'), other: server.port('other') };
    const stop = async (): Promise<void> => {
      await server.stop();
      await close();
    };
    return {
      rules: rules as ServerRules,
      port: ports.main,
      other: ports.other,
      post: (call) => post(call.other === true ? ports.other : ports.main, call),
      stop,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const isIpv6 = (address: string): boolean => address.includes(':');

function post(
  port: number,
  { path = '/hook', host = 'nobody.test', from = '127.0.0.1', headers = {}, at, proxied }: Call,
): Promise<Reaction> {
  const called = at?.address ?? (isIpv6(from) ? '::1' : '127.0.0.1');
  const sent: OutgoingHttpHeaders = { ...headers, host, 'content-length': 2, connection: 'close' };
  return new Promise((resolve) => {
    const call = request(
      {
        path,
        method: 'POST',
        createConnection: () => {
          const socket = connect({ host: called, port, localAddress: from });
          if (proxied !== undefined) socket.write(`PROXY TCP4 ${proxied} 192.0.2.250 40000 443\r\n`);
          return socket;
        },
        headers: sent,
      },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? null, isReached: response.headers[HANDLER] === 'POST' });
      },
    );
    call.on('error', () => resolve({ status: null, isReached: false }));
    call.end('{}');
  });
}

export function outcomeOf({ status, isReached }: Reaction): Decision['outcome'] {
  return isReached || (status !== null && status < 300) ? 'admitted' : 'refused';
}

/** What hookproof says of the same call. */
export function decideCall(
  { rules, port, other }: RulesServer,
  { path = '/hook', host, from = '127.0.0.1', headers = {}, other: isOther, at, proxied }: Call,
): Decision {
  const peer = readPeer(from);
  const named = readPeer(proxied ?? from);
  if (peer === null || named === null) throw new Error(`${from} or ${proxied} is no address`);
  return rules.decide({
    path,
    host: host ?? null,
    port: isOther === true ? other : port,
    peer,
    ...(at === undefined ? {} : { door: at.door.replace('PORT', String(isOther === true ? other : port)) }),
    ...(proxied === undefined ? {} : { proxied: named }),
    headers: Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const)),
  });
}
