import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { makeReadIncluded } from '../../../src/source/rules/read-included.ts';
import type { RefusedLine } from '../../../src/source/rules/server-rules.ts';
import { testFolder } from '../../helpers/folder.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { hasNginx } from '../../helpers/nginx.ts';
import { syntaxError } from '../../helpers/server-process.ts';
import { CONFIGURATIONS } from './configurations.ts';
import { cpuMsOf } from '../../helpers/cpu-time.ts';

const nowhere = makeReadIncluded();
const refusedOf = (text: string): readonly RefusedLine[] =>
  openNginx({ file: '/etc/nginx/nginx.conf', text }, nowhere).refused ?? [];
/** The refused lines, or why the configuration could not be read at all. */
function complaints(text: string): string[] {
  try {
    return refusedOf(text).map((one) => one.text);
  } catch (error) {
    return [(error as Error).message];
  }
}

/** What the real nginx says, with all that it would write in a folder of its own. */
function askNginx(text: string): string | null {
  const folder = testFolder();
  writeFileSync(join(folder, 'nginx.conf'), `pid missing/nginx.pid; ${text}`);
  const said = syntaxError('nginx', ['-t', '-p', folder, '-c', 'nginx.conf', '-e', 'error.log']) ?? '';
  return said.includes('syntax is ok') && !/\[emerg\](?!.*missing\/nginx\.pid)/.test(said) ? null : said;
}

const AROUND = 'listen 8080; server_name a.test;';
const http = (content: string): string => `events { } http { ${content} }`;
const server = (content: string): string => http(`server { ${AROUND} ${content} }`);
const hook = (content: string): string => server(`location /hook { ${content} proxy_pass http://127.0.0.1:9000; }`);
const LIST = 'allow 185.136.200.0/22; deny all;';

