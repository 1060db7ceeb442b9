import { expect, test } from 'vitest';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { readPeer, type Address } from '../../../src/source/address.ts';
import type { Decision, ServerRules, SimulatedRequest } from '../../../src/source/rules/server-rules.ts';

const open = (text: string): ServerRules => openNginx({ file: 'nginx.conf', text }, () => []);
const APP = 'proxy_pass http://app;';

test.each([
  [
    'a list and its proxy',
    `server { set_real_ip_from 10.0.0.0/8; location /hook { allow 192.0.2.0/24; allow 2001:db8::/32; deny all; ${APP} } location / { allow 198.51.100.0/24; } }`,
    ['10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32'],
  ],
  [
    'a geo',
    `geo $ok { 192.0.2.0/25 1; 192.0.2.4 0; proxy 10.0.0.1; } geo $unused { 203.0.113.0/24 1; } server { location / { if ($ok) { return 403; } ${APP} } }`,
    ['10.0.0.1/32', '192.0.2.0/25', '192.0.2.4/32'],
  ],
  [
    'a geo of ranges',
    `geo $ok { ranges; 192.0.2.3-192.0.2.9 1; } server { location / { if ($ok) { return 403; } ${APP} } }`,
    ['192.0.2.3/32', '192.0.2.9/32'],
  ],
  [
    'a map and conditions',
    String.raw`map $remote_addr $ok { 192.0.2.1 1; ~^198\.51\.100\. 1; } server { location / { if ($ok) { return 403; } if ($remote_addr = 192.0.2.7) { return 403; } if ($remote_addr ~ ^203\.0\.113\.9$) { return 403; } }}`,
    ['192.0.2.1/32', '192.0.2.7/32', '198.51.100.0/24', '203.0.113.9/32'],
  ],
  [
    'what only some callers come to',
    `server { location / { if ($remote_addr = 192.0.2.7) { rewrite ^ /inner last; } ${APP} } location /inner { allow 198.51.100.0/24; deny all; ${APP} } }`,
    ['192.0.2.7/32', '198.51.100.0/24'],
  ],
])('the networks of %s', (_, text, networks) => {
  expect(
    open(text)
      .networksFor('/hook', null, null)
      .map((network) => network.text)
      .toSorted(),
  ).toEqual(networks.toSorted());
});

test('the headers that are looked at', () => {
  const rules = open(
    `map $http_x_client $a { 1 1; } server { set_real_ip_from 10.0.0.0/8; real_ip_header CF-Connecting-IP; location / { if ($a) { return 403; } ${APP} } }`,
  );
  expect(rules.forwardingHeaders?.('/hook', null, null)).toEqual(['CF-Connecting-IP', 'x-client']);
});

const decide = (text: string, request: Partial<SimulatedRequest> = {}): Decision =>
  open(text).decide({
    path: '/hook',
    host: null,
    port: null,
    peer: readPeer('203.0.113.66') as Address,
    headers: [],
    ...request,
  });

test.each([
  [
    'a header that the vendor may send',
    `server { location / { if ($http_user_agent !~ Mailkit) { return 403; } ${APP} } }`,
    'user-agent',
  ],
  [
    'a client certificate',
    `server { listen 443 ssl; ssl_verify_client on; location / { ${APP} } }`,
    'client certificate',
  ],
  [
    'a client certificate in a condition',
    `server { listen 443 ssl; ssl_verify_client optional; location / { if ($ssl_client_verify != SUCCESS) { return 403; } ${APP} } }`,
    'client certificate',
  ],
  ['a program', `server { location / { access_by_lua_block { x() } ${APP} } }`, 'program'],
  ['a program before that', `server { location / { rewrite_by_lua_file x.lua; ${APP} } }`, 'program'],
  ['a token', `server { location / { auth_jwt x; ${APP} } }`, 'token'],
  [
    'a database',
    `server { location / { if ($geoip_country_code != DE) { return 403; } ${APP} } }`,
    '$geoip_country_code',
  ],
  [
    'a variable by a name that every object has',
    `server { location / { if ($constructor) { return 403; } if ($__proto__) { return 403; } ${APP} } }`,
    '$constructor',
  ],
  [
    'a class of characters that PCRE has not',
    String.raw`server { location ~ ^/[[:constructor:]]ook$ { deny all; } location / { ${'proxy_pass http://app;'} } }`,
    'expression',
  ],
  [
    'an expression that JavaScript has not',
    String.raw`server { location ~ ^/hook(*ACCEPT) { deny all; } location / { ${'proxy_pass http://app;'} } }`,
    'expression',
  ],
])('%s leaves it undecided, and says so', (_, text, doubt) => {
  const { outcome, doubts, place } = decide(text);
  expect(outcome).toBe('undecided');
  expect(doubts.map((one) => one.text).join()).toContain(doubt);
  expect(place).not.toBeNull();
});

