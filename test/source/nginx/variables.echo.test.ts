import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPeer, type Address } from '../../../src/source/address.ts';
import { readNginxConfig } from '../../../src/source/nginx/config.ts';
import { parseNginxConfig } from '../../../src/source/nginx/parse.ts';
import { isUnknown, type RequestState } from '../../../src/source/nginx/request.ts';
import { simulate } from '../../../src/source/nginx/simulate.ts';
import { BUILT_IN_NAMES, readVariable } from '../../../src/source/nginx/variables.ts';
import { hasNginx } from '../../helpers/nginx.ts';
import { startRules, type RulesServer } from '../../helpers/nginx-rules.ts';
import { titleOf } from '../../helpers/server-process.ts';

const NAMES = [
  ...BUILT_IN_NAMES,
  'http_x_forwarded_for',
  'http_x_real_ip',
  'http_x_key',
  'http_user_agent',
  'http_content_type',
  'http_forwarded',
  'cookie_a',
  'arg_a',
  'args',
  'query_string',
  'is_args',
  'mapped',
  'from',
  'kept',
];
const ECHO = `return 200 "${NAMES.map((name) => `${name}=\${${name}}`).join('\\n')}\\n";`;
/** What a caller is seen as, by a map and a geo; and a value that `set` keeps. */
const TABLES =
  'map $remote_addr $mapped { volatile; 127.0.0.1 here; default there; } geo $from { 127.0.0.0/30 near; default far; }';
const site = (listen: string, name: string, more = ''): string =>
  `server { ${listen} server_name ${name} other.test; ${more} set $kept "$remote_addr $uri"; location / { ${ECHO} } }`;
const HTTP = [
  TABLES,
  site('LISTEN;', 'hooks.test'),
  site(
    'LISTEN;',
    'behind.test',
    'set_real_ip_from 127.0.0.0/30; set_real_ip_from ::1; real_ip_header X-Forwarded-For; real_ip_recursive on;',
  ),
  site('listen [::]:OTHER ipv6only=off proxy_protocol;', 'proxied.test'),
].join('\n');

interface EchoCall {
  host: string;
  path?: string;
  from?: string;
  headers?: Record<string, string | string[]>;
  proxied?: string;
  door?: string;
}

const CALLS: Record<string, EchoCall> = {
  'a plain call': { host: 'hooks.test', headers: { 'X-Key': 'a b', 'User-Agent': 'x' } },
  'a host with a port, in capitals': { host: 'HOOKS.test:8080' },
  'a host with a dot at its end': { host: 'hooks.test.' },
  'a host that none has': { host: 'nobody.test' },
  'another name': { host: 'other.test' },
  'a path that is not normal': { host: 'hooks.test', path: '/a//b/%41/../h%6fok/.' },
  IPv6: { host: 'hooks.test', from: '::1' },
  'another address': { host: 'hooks.test', from: '127.0.0.9' },
  'headers that claim': {
    host: 'hooks.test',
    headers: { 'X-Forwarded-For': '192.0.2.1', 'X-Real-IP': '192.0.2.2', Forwarded: 'for=192.0.2.3' },
  },
  'a header twice': { host: 'hooks.test', headers: { 'X-Forwarded-For': ['192.0.2.1', '192.0.2.2'] } },
  'a proxy that is believed': { host: 'behind.test', headers: { 'X-Forwarded-For': '192.0.2.1, 127.0.0.2' } },
  'a proxy that is believed, by IPv6': {
    host: 'behind.test',
    from: '::1',
    headers: { 'X-Forwarded-For': '2001:DB8::1' },
  },
  'a proxy that is not': { host: 'behind.test', from: '127.0.0.9', headers: { 'X-Forwarded-For': '192.0.2.1' } },
  'a proxy that says nothing': { host: 'behind.test' },
  'the PROXY protocol': { host: 'proxied.test', proxied: '192.0.2.7', door: '[::]:OTHER' },
};

describe.skipIf(!hasNginx)(titleOf('nginx says of its variables what the simulation does', hasNginx), () => {
  let server: RulesServer;
  let text = '';
  beforeAll(async () => {
    server = await startRules(HTTP);
    text = `events { } http { ${HTTP} }`
      .replaceAll('LISTEN', `listen 127.0.0.1:${server.port}; listen [::1]:${server.port}`)
      .replaceAll('OTHER', String(server.other));
  });
  afterAll(() => server?.stop());

  test.each(Object.entries(CALLS))('%s', async (_, call) => {
    const port = call.proxied === undefined ? server.port : server.other;
    const said = new Map(
      (await echo(port, call)).split('\n').map((line) => [line.replace(/=.*/, ''), line.replace(/^\w+=/, '')] as const),
    );
    const state = stateAfter(text, port, call);
    const known = NAMES.flatMap((name) => {
      const value = readVariable(state, name, { file: '', line: 1, text: '' });
      return isUnknown(value) ? [] : [[name, value] as const];
    });
    expect(known.length).toBeGreaterThan(15);
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(known.map(([name]) => [name, said.get(name)])));
  });
});

function stateAfter(
  text: string,
  port: number,
  { host, path = '/hook', from = '127.0.0.1', headers = {}, proxied, door }: EchoCall,
): RequestState {
  const config = readNginxConfig(
    parseNginxConfig({ file: 'nginx.conf', text }, () => []),
    'nginx.conf',
  );
  const [run] = simulate(config, {
    path,
    host,
    port,
    peer: readPeer(from) as Address,
    ...(proxied === undefined ? {} : { proxied: readPeer(proxied) as Address }),
    ...(door === undefined ? {} : { door: door.replace('OTHER', String(port)) }),
    headers: Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const)),
  }).all;
  if (run === undefined || run.state === null) throw new Error('no server was reached');
  return run.state;
}

function echo(
  port: number,
  { host, path = '/hook', from = '127.0.0.1', headers = {}, proxied }: EchoCall,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        path,
        method: 'POST',
        headers: { ...headers, Host: host, 'Content-Length': 0, Connection: 'close' },
        createConnection: () => {
          const socket = connect({ host: from.includes(':') ? '::1' : '127.0.0.1', port, localAddress: from });
          if (proxied !== undefined) socket.write(`PROXY TCP4 ${proxied} 192.0.2.250 40000 443\r\n`);
          return socket;
        },
      },
      (response) => {
        const parts: Buffer[] = [];
        response
          .on('data', (part: Buffer) => parts.push(part))
          .on('end', () => resolve(Buffer.concat(parts).toString('latin1')));
      },
    );
    call.on('error', reject).end();
  });
}