const REFUSED: Record<string, string> = {
  'a range of geo around another one': http(
    'geo $a { ranges; 10.0.0.10-10.0.0.20 2; 10.0.0.0-10.0.0.255 1; } server { }',
  ),
  'a range of geo that overlaps another one': http(
    'geo $a { ranges; 10.0.0.0-10.1.0.20 2; 10.1.0.10-10.1.0.30 1; } server { }',
  ),
  'allow in if of a location': hook(`if ($http_x) { allow 185.136.200.0/22; } deny all;`),
  'deny in if of a server': server(`if ($http_x) { deny all; } location /hook { ${LIST} }`),
  'allow in an upstream': http(`upstream a { server 127.0.0.1; ${LIST} } server { }`),
  'allow on the main level': `${LIST} events { } http { server { } }`,
  'allow in events': 'events { deny all; } http { server { } }',
  'location in if': server('if ($http_x) { location /hook { deny all; } }'),
  'location in http': http(`location /hook { ${LIST} } server { }`),
  'server within server': server(`server { ${LIST} }`),
  'server outside http': `events { } http { server { } } server { location /hook { ${LIST} } }`,
  'server outside http, without http': `events { } server { location /hook { ${LIST} } }`,
  'http within http': http(`http { server { } }`),
  'http twice': 'events { } http { server { } } http { server { } }',
  'events twice': 'events { } events { } http { server { } }',
  'no events': 'http { server { } }',
  'listen in a location': hook('listen 8081;'),
  'proxy_pass in a server': server(`${LIST} proxy_pass http://127.0.0.1:9000;`),
  'if in http': http('if ($http_x) { return 403; } server { }'),
  'satisfy in if': hook('if ($http_x) { satisfy any; }'),
  'auth_basic in if': hook('if ($http_x) { auth_basic off; }'),
  'limit_except in a server': server('limit_except GET { deny all; }'),
  'set_real_ip_from in if': hook('if ($http_x) { set_real_ip_from 10.0.0.1; }'),
  'a location twice': server(`location /hook { ${LIST} } location /hook { return 200; }`),
  'a location twice, with ^~': server(`location /hook { ${LIST} } location ^~ /hook { return 200; }`),
  'an exact location twice': server(`location = /hook { ${LIST} } location = /hook { return 200; }`),
  'a location outside its own': server(`location /hook { location /other { ${LIST} } }`),
  'a location within an exact one': server(`location = /hook { location /hook/a { ${LIST} } }`),
  'a named location within another': server(`location /hook { location @a { ${LIST} } }`),
  'an unknown modifier': server(`location ~= /hook { ${LIST} }`),
  'a third word': server(`location = /hook a { ${LIST} }`),
  'satisfy some': hook(`satisfy some; ${LIST}`),
  'satisfy twice': hook(`satisfy any; satisfy all; ${LIST}`),
  'satisfy with two words': hook(`satisfy any all; ${LIST}`),
  'real_ip_recursive yes': hook(`real_ip_recursive yes; ${LIST}`),
  'real_ip_header twice': hook(`real_ip_header X-Real-IP; real_ip_header X-Forwarded-For; ${LIST}`),
  'internal no': hook(`internal no; ${LIST}`),
  'deny without a word': hook('allow 185.136.200.0/22; deny;'),
  'allow of two networks': hook('allow 185.136.200.0/22 192.0.2.1; deny all;'),
  'allow of a name': hook('allow vendor.test; deny all;'),
  'allow as a block': hook('allow { 185.136.200.0/22; } deny all;'),
  'location as a line': server('location /hook;'),
  'deny all without ;': hook('allow 185.136.200.0/22; deny all\n'),
  'a block that is not closed': 'events { } http { server { ',
  'an unknown variable in if': hook(`if ($trusted) { return 403; } ${LIST}`),
  'an unknown variable in return': hook('return 403 $whoever;'),
  'an unknown variable in map': http('map $trusted $b { default 1; } server { }'),
  'an unknown variable in set': hook('set $a $trusted;'),
  'set of an address': hook('set $remote_addr 127.0.0.1;'),
  'set without $': hook('set a 1;'),
  'map to no variable': http('map $host a { default 1; } server { }'),
  'map to a variable of its own': http('map $host $uri { default 1; } server { }'),
  'if without parentheses': hook('if $http_x { return 403; }'),
  'if with ==': hook('if ($http_x == 1) { return 403; }'),
  'return of a word': hook('return forbidden;'),
  'rewrite with a flag that is none': hook('rewrite ^ /a final;'),
  'error_page for 200': hook('error_page 200 /a;'),
  'limit_except of a method that is none': hook('limit_except POTS { deny all; }'),
  'listen on no port': http('server { listen 127.0.0.1:http; }'),
  'listen on port 70000': http('server { listen 70000; }'),
  'listen with a word that is none': http('server { listen 8080 defualt_server; }'),
  'listen twice': http('server { listen 8080; listen 8080; }'),
  'two defaults': http('server { listen 8080 default_server; } server { listen 8080 default_server; }'),
  'proxy_pass to a name': server('location /hook { proxy_pass backend; }'),
  'proxy_pass twice': hook('proxy_pass http://127.0.0.1:9001;'),
  'proxy_pass with a path in an expression': server('location ~ ^/hook { proxy_pass http://127.0.0.1:9000/a; }'),
  'proxy_pass with a path in if': hook('if ($http_x) { proxy_pass http://127.0.0.1:9000/a; }'),
  'root and alias': hook('root /a; alias /b;'),
  'an upstream without servers': http('upstream a { } server { }'),
  'an upstream twice': http('upstream a { server 127.0.0.1; } upstream a { server 127.0.0.1; } server { }'),
  'a size that is none': hook('client_max_body_size big;'),
  'a time that is none': hook('proxy_read_timeout soon;'),
  'an expression of a location that is none': server('location ~ ^/(hook { deny all; }'),
  'an expression of rewrite that is none': hook('rewrite ( /a;'),
  'an expression of a map that is none': http('map $uri $a { "~(" 1; } server { }'),
  'an expression of server_name that is none': http('server { server_name ~(; }'),
  'a server_name with a star before no dot': http('server { server_name *a*; }'),
  'a map of two values': http('map $uri $a { default a b; } server { }'),
  'a map without a value': http('map $uri $a { a; } server { }'),
  'a map of one text twice': http('map $uri $a { a 1; A 2; } server { }'),
  'a geo without a value': http('geo $a { default; } server { }'),
  'set_real_ip_from of no network': hook('set_real_ip_from 10.0.0.0/33;'),
  'limit_rate of no size': hook('limit_rate fast;'),
  'keepalive_timeout of no time': hook('keepalive_timeout long;'),
  'ssl_protocols that are none': server('ssl_protocols TLSv9;'),
  'ssl_session_cache that is none': server('ssl_session_cache some;'),
  'a zone without a size': http('limit_req_zone $uri zone=a rate=1r/s; server { }'),
  'a server of an upstream with a word that is none': http('upstream a { server 127.0.0.1 wieght=2; } server { }'),
  'keepalive of no number': http('upstream a { server 127.0.0.1; keepalive some; } server { }'),
  'proxy_redirect of a word': hook('proxy_redirect some;'),
  'a directive that is none': hook('permit all;'),
  'case counts': hook('Deny all;'),
};

