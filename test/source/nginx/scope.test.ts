import { expect, test } from 'vitest';
import { readPeer, type Address } from '../../../src/source/address.ts';
import { COMMANDS } from '../../../src/source/nginx/commands.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { scopeOf } from '../../../src/source/nginx/scope.ts';
import type { Decision } from '../../../src/source/rules/server-rules.ts';

test('every directive of nginx is in exactly one list of the scope', () => {
  const wrong = [...COMMANDS.keys()].filter((name) => scopeOf(name).length !== 1);
  expect(wrong.map((name) => `${name}: ${scopeOf(name).join(', ')}`)).toEqual([]);
});

const decide = (http: string, headers: [string, string][] = []): Decision =>
  openNginx({ file: 'nginx.conf', text: `events { } http { ${http} }` }, () => []).decide({
    path: '/hook',
    host: 'hooks.test',
    port: null,
    peer: readPeer('185.136.200.1') as Address,
    headers,
  });
const hook = (location: string, server = '', listen = '443 ssl'): string =>
  `server { listen ${listen}; server_name hooks.test; ${server} location /hook { ${location} proxy_pass http://127.0.0.1:9000; } }`;

test.each<[what: string, http: string, outcome: Decision['outcome'], because: RegExp]>([
  [
    'a module that nobody here knows',
    hook('srcache_fetch GET /a;'),
    'undecided',
    /the effect of srcache_fetch is unknown/,
  ],
  ['one around', `${hook('')} nps_rules on;`, 'undecided', /the effect of nps_rules is unknown/],
  [
    'a handler that nobody here knows',
    hook('').replace('proxy_pass http://127.0.0.1:9000', 'redis_pass a:1'),
    'undecided',
    /redis_pass/,
  ],
  ['a program of the server', hook('', 'server_rewrite_by_lua_file a.lua;'), 'undecided', /is a program/],
  ['an answer from the cache', hook('proxy_cache a; proxy_cache_methods GET POST;'), 'undecided', /from the cache/],
  ['a cache of other methods', hook('proxy_cache a; proxy_cache_methods GET HEAD;'), 'admitted', /no allow/],
  ['a module without a word about callers', hook('brotli on; more_set_headers "A: b";'), 'admitted', /no allow/],
  ['a handshake that is refused', hook('', 'ssl_reject_handshake on;'), 'refused', /ssl_reject_handshake on/],
  ['a handshake that would be', hook('', 'ssl_reject_handshake on;', '80'), 'admitted', /no allow/],
  ['ssl in a line of its own', hook('', 'ssl on; ssl_verify_client on;', '443'), 'undecided', /client certificate/],
  ['satisfy_any', hook('satisfy_any on; auth_basic a; auth_basic_user_file b; allow all;'), 'admitted', /allow all/],
])('%s', (_, http, outcome, because) => {
  expect(decide(http)).toMatchObject({ outcome, because: expect.stringMatching(because) });
});

test('a limit of rate stands beside the decision', () => {
  expect(decide(`limit_req_zone $binary_remote_addr zone=a:1m rate=1r/s; ${hook('limit_req zone=a;')}`)).toMatchObject({
    outcome: 'admitted',
    doubts: [expect.objectContaining({ text: 'limit_req refuses who sends too often' })],
  });
});

test('a geo is looked up once, and anew where it is volatile', () => {
  const here = 'set_real_ip_from 185.136.200.1; real_ip_header X-Real-IP; deny 192.0.2.1; error_page 403 = @real;';
  const real = 'location @real { if ($near) { return 403; } proxy_pass http://127.0.0.1:9000; }';
  const http = (volatile: string): string =>
    `geo $near { ${volatile} default 0; 192.0.2.1 1; } ${hook(here, `if ($near) { return 403; } ${real}`)}`;
  const headers: [string, string][] = [['X-Real-IP', '192.0.2.1']];
  expect(decide(http(''), headers).outcome).toBe('admitted');
  expect(decide(http('volatile;'), headers).outcome).toBe('refused');
});
