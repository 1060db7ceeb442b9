import { expect, test } from 'vitest';
import { readPeer, type Address } from '../../../src/source/address.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import type { Decision, Note } from '../../../src/source/rules/server-rules.ts';

const LIST = 'allow 185.136.200.0/22; deny all;';
const outer = (target: string): string =>
  `server { listen 443 ssl; server_name hooks.test; location /hook { ${LIST} proxy_pass ${target}; } }`;
const inner = (listen: string, rules = 'deny all;'): string =>
  `server { listen ${listen}; server_name app; location / { ${rules} proxy_pass http://192.0.2.50; } }`;
const decide = (http: string, from = '185.136.200.1'): Decision =>
  openNginx({ file: 'conf', text: `events { } http { ${http} }` }, () => []).decide({
    path: '/hook',
    host: 'hooks.test',
    port: 443,
    peer: readPeer(from) as Address,
    headers: [],
  });

test.each<[what: string, http: string]>([
  ['by its address', outer('http://127.0.0.1:8080') + inner('127.0.0.1:8080')],
  ['that listens everywhere', outer('http://localhost:8080/') + inner('8080')],
  ['by IPv6', outer('http://[::1]:8080') + inner('[::]:8080')],
  ['without a port', outer('http://127.0.0.1') + inner('80')],
  ['at an address of its own', outer('http://10.0.0.5:8080') + inner('10.0.0.5:8080')],
  [
    'through an upstream',
    `upstream app { server 10.0.0.9:1; server 127.0.0.1:8080; } ${outer('http://app')}${inner('8080')}`,
  ],
  ['by a socket of the file system', outer('http://unix:/run/a.sock:/') + inner('unix:/run/a.sock')],
  ['with a return', outer('http://127.0.0.1:8080') + inner('8080', 'return 403;')],
])('whether another server of the file admits is not told: %s', (_, http) => {
  expect(decide(http)).toMatchObject({
    outcome: 'undecided',
    because: expect.stringContaining('leads to the server at conf:1, which sees this server as the caller'),
  });
  expect(decide(http, '203.0.113.66').outcome).toBe('refused');
});

test('a hop to a server without rules is said', () => {
  expect(decide(outer('http://127.0.0.1:8080') + inner('8080', ''))).toMatchObject({
    outcome: 'admitted',
    doubts: [{ text: expect.stringContaining('leads to the server at conf:1') as string }],
  });
});

test.each<[what: string, http: string]>([
  ['another port', outer('http://127.0.0.1:8081') + inner('8080')],
  ['another machine', outer('http://10.0.0.5:8080') + inner('8080')],
  ['a variable', outer('http://127.0.0.1:$server_port') + inner('8080')],
])('no server of the file: %s', (_, http) => {
  expect(decide(http)).toMatchObject({ outcome: 'admitted', doubts: [] });
});

const stream = (lines: string, listen = '8443 ssl'): readonly Note[] | undefined =>
  openNginx({ file: 'conf', text: `events { }\nstream { ${lines} }\nhttp { server { listen ${listen}; } }` }, () => [])
    .notes;

test.each<[what: string, lines: string, listen?: string]>([
  ['by its address', 'server { listen 443; proxy_pass 127.0.0.1:8443; }'],
  ['by an upstream', 'upstream web { server 127.0.0.1:8443; } server { listen 443; proxy_pass web; }'],
  ['by a map', 'map $ssl_preread_server_name $to { default 127.0.0.1:8443; } server { listen 443; proxy_pass $to; }'],
  ['by a socket of the file system', 'server { listen 443; proxy_pass unix:/run/web.sock; }', 'unix:/run/web.sock'],
])('what stream hands on to http is told: %s', (_, lines, listen) => {
  expect(stream(lines, listen)).toEqual([
    expect.objectContaining({ isOpen: true, place: expect.objectContaining({ line: 2 }) as object }),
  ]);
});

test.each<[what: string, lines: string, listen?: string]>([
  ['another port', 'server { listen 8443; proxy_pass 127.0.0.1:53; }'],
  ['the PROXY protocol', 'server { listen 443; proxy_pass 127.0.0.1:8443; proxy_protocol on; }', '8443 proxy_protocol'],
])('stream hands nothing on to http that it hides: %s', (_, lines, listen) => {
  expect(stream(lines, listen)).toEqual([]);
});