test.each(Object.entries(REFUSED))('is refused: %s', (_, text) => {
  const rules = complaints(text);
  const names = rules.length > 0 ? [] : (openNginx({ file: 'nginx.conf', text }, nowhere).unknown?.directives ?? []);
  expect([...rules, ...names]).not.toEqual([]);
});

test('the words are those of nginx, and the line is named', () => {
  expect(refusedOf(`events { }\nhttp { server {\nif ($http_x) {\nallow 192.0.2.1; } } }`)).toEqual([
    expect.objectContaining({
      text: '"allow" directive is not allowed here',
      fix: 'allow belongs in http, server, location, limit_except',
      isCertain: true,
      place: expect.objectContaining({ line: 4 }),
    }),
  ]);
});

test('two lines for one text are found in a long map, too, and in no time', () => {
  const lines = Array.from({ length: 100_000 }, (_, index) => `text${index} 1;`).join('\n');
  const cpuMs = cpuMsOf(() => {
    expect(refusedOf(http(`map $http_x $ok {\n${lines}\n} server { }`))).toEqual([]);
    expect(refusedOf(http(`map $http_x $ok {\n${lines}\ntext99998 0;\n} server { }`))).toEqual([
      expect.objectContaining({ text: 'conflicting parameter "text99998"' }),
    ]);
  });
  expect(cpuMs).toBeLessThan(8000);
});

const ACCEPTED: Record<string, string> = {
  'options of allow and satisfy': hook(`satisfy any; auth_basic off; ${LIST} limit_except GET { deny all; }`),
  'flags and words in capitals': hook('satisfy ANY; real_ip_recursive ON;'),
  conditions: hook(
    'if ($a) { } if ($http_x = "") { } if ($http_x != a) { } if ($uri ~* "^/(a|b)$") { } if (!-f $request_filename) { } ' +
      'if ( $http_x ) { } set $a 1;',
  ),
  'variables that are defined': http(
    'map $http_a $b { default 1; ~^(?<c>.) $c; } geo $d { default 0; } geo $arg_a $e { default 0; } ' +
      'split_clients $b $f { * a; } limit_req_zone $binary_remote_addr zone=a:1m rate=1r/s; log_format x "$gzip_ratio $pipe"; ' +
      'server { listen 8080; server_name ~^(?<g>.+)\\.test$; return 200 "$b$d$e$f$g$cookie_a$sent_http_a$upstream_http_a"; }',
  ),
  'an if in an if of another kind': server('if ($http_x) { return 403; } location / { if ($http_x) { break; } }'),
  'locations within': server(
    'location / { location /a { } location ~ b { } location = /c { } } location ~ / { } location ~ / { }',
  ),
  'a handler in if, and in limit_except': hook(
    'if ($http_x) { proxy_pass http://127.0.0.1:9001; } limit_except GET { proxy_pass http://127.0.0.1:9002; }',
  ),
  sockets: http(
    'server { listen 8080 default_server reuseport; listen 127.0.0.1:8081; listen [::1]:8082 ipv6only=on; ' +
      'listen unix:/tmp/a.sock; listen localhost; listen 8090-8092; }',
  ),
  proxies: http(
    'upstream a { server 127.0.0.1:1 weight=2; server 127.0.0.1:2 backup; keepalive 4; } ' +
      'server { location /a { proxy_pass http://a/; } location ~ ^/b { proxy_pass http://a; } location /c { proxy_pass $uri; } ' +
      'location ~ /d { proxy_pass http://unix:/tmp/a.sock; } location ~ e { proxy_pass http://a/$uri; } }',
  ),
  tables: http(
    'types { text/html html; } charset_map koi8-r utf-8 { C0 D18E ; } map $uri $a { volatile; hostnames; default b; } server { }',
  ),
  'names and tables': http(
    'map $host $a { hostnames; volatile; default 0; *.a.test 1; .b.test 2; c.* 3; ~^d(?<e>.) 4; ~*^D 5; "" 6; } ' +
      'geo $b { ranges; default 0; 10.0.0.0-10.0.0.9 1; } limit_req_zone $uri zone=c:1m rate=10r/m; ' +
      'upstream u { server 127.0.0.1 weight=2 max_fails=3 fail_timeout=5s max_conns=9; server unix:/tmp/u backup; ' +
      'keepalive 4; } server { server_name "" _ a.test *.a.test .b.test c.* ~^d(?<f>[a-z]++)$; ' +
      'ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:S:1m; ' +
      'location ~* "^/(?i:a){1,2}[[:alpha:]]" { limit_rate $a; keepalive_timeout 75s 60s; proxy_redirect off; ' +
      'proxy_pass http://u; } }',
  ),
  'times and sizes': hook(
    'client_max_body_size 0; proxy_read_timeout 1h 30m; keepalive_timeout 75s 60s;'.replace('1h 30m', '"1h 30m"'),
  ),
};

