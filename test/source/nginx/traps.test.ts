import { expect, test } from 'vitest';
import { addressOf, networkAround } from '../../../src/source/address.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { TRAPS, type NginxTrapId } from '../../../src/source/nginx/traps.ts';
import type { ServerRules, Trap } from '../../../src/source/rules/server-rules.ts';

const open = (text: string): ServerRules => openNginx({ file: '/etc/nginx/nginx.conf', text }, () => []);
const APP = 'proxy_pass http://app;';
const GUARDED = `listen 80; listen [::]:80; location /hook { allow 192.0.2.0/24; deny all; ${APP} }`;
/** The same for each of so many numbers. */
const many = (write: (number: number) => string): string =>
  Array.from({ length: 300 }, (_, number) => write(number)).join('\n');

/** The id, how the line that it names begins, and the severity where it is not that of the list. */
type Found = readonly [id: NginxTrapId, line: string, severity?: Trap['severity']];

const CASES: readonly (readonly [name: string, text: string, found: readonly Found[]])[] = [
  ['a good list', `server { ${GUARDED} }`, []],
  ['nothing is guarded', `server { listen 80; location / { ${APP} } }`, []],
  [
    'deny all first',
    `server { location /hook { deny all; allow 192.0.2.0/24; ${APP} } }`,
    [['deny-before-allow', 'deny all']],
  ],
  [
    'a wider deny first',
    `server { location /hook { deny 192.0.0.0/16; allow 192.0.2.0/24; deny all; ${APP} } }`,
    [['deny-before-allow', 'deny 192.0.0.0/16']],
  ],
  ['no deny', `server { location /hook { allow 192.0.2.0/24; ${APP} } }`, [['no-deny', 'allow 192.0.2.0/24']]],
  [
    'a child with an allow of its own',
    `server { deny all; location /hook { allow 192.0.2.0/24; ${APP} } }`,
    [['child-drops-deny', 'allow 192.0.2.0/24']],
  ],
  [
    'a deny for IPv4 alone',
    `server { listen 80; listen [::]:80; location /hook { allow 192.0.2.0/24; deny 0.0.0.0/0; ${APP} } }`,
    [['ipv6-left-open', 'deny 0.0.0.0/0']],
  ],
  [
    'a deny for IPv4 alone, and nobody listens for IPv6',
    `server { listen 80; location /hook { allow 192.0.2.0/24; deny 0.0.0.0/0; ${APP} } }`,
    [],
  ],
  ['allow all', `server { location /hook { allow 192.0.2.0/24; allow all; ${APP} } }`, [['allow-all', 'allow all']]],
  [
    'return',
    'server { location /hook { allow 192.0.2.0/24; deny all; return 200; } }',
    [['return-bypasses-rules', 'return 200']],
  ],
  ['return that refuses', 'server { location /hook { allow 192.0.2.0/24; deny all; return 404; } }', []],
  [
    'limit_except POST',
    `server { location /hook { limit_except POST { deny all; } ${APP} } }`,
    [['limit-except-post', 'limit_except POST']],
  ],
  ['limit_except GET', `server { location /hook { limit_except GET { allow 192.0.2.0/24; deny all; } ${APP} } }`, []],
  [
    'everybody is a proxy',
    `server { set_real_ip_from 0.0.0.0/0; ${GUARDED} }`,
    [['real-ip-from-anyone', 'set_real_ip_from 0.0.0.0/0']],
  ],
  ["a proxy of one's own", `server { set_real_ip_from 10.0.0.0/8; real_ip_header X-Forwarded-For; ${GUARDED} }`, []],
  [
    'two hops and no recursion',
    `server { set_real_ip_from 10.0.0.0/8; set_real_ip_from 198.51.100.0/24; real_ip_header X-Forwarded-For; ${GUARDED} }`,
    [['real-ip-one-hop', 'set_real_ip_from 10.0.0.0/8']],
  ],
  [
    'two hops and recursion',
    `server { set_real_ip_from 10.0.0.0/8; set_real_ip_from 198.51.100.0/24; real_ip_header X-Forwarded-For; real_ip_recursive on; ${GUARDED} }`,
    [],
  ],
  [
    'a header and nobody to believe',
    `server { real_ip_header X-Forwarded-For; ${GUARDED} }`,
    [['real-ip-header-alone', 'real_ip_header']],
  ],
  [
    'the address too late',
    `server { location /hook { set_real_ip_from 10.0.0.1; if ($remote_addr != 192.0.2.1) { return 403; } ${APP} } }`,
    [['real-ip-too-late', 'set_real_ip_from']],
  ],
  [
    'if looks at a header',
    `server { location /hook { if ($http_x_forwarded_for !~ ^192\\.0\\.2\\.) { return 403; } ${APP} } }`,
    [['header-decides', 'if ($http_x_forwarded_for']],
  ],
  [
    'map looks at a header',
    `map $http_x_real_ip $bad { default 1; 192.0.2.1 0; } server { location /hook { if ($bad) { return 403; } ${APP} } }`,
    [['header-decides', 'map $http_x_real_ip']],
  ],
  [
    'geo believes everybody',
    `geo $ok { proxy 0.0.0.0/0; default 0; 192.0.2.0/24 1; } server { location /hook { if ($ok = 0) { return 403; } ${APP} } }`,
    [['header-decides', 'geo $ok']],
  ],
  [
    'satisfy any',
    `server { location /hook { satisfy any; allow 192.0.2.0/24; deny all; auth_basic x; auth_basic_user_file f; ${APP} } }`,
    [['satisfy-any', 'satisfy any']],
  ],
  [
    'satisfy any and nothing else',
    `server { location /hook { satisfy any; allow 192.0.2.0/24; deny all; ${APP} } }`,
    [],
  ],
  [
    'auth_basic without a file',
    `server { location /hook { auth_basic x; ${APP} } }`,
    [['auth-without-file', 'auth_basic x']],
  ],
  [
    'host bits',
    `server { location /hook { allow 192.0.2.7/24; deny all; ${APP} } }`,
    [['host-bits', 'allow 192.0.2.7/24']],
  ],
  [
    'a mapped address',
    `server { location /hook { allow ::ffff:192.0.2.1; deny all; ${APP} } }`,
    [['mapped-address', 'allow ::ffff:']],
  ],
  [
    'an error page of 200',
    `server { ${GUARDED} error_page 403 =200 /ok; location = /ok { return 200; } }`,
    [['error-page-admits', 'error_page 403']],
  ],
  [
    'an error page that hands on',
    `server { ${GUARDED} error_page 403 @app; location @app { ${APP} } }`,
    [['error-page-admits', 'error_page 403']],
  ],
  ['an error page of 403', `server { ${GUARDED} error_page 403 /403; location = /403 { return 403; } }`, []],
  [
    'an expression',
    `server { ${GUARDED} location ~ x$ { proxy_pass http://other; } location ~ ^/ho { proxy_pass http://other; } }`,
    [['expression-takes-path', 'location ~ ^/ho']],
  ],
  [
    'an expression that is not asked',
    `server { ${GUARDED.replace('location', 'location ^~')} location ~ ^/ho { proxy_pass http://other; } }`,
    [],
  ],
  [
    'another port',
    `server { ${GUARDED} server_name a.test; } server { listen 8080; location / { ${APP} } }`,
    [['other-server-open', 'location /']],
  ],
  [
    'another name',
    `server { ${GUARDED} server_name a.test; } server { listen 80; server_name *.b.test; location /hook { ${APP} } }`,
    [['other-server-open', 'location /hook']],
  ],
  [
    'another application',
    `server { ${GUARDED} server_name a.test; } server { listen 8080; location / { proxy_pass http://other; } }`,
    [],
  ],
  [
    'the exact path alone',
    `server { location = /hook { allow 192.0.2.0/24; deny all; ${APP} } location / { ${APP} } }`,
    [['path-variant-open', 'location /']],
  ],
  [
    'a front controller',
    'server { location /hook { allow 192.0.2.0/24; deny all; try_files $uri /index.php?$query_string; } location ~ ^/index\\.php(/|$) { fastcgi_pass unix:/php; } }',
    [['path-variant-open', 'location ~ ^/index']],
  ],
  [
    'a front controller that takes no path behind it',
    'server { location /hook { allow 192.0.2.0/24; deny all; try_files $uri /index.php?$query_string; } location = /index.php { fastcgi_pass unix:/php; } }',
    [],
  ],
  [
    'the path that it is rewritten to',
    `server { location = /hook { allow 192.0.2.0/24; deny all; rewrite ^ /inner break; ${APP} } location /inner { ${APP} } }`,
    [['path-variant-open', 'location /inner', 'fail']],
  ],
  ...[
    'location /hook/ { proxy_pass http://app/hook; }',
    'location /HOOK { proxy_pass http://app/hook; }',
    'location /api/hook { proxy_pass http://app:80/hook; }',
    'location /api/ { proxy_pass http://app/; }',
    'location /v1 { location /v1/deep/ { proxy_pass http://app/; } }',
    'location /cut/ { rewrite ^/cut(/.*)$ $1 break; proxy_pass http://APP; }',
    'location ~ ^/re(/.*)$ { proxy_pass http://app$1; }',
    'location = /one { limit_except GET { proxy_pass http://app/hook; } }',
  ].map((location): readonly [string, string, readonly Found[]] => [
    `another location that leads there: ${location}`,
    `server { ${GUARDED} ${location} }`,
    [
      [
        'path-variant-open',
        /limit_except GET|location [^{]*(?= \{ (?:proxy|rewrite))/.exec(location)?.[0].trim() ?? '',
        'fail',
      ],
    ],
  ]),
  [
    'another location that leads to the path with a slash at its end',
    `server { ${GUARDED} location /x/ { proxy_pass http://app/hook/; } }`,
    [['path-variant-open', 'location /x/']],
  ],
  [
    'another location that leads to the path in other letters',
    `server { ${GUARDED} location /x { proxy_pass http://app/HOOK; } }`,
    [['path-variant-open', 'location /x']],
  ],
  ...[
    'location /hook/ { proxy_pass http://app/other; }',
    'location /hook/ { proxy_pass http://other/hook; }',
    'location /api/ { proxy_pass http://app/api/; }',
    'location /api/ { proxy_pass http://app; }',
    'location /api/ { allow 192.0.2.0/24; deny all; proxy_pass http://app/; }',
    'location = /one { internal; proxy_pass http://app/hook; }',
  ].map((location): readonly [string, string, readonly Found[]] => [
    `another location that does not lead there: ${location}`,
    `server { ${GUARDED} ${location} }`,
    [],
  ]),
  [
    'two locations that lead there',
    `server { ${GUARDED} location /HOOK { proxy_pass http://app/hook; }\n location /a { proxy_pass http://app/hook; } }`,
    [
      ['path-variant-open', 'location /HOOK', 'fail'],
      ['path-variant-open', 'location /a', 'fail'],
    ],
  ],
  [
    'two locations of one line that lead there',
    `server { ${GUARDED}\n location /HOOK { proxy_pass http://app/hook; } location /a { proxy_pass http://app/hook; } }`,
    [['path-variant-open', 'location /HOOK', 'fail']],
  ],
  [
    'another path of another server that leads there',
    `server { ${GUARDED} server_name a.test; }\nserver { listen 8080; location / { return 404; } location /api/ { proxy_pass http://app/; } }`,
    [['path-variant-open', 'location /api/', 'fail']],
  ],
  [
    'another path of another server that leads elsewhere',
    `server { ${GUARDED} server_name a.test; }\nserver { listen 8080; location / { return 404; } location /api/ { ${APP} } }`,
    [],
  ],
  [
    'the same machine by other names',
    `upstream app { server 127.0.0.1:9000; } server { ${GUARDED} location /api/ { proxy_pass http://localhost:9000/; } }`,
    [['path-variant-open', 'location /api/', 'fail']],
  ],
  [
    'another name that leads there by another line',
    `server { ${GUARDED} server_name a.test; } server { listen 8080; location / { proxy_pass http://app/; } }`,
    [['other-server-open', 'location /']],
  ],
  [
    'the server in between is open to strangers',
    `server { ${GUARDED.replace('app', '127.0.0.1:8081')} }\nserver { listen 8081; location /hook { ${APP} } }`,
    [['other-server-open', 'location /hook']],
  ],
  [
    'what stands behind the server in between is open to strangers',
    `server { ${GUARDED.replace('app', '127.0.0.1:8081/in/hook')} }\nserver { listen 127.0.0.1:8081; location / { proxy_pass http://127.0.0.1:8082; } } server { listen 127.0.0.1:8082; location /in/ { proxy_pass http://app/; } }\nserver { listen 8083; location /x { proxy_pass http://app/hook; } }`,
    [['path-variant-open', 'location /x', 'fail']],
  ],
  [
    'servers that go round',
    `server { ${GUARDED.replace('app', '127.0.0.1:8081')} } server { listen 127.0.0.1:8081; location / { proxy_pass http://127.0.0.1:8081/a; } }`,
    [],
  ],
  [
    'another server that nobody but this machine comes to',
    `server { ${GUARDED} } server { listen 127.0.0.1:8081; listen unix:/run/x.sock; location / { ${APP} } location /x { proxy_pass http://app/hook; } }`,
    [],
  ],
  [
    'another server, where nobody but this machine comes to any',
    `server { ${GUARDED.replace('listen 80; listen [::]:80;', 'listen 127.0.0.1:80;')} } server { listen 127.0.0.1:8081; location / { ${APP} } }`,
    [['other-server-open', 'location /']],
  ],
  [
    'another location that leads there, behind hundreds of others',
    `server { ${GUARDED} ${many((n) => `location /other${n} { proxy_pass http://other; }`)} location /x { proxy_pass http://app/hook; } }`,
    [['path-variant-open', 'location /x', 'fail']],
  ],
  [
    'another server that leads there, behind hundreds of others',
    `server { ${GUARDED} server_name a.test; } ${many((n) => `server { server_name b${n}.test; location /other { proxy_pass http://other; } }`)} server { server_name c.test; location /x { proxy_pass http://app/hook; } }`,
    [['path-variant-open', 'location /x', 'fail']],
  ],
  [
    'the exact path alone, and nothing else',
    `server { location = /hook { allow 192.0.2.0/24; deny all; ${APP} } location / { return 404; } }`,
    [],
  ],
];

test.each(CASES)('%s', (_, text, found) => {
  const traps = open(text).findTraps('/hook', null, null);
  expect(traps.map(({ id, severity }) => [id, severity])).toEqual(
    found.map(([id, , severity = TRAPS[id].severity]) => [id, severity]),
  );
  for (const [index, { place, detail, fix }] of traps.entries()) {
    expect(place.text.startsWith(found[index]?.[1] ?? '?'), `${place.text} begins with ${found[index]?.[1]}`).toBe(
      true,
    );
    expect(detail).not.toContain('undefined');
    expect(fix).not.toBe('');
  }
});

test('every trap of the list is found somewhere above', () => {
  expect(new Set(CASES.flatMap(([, , found]) => found.map(([id]) => id)))).toEqual(new Set(Object.keys(TRAPS)));
});

test.each([
  ['fail', GUARDED],
  ['warn', `location /hook { ${APP} }`],
])('a header that is believed from everybody is a %s', (severity, content) => {
  expect(open(`server { set_real_ip_from 0.0.0.0/0; ${content} }`).findTraps('/hook', null, null)[0]?.severity).toBe(
    severity,
  );
});

test.each([
  ['a class of digits', '!~ ^185\\.136\\.20[0-3]\\.'],
  ['an address anywhere', '!~ "185\\.136\\.200"'],
])(
  'a header is found to decide by an expression that names no network, as soon as the vendor is known: %s',
  (_, condition) => {
    const rules = open(`server { location /hook { if ($http_x_forwarded_for ${condition}) { return 403; } ${APP} } }`);
    const address = addressOf(4, 0xb9_88_c8_00n);
    expect(
      rules.findTraps('/hook', null, null, [networkAround(address, 22)]).map(({ id, place }) => `${id} ${place.text}`),
    ).toEqual([`header-decides if ($http_x_forwarded_for ${condition})`]);
  },
);

test('the vendor is who is asked for what the list guards, be there hundreds of other networks in it', () => {
  const list = `${many((n) => `deny 198.51.100.${n % 256}/${n < 256 ? 32 : 31};`)} allow 192.0.2.0/24; deny all;`;
  const rules = open(`server { location /hook { ${list} ${APP} } location /x { proxy_pass http://app/hook; } }`);
  const vendor = [networkAround(addressOf(4, 0xc0_00_02_00n), 24)];
  expect(rules.findTraps('/hook', null, null, vendor).map(({ id }) => id)).toContain('path-variant-open');
});

test('a trap names file and line', () => {
  expect(
    open(`server {\n location /hook {\n  allow 192.0.2.0/24;\n ${APP}\n}\n}`).findTraps('/hook', null, null)[0]?.place,
  ).toEqual({ file: '/etc/nginx/nginx.conf', line: 3, text: 'allow 192.0.2.0/24' });
});