test.each([
  ['who is refused anyway', `server { location / { deny all; auth_request /x; ${APP} } }`, 'refused'],
  ['who is refused either way', `server { location / { if (-f /x) { return 503; } return 403; } }`, 'refused'],
  [
    'who is let in either way',
    `server { location / { if ($http_user_agent ~ x) { set $log 1; } ${APP} } }`,
    'admitted',
  ],
  [
    'whose map says the same whatever comes',
    `map $http_user_agent $ok { default 1; x 1; } server { location / { if ($ok) { return 403; } ${APP} } }`,
    'refused',
  ],
  [
    'what two conditions say of the same',
    `server { listen 443 ssl; location / { if ($ssl_client_verify = SUCCESS) { return 403; } if ($ssl_client_verify != SUCCESS) { return 403; } ${APP} } }`,
    'refused',
  ],
])('a doubt is no doubt for %s', (_, text, outcome) => {
  expect(decide(text).outcome).toBe(outcome);
});

test.each([
  [
    'https before http',
    `server { listen 80; return 301 https://x/; } server { listen 443 ssl; location / { ${APP} } }`,
    {},
    'admitted',
  ],
  [
    'the port that was given',
    `server { listen 80; return 301 https://x/; } server { listen 443 ssl; location / { ${APP} } }`,
    { port: 80 },
    'refused',
  ],
  ['a port of a range', `server { listen 8000-8010; location / { ${APP} } }`, { port: 8005 }, 'admitted'],
  ['a port that nothing listens on', `server { listen 80; location / { ${APP} } }`, { port: 81 }, 'refused'],
  [
    'the server that knows the host, on another port',
    `server { listen 443 ssl; server_name a.test; deny all; } server { listen 80; server_name b.test; location / { ${APP} } }`,
    { host: 'b.test' },
    'admitted',
  ],
  [
    'the default server',
    `server { listen 80; deny all; } server { listen 80 default_server; location / { ${APP} } }`,
    {},
    'admitted',
  ],
  ['a host that is none', `server { listen 80; location / { ${APP} } }`, { host: 'a b' }, 'refused'],
  [
    'a caller by IPv6',
    `server { listen [::]:80; deny all; } server { listen 80; location / { ${APP} } }`,
    { peer: readPeer('2001:db8::1') as Address },
    'refused',
  ],
  [
    'a server of stream',
    `stream { server { listen 80; deny all; } } http { server { listen 80; location / { ${APP} } } }`,
    {},
    'admitted',
  ],
])('%s is asked', (_, text, request, outcome) => {
  expect(decide(text, request).outcome).toBe(outcome);
});

test('an admitted caller is told by which line, or in which location there is none', () => {
  expect(decide(`server { location / {\n allow 203.0.113.0/24;\n deny all; ${APP} } }`)).toMatchObject({
    place: { file: 'nginx.conf', line: 2, text: 'allow 203.0.113.0/24' },
    because: 'allow 203.0.113.0/24',
    status: null,
  });
  expect(decide(`server { location / { ${APP} } }`)).toMatchObject({
    outcome: 'admitted',
    place: { file: 'nginx.conf', line: 1, text: 'location /' },
    because: 'no allow or deny applies here',
  });
});

test.each([
  ['no file is assumed to be at /hook', `server { location / { try_files $uri @app; } location @app { ${APP} } }`],
  ['no caller is assumed to be proxy.test', `server { set_real_ip_from proxy.test; location / { ${APP} } }`],
])('%s, and that is told with the decision', (assumption, text) => {
  expect(decide(text)).toMatchObject({ outcome: 'admitted', doubts: [{ text: assumption }] });
});