test.each(Object.entries(ACCEPTED))('is taken: %s', (_, text) => {
  expect(complaints(text)).toEqual([]);
});

const filled = (text: string): string =>
  text
    .replaceAll('LISTEN', 'listen 8080')
    .replaceAll('UPSTREAM', '127.0.0.1:9000')
    .replaceAll('PORT', '8080')
    .replaceAll('OTHER', '8081')
    .replaceAll(/\binclude [^;]*;/g, '');

test.each(Object.entries(CONFIGURATIONS))('is taken, as the server that ran takes it: %s', (_, { http: content }) => {
  expect(complaints(http(`${filled(content)}\nserver { listen 8089; }`))).toEqual([]);
});

describe.skipIf(!hasNginx)(`the real program${hasNginx ? '' : ' (skipped: nginx is not installed)'}`, () => {
  test.each(Object.entries(REFUSED))('refuses: %s', (_, text) => {
    expect(askNginx(text)).not.toBeNull();
  });
  test.each(Object.entries(ACCEPTED))('takes: %s', (_, text) => {
    expect(askNginx(text)).toBeNull();
  });
});

/** What nginx -t does not see: two sockets of which the second cannot be bound. The port of each is a free one. */
const SOCKETS: [listens: string, canBegin: boolean][] = [
  ['listen PORT; listen [::]:PORT ipv6only=off;', false],
  ['listen 127.0.0.1:PORT; } server { listen [::]:PORT ipv6only=off;', false],
  ['listen PORT; listen [::]:PORT;', true],
  ['listen PORT reuseport; listen [::]:PORT ipv6only=off reuseport;', true],
  ['listen PORT; listen [::1]:PORT ipv6only=off;', true],
  ['listen [::]:PORT ipv6only=off;', true],
];

test.each(SOCKETS)('sockets of both families on one port: %s', (listens, canBegin) => {
  expect(complaints(http(`server { ${listens.replaceAll('PORT', '8080')} }`)).length === 0).toBe(canBegin);
});

test.skipIf(!hasNginx)('the real program does not begin with such sockets', async () => {
  const [port] = await freePorts(1);
  const folder = testFolder();
  const text = `daemon off; pid nginx.pid; ${http(`server { ${SOCKETS[0]?.[0].replaceAll('PORT', String(port))} }`)}`;
  writeFileSync(join(folder, 'nginx.conf'), text);
  expect(syntaxError('nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'])).toContain('could not bind');
});
