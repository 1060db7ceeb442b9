import type { Call } from '../../helpers/nginx-rules.ts';

/** A configuration that real nginx and the simulation are asked the same of. */
export interface Configuration {
  /** Content of http {}: see startRules. */
  http: string;
  /** Beside the usual callers. */
  calls?: readonly Call[];
  files?: Record<string, string>;
  /** How many of all calls cannot be told: none, unless it says so. */
  undecided?: number;
}

const APP = 'proxy_pass http://UPSTREAM;';
const server = (content: string): string => `server { LISTEN; ${content} }`;
const hook = (content: string): string => server(`location /hook { ${content} ${APP} }`);
const paths = (...list: readonly string[]): Call[] => list.flatMap((path) => [{ path }, { path, from: '127.0.0.2' }]);

/** Who asks of every configuration: 127.0.0.1 is the vendor, the others are strangers who may claim to be it. */
export const USUAL_CALLS: readonly Call[] = [
  {},
  { from: '127.0.0.2' },
  { from: '127.0.1.5' },
  { from: '::1' },
  { from: '127.0.0.2', headers: { 'X-Forwarded-For': '127.0.0.1' } },
  { from: '127.0.0.1', headers: { 'X-Forwarded-For': '198.51.100.7' } },
  { from: '127.0.0.1', headers: { 'X-Forwarded-For': '127.0.0.1, 198.51.100.7' } },
  { from: '127.0.0.2', headers: { 'X-Real-IP': '127.0.0.1' } },
  { from: '127.0.0.1', headers: { 'X-Real-IP': '198.51.100.7' } },
  { from: '::1', headers: { 'X-Real-IP': '127.0.0.1', 'X-Forwarded-For': '::1' } },
];

export const CONFIGURATIONS: Record<string, Configuration> = {
  'a hop to a server of its own with rules': {
    http: `${hook('allow 127.0.0.1; deny all;').replace('UPSTREAM', '127.0.0.1:OTHER')} server { listen 127.0.0.1:OTHER; deny 127.0.0.1; location / { ${APP} } }`,
    undecided: 4,
  },
  'a list': { http: hook('allow 127.0.0.1; deny all;') },
  'a list of both families': { http: hook('allow 127.0.0.0/24; allow ::1; deny all;') },
  'deny all first': { http: hook('deny all; allow 127.0.0.1;') },
  'no deny all': { http: hook('allow 127.0.0.1;') },
  'deny one': { http: hook('deny 127.0.0.2;') },
  'nothing at all': { http: hook('') },
  'allow all': { http: hook('allow 127.0.0.1; allow all; deny all;') },
  'a network with host bits': { http: hook('allow 127.0.0.77/24; deny all;') },
  'the whole of IPv4': { http: hook('allow 0.0.0.0/0; deny all;') },
  'an IPv4 address within IPv6': { http: hook('allow ::ffff:127.0.0.1; deny all;') },
  'addresses with leading zeros and empty parts': { http: hook('allow 0127.00.0.01; allow 127..0.2; deny all;') },
  'IPv4 rules alone leave IPv6 open': { http: hook('allow 127.0.0.1; deny 0.0.0.0/0;') },
  'rules of the server': { http: server(`allow 127.0.0.1; deny all; location /hook { ${APP} }`) },
  'rules of http': { http: `allow 127.0.0.1; deny all; ${hook('')}` },
  'a child with allow drops the deny of its parent': {
    http: server(`allow 127.0.0.1; deny all; location /hook { allow 127.0.0.2; ${APP} }`),
  },
  'a nested location keeps the rules around it': {
    http: server(`location / { deny 127.0.0.2; location /hook { ${APP} } }`),
  },
  'a nested location has rules of its own': {
    http: server(`location / { deny all; location /hook { allow 127.0.0.2; deny 127.0.1.0/24; ${APP} } }`),
  },
  'return comes before the rules': { http: server('location /hook { allow 127.0.0.1; deny all; return 200; }') },
  'return in the server': { http: server(`return 204; location /hook { deny all; ${APP} }`) },
  'return of every kind': {
    http: server(
      'location /hook { return 202 text; } location /closed { return 444; } location /moved { return 301 /x; } location /url { return http://127.0.0.1/; } location /teapot { return 418 text; }',
    ),
    calls: paths('/closed', '/moved', '/url', '/teapot'),
  },
  'limit_except POST leaves POST open': { http: hook('limit_except POST { deny all; }') },
  'limit_except GET guards POST': { http: hook('limit_except GET { allow 127.0.0.1; deny all; }') },
  'limit_except knows no return': {
    http: server('location /hook { limit_except GET { deny 127.0.0.2; } return 200; }'),
  },
  'limit_except has a handler of its own': {
    http: server(`location /hook { limit_except GET { deny 127.0.0.2; ${APP} } return 200; }`),
  },
  'limit_except replaces the list': { http: hook('allow 127.0.0.2; deny all; limit_except GET { deny 127.0.0.1; }') },
  'satisfy any with a password': {
    http: hook('satisfy any; allow 127.0.0.1; deny all; auth_basic x; auth_basic_user_file users;'),
    files: { users: 'a:{PLAIN}b\n' },
  },
  'satisfy all with a password': {
    http: hook('allow 127.0.0.1; deny all; auth_basic x; auth_basic_user_file users;'),
    files: { users: 'a:{PLAIN}b\n' },
  },
  'satisfy any without a password': { http: hook('satisfy any; allow 127.0.0.1; deny all;') },
  'a password without a file': { http: hook('auth_basic x;') },
  'a password that is turned off': {
    http: server(`auth_basic x; auth_basic_user_file users; location /hook { auth_basic off; ${APP} }`),
    files: { users: 'a:{PLAIN}b\n' },
  },
  'a password is there': {
    http: hook('allow 127.0.0.1; deny all; auth_basic x; auth_basic_user_file users;'),
    files: { users: 'a:{PLAIN}b\n' },
    calls: [
      { headers: { Authorization: 'Basic YTpi' } },
      { from: '127.0.0.2', headers: { Authorization: 'Basic YTpi' } },
    ],
    undecided: 1,
  },
  auth_request: {
    http: server(
      `location /hook { allow 127.0.0.1; deny all; auth_request /auth; ${APP} } location = /auth { internal; return 204; }`,
    ),
    undecided: 4,
  },
  'auth_request is turned off': {
    http: server(`auth_request /auth; location /hook { auth_request off; ${APP} } location = /auth { return 403; }`),
  },
  'satisfy any with auth_request': {
    http: server(
      `location /hook { satisfy any; allow 127.0.0.1; deny all; auth_request /auth; ${APP} } location = /auth { return 403; }`,
    ),
    undecided: 6,
  },

  'X-Real-IP from anyone': {
    http: server(`set_real_ip_from 0.0.0.0/0; location /hook { allow 127.0.0.1; deny all; ${APP} }`),
  },
  'X-Forwarded-For from anyone': {
    http: server(
      `set_real_ip_from 0.0.0.0/0; set_real_ip_from ::/0; real_ip_header X-Forwarded-For; location /hook { allow 127.0.0.1; deny all; ${APP} }`,
    ),
  },
  'X-Forwarded-For from one proxy': {
    http: server(
      `set_real_ip_from 127.0.0.2; real_ip_header X-Forwarded-For; location /hook { allow 127.0.0.1; deny all; ${APP} }`,
    ),
  },
  'X-Forwarded-For through several proxies': {
    http: server(
      `set_real_ip_from 127.0.0.2; set_real_ip_from 198.51.100.0/24; real_ip_header X-Forwarded-For; real_ip_recursive on; location /hook { allow 127.0.0.1; deny all; ${APP} }`,
    ),
    calls: [
      '127.0.0.1, 198.51.100.7',
      '127.0.0.1,198.51.100.7:8080',
      'x, 127.0.0.1',
      '127.0.0.1, x, 198.51.100.7',
      '::ffff:127.0.0.1',
      '[::1]:80',
      ' 127.0.0.1 , ',
      '',
    ].map((value) => ({ from: '127.0.0.2', headers: { 'X-Forwarded-For': value } })),
  },
  'the same without recursion': {
    http: server(
      `set_real_ip_from 127.0.0.2; set_real_ip_from 198.51.100.0/24; real_ip_header X-Forwarded-For; location /hook { allow 127.0.0.1; deny all; ${APP} }`,
    ),
    calls: [
      ...['127.0.0.1, 198.51.100.7', '198.51.100.7, 127.0.0.1'].map((value) => ({
        from: '127.0.0.2',
        headers: { 'X-Forwarded-For': value },
      })),
      { from: '127.0.0.2', headers: { 'X-Forwarded-For': ['127.0.0.1', '198.51.100.7'] } },
    ],
  },
  'several X-Forwarded-For': {
    http: server(
      `set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For; real_ip_recursive on; location /hook { allow 127.0.0.1; allow 198.51.100.0/24; deny all; ${APP} }`,
    ),
    calls: [
      { from: '127.0.0.2', headers: { 'X-Forwarded-For': ['198.51.100.7', '127.0.0.9'] } },
      { from: '127.0.0.2', headers: { 'X-Forwarded-For': ['198.51.100.7', '203.0.113.9'] } },
    ],
  },
  'a header of another name': {
    http: server(
      `set_real_ip_from 127.0.0.0/8; real_ip_header CF-Connecting-IP; location /hook { allow 192.0.2.1; deny all; ${APP} }`,
    ),
    calls: [
      { headers: { 'CF-Connecting-IP': '192.0.2.1' } },
      { headers: { 'CF-Connecting-IP': '192.0.2.2' } },
      { headers: { CF_Connecting_IP: '192.0.2.1' } },
    ],
  },
  'the real address in a location': {
    http: server(
      `location /hook { set_real_ip_from 127.0.0.0/8; if ($remote_addr = 127.0.0.2) { return 403; } allow 127.0.0.1; allow 127.0.0.2; deny all; ${APP} }`,
    ),
  },
  'a mapped address meets the IPv4 rules': {
    http: server(`set_real_ip_from 127.0.0.0/8; location /hook { allow 192.0.2.1; deny all; ${APP} }`),
    calls: ['::ffff:192.0.2.1', '::ffff:192.0.2.2', '192.0.2.1:99', '[2001:db8::1]:99'].map((value) => ({
      headers: { 'X-Real-IP': value },
    })),
  },
  'a mapped address without IPv4 rules': {
    http: server(`set_real_ip_from 127.0.0.0/8; location /hook { deny ::ffff:0:0/96; ${APP} }`),
    calls: [{ headers: { 'X-Real-IP': '::ffff:192.0.2.1' } }],
  },

  'if looks at X-Forwarded-For': { http: hook('if ($http_x_forwarded_for != 127.0.0.1) { return 403; }') },
  'if looks at the address': { http: hook('if ($remote_addr !~ ^127\\.0\\.0\\.) { return 403; }') },
  'if looks at the peer behind the real address': {
    http: server(
      `set_real_ip_from 0.0.0.0/0; location /hook { if ($realip_remote_addr != 127.0.0.1) { return 403; } ${APP} }`,
    ),
  },
  'if looks at the method': {
    http: hook('if ($request_method = GET) { return 405; } if ($request_method !~ ^(GET|POST)$ ) { return 444; }'),
  },
  'if in the server': { http: server(`if ($remote_addr = "127.0.0.2") { return 403; } location /hook { ${APP} }`) },
  'if with break and set': {
    http: hook(
      'set $who stranger; if ($remote_addr = 127.0.0.1) { set $who vendor; break; } if ($who = stranger) { return 403; }',
    ),
  },
  'handler of an earlier if, without its upstream': {
    http: server(`location /hook { if ($request_method = POST) { ${APP} } if ($uri = /hook) { set $a 1; } }`),
  },
  'handler of an earlier if, and an upstream around both': {
    http: server(`location /hook { if ($request_method = POST) { ${APP} } if ($uri = /hook) { set $a 1; } ${APP} }`),
  },
  'two of if, and a handler of its own': { http: hook('set $a 1; if ($a) { set $b 1; } if ($b = 1) { return 202; }') },
  'if looks at a header of the vendor': {
    http: hook('if ($http_x_token != secret) { return 403; }'),
    calls: [{ headers: { 'X-Token': 'secret' } }, { headers: { 'X-Token': 'other' } }],
    undecided: 10,
  },
  'if looks at a file': { http: hook('if (-f /nowhere/maintenance) { return 503; }'), undecided: 10 },
  'if with an expression and groups': {
    http: server(
      `location /hook { if ($uri ~ ^/hook/(?<who>[a-z]+)$) { set $found $who; } if ($found != vendor) { return 404; } ${APP} }`,
    ),
    calls: paths('/hook/vendor', '/hook/other', '/hook/Vendor'),
  },

  geo: { http: `geo $ok { default 0; 127.0.0.0/24 1; 127.0.0.2 0; ::1 1; } ${hook('if ($ok = 0) { return 403; }')}` },
  'geo with delete and duplicates': {
    http: `geo $ok { default 0; 127.0.0.0/8 1; 127.0.0.0/24 1; delete 127.0.0.0/8; 127.0.0.2 1; 127.0.0.2 0; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo of ranges': {
    http: `geo $ok { ranges; default 0; 127.0.0.0-127.0.1.255 1; 127.0.0.2-127.0.0.3 0; 255.255.255.0-255.255.255.254 1; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo of ranges, where one of two parts is taken out': {
    http: `geo $ok { ranges; default 0; 127.0.0.0-127.0.0.255 1; 127.0.0.2-127.0.0.2 0; delete 127.0.0.0-127.0.0.1; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo of ranges, where a range with another one in it is no longer there to be taken out': {
    http: `geo $ok { ranges; default 0; 127.0.0.0-127.1.0.255 1; 127.0.0.3-127.0.0.3 0; delete 127.0.0.0-127.1.0.255; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo of ranges, one taken out and written again': {
    http: `geo $ok { ranges; default 0; 127.0.0.0-127.0.0.255 1; delete 127.0.0.0-127.0.0.255; 127.0.0.2-127.0.0.9 1; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo with proxies': {
    http: `geo $ok { default 0; proxy 127.0.0.0/24; 198.51.100.7 1; 127.0.0.1 1; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo with proxies, recursive': {
    http: `geo $ok { default 0; proxy 127.0.0.0/24; proxy_recursive; 198.51.100.7 1; 127.0.0.1 1; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo is read once, before the real address of a location': {
    http: `geo $ok { default 0; 127.0.0.1 1; } ${server(`if ($ok) { set $a 1; } location /hook { set_real_ip_from 127.0.0.0/8; error_page 418 @x; allow 127.0.0.1; deny all; return 418; } location @x { set_real_ip_from 127.0.0.0/8; allow all; try_files /none @y; } location @y { if ($ok = 0) { return 403; } ${APP} }`)}`,
  },
  'geo of a header': {
    http: `geo $http_x_real_ip $ok { default 0; 127.0.0.1 1; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'geo from a file': {
    http: `geo $ok { default 0; include lists/vendor.conf; } ${hook('if ($ok = 0) { return 403; }')}`,
    files: { 'lists/vendor.conf': '127.0.0.1 1;\n::1 1;' },
  },
  map: {
    http: `map $remote_addr $ok { default 0; 127.0.0.1 1; ~^127\\.0\\.1\\. 1; } ${hook('if ($ok = 0) { return 403; }')}`,
  },
  'map of a geo': {
    http: `geo $who { default stranger; 127.0.0.1 vendor; } map $who:$request_method $bad { default 1; vendor:post ""; } ${hook('if ($bad) { return 403; }')}`,
  },
  'map with groups': {
    http: `map $uri $part { ~^/hook/(?<kind>\\w+)$ $kind; ~*^/(HOOK) $1; } ${hook('if ($part = hook) { return 202; } if ($part = x) { return 403; }')}`,
    calls: paths('/hook/x', '/hook/X'),
  },
  'map of hosts': {
    http: `map $host $ok { hostnames; default 0; .vendor.test 1; a.* 1; *.b.test 1; \\default 1; } ${hook('if ($ok = 0) { return 403; }')}`,
    calls: ['vendor.test', 'x.vendor.test', 'a.test', 'b.test', 'x.b.test', 'xvendor.test', 'X.VENDOR.test.'].map(
      (host) => ({ host }),
    ),
    undecided: 0,
  },
  'map is read once': {
    http: `map $uri $first { /hook 1; default 0; } ${server(`if ($first = 1) { set $a 1; } rewrite ^/hook$ /other; location /other { if ($first = 0) { return 403; } ${APP} }`)}`,
  },
  'map that is volatile': {
    http: `map $uri $first { volatile; /hook 1; default 0; } ${server(`if ($first = 1) { set $a 1; } rewrite ^/hook$ /other; location /other { if ($first = 0) { return 403; } ${APP} }`)}`,
  },

  'an exact location': {
    http: server(`location = /hook { allow 127.0.0.1; deny all; ${APP} } location / { ${APP} }`),
    calls: paths(
      '/hook/',
      '/hook?x=1',
      '//hook',
      '/HOOK',
      '/%68ook',
      '/./hook',
      '/a/../hook',
      '/hook/.',
      '/hook%2f',
      '/hook%3f',
      '/a/%2e%2e/hook',
    ),
  },
  'a regex location takes the path': {
    http: server(
      `location /hook { allow 127.0.0.1; deny all; ${APP} } location ~ \\.php$ { ${APP} } location ~* ^/HOOK/open { ${APP} }`,
    ),
    calls: paths('/hook/a.php', '/hook/open', '/hook/shut'),
  },
  'a prefix before expressions': {
    http: server(
      `location ^~ /hook { allow 127.0.0.1; deny all; ${APP} } location ~ \\.php$ { ${APP} } location /hook/deep { ${APP} }`,
    ),
    calls: paths('/hook/a.php', '/hook/deep/a.php', '/hook/deep'),
  },
  'the longest prefix': {
    http: server(
      `location / { deny all; } location /hook { allow 127.0.0.1; deny all; ${APP} } location /hook/open { ${APP} }`,
    ),
    calls: paths('/hook/open', '/hook/opener', '/hoo'),
  },
  'expressions in their order': {
    http: server(`location ~ ^/hook { deny all; ${APP} } location ~ ^/hook/open { ${APP} }`),
    calls: paths('/hook/open'),
  },
  'nested expressions': {
    http: server(
      `location /hook { allow 127.0.0.1; deny all; ${APP} location ~ open$ { allow all; ${APP} } location /hook/a { ${APP} } } location ~ a$ { return 418; }`,
    ),
    calls: paths('/hook/open', '/hook/a', '/hook/b', '/hook/a/open'),
  },
  'a nested location under ^~': {
    http: server(
      `location ^~ /hook { allow 127.0.0.1; deny all; ${APP} location /hook/a { ${APP} } } location ~ a$ { return 418; }`,
    ),
    calls: paths('/hook/a'),
  },
  'a location with a slash': {
    http: server(
      `location /hook/ { allow 127.0.0.1; deny all; ${APP} } location / { ${APP} } location ~ hook { ${APP} }`,
    ),
    calls: paths('/hook/'),
  },
  'a location with a slash, twice': {
    http: server(`location /hook/ { ${APP} } location = /hook/ { internal; return 200; }`),
  },
  'a location with a slash and without': {
    http: server(`location /hook/ { deny all; ${APP} } location /hook { ${APP} }`),
    calls: paths('/hook/'),
  },
  'slashes that are kept': {
    http: server(`merge_slashes off; location = /hook { deny all; ${APP} } location / { ${APP} }`),
    calls: paths('//hook', '/hook//'),
  },
  'slashes are merged as the default server says': {
    http: `server { LISTEN; location / { return 404; } } server { LISTEN; server_name a.test; merge_slashes off; location = /hook { deny all; } location / { ${APP} } }`,
    calls: [
      { host: 'a.test', path: '//hook' },
      { host: 'a.test', path: '/hook' },
      { host: 'a.test', path: '/x' },
    ],
  },
  'modifiers attached to their names': {
    http: server(`location =/hook { deny 127.0.0.2; ${APP} } location ^~/a { ${APP} } location ~*\\.b$ { deny all; }`),
    calls: paths('/a', '/x.B'),
  },
  'a path that nginx does not take': {
    http: hook(''),
    calls: paths('/../hook', '/hook/%00', '/hook/%zz', '/hook/%2e%2e/%2e%2e/x'),
  },
  'the path of a file': {
    http: server('location /hook { root html; } location = /ok.html { root html; } location /folder/ { root html; }'),
    calls: paths('/ok.html', '/folder/', '/none'),
  },
  'no location at all': { http: server('deny 127.0.0.2;') },
  'an internal location': { http: server(`location /hook { internal; ${APP} }`) },
  'internal is inherited': {
    http: server(`location /hook { internal; location /hook/x { ${APP} } } error_page 404 =200 /ok.html; root html;`),
    calls: paths('/hook/x'),
  },
  'stub_status does not accept POST': {
    http: server('location /hook { stub_status; } location /gif { empty_gif; }'),
    calls: paths('/gif'),
  },

  'rewrite last': {
    http: server(
      `rewrite ^/hook$ /inner last; location /inner { internal; allow 127.0.0.1; deny all; ${APP} } location /hook { ${APP} }`,
    ),
    calls: paths('/inner'),
  },
  'rewrite break keeps the location': {
    http: server(
      `location /hook { deny 127.0.0.2; rewrite ^ /other break; ${APP} } location /other { deny all; ${APP} }`,
    ),
  },
  'rewrite in a location goes elsewhere': {
    http: server(
      `location /hook { allow 127.0.0.1; deny all; rewrite ^/hook(.*)$ /other$1 last; ${APP} } location /other { ${APP} }`,
    ),
    calls: paths('/hook/x'),
  },
  'rewrite without a flag goes on': {
    http: server(
      `location /hook { rewrite ^/hook /a; rewrite ^/a /b; if ($uri = /b) { set $x 1; } ${APP} } location /b { deny 127.0.0.2; ${APP} }`,
    ),
  },
  'rewrite, then break': {
    http: server(`location /hook { rewrite ^ /b; break; ${APP} } location /b { deny all; ${APP} }`),
  },
  'a rewrite that does not fit forgets the groups': {
    http: server(
      `location /hook { if ($uri ~ ^/(hook)) { set $a 1; } set $before $1; rewrite ^/none / break; set $after $1; if ($before != hook) { return 404; } if ($after = hook) { return 403; } ${APP} }`,
    ),
  },
  'rewrite to another URL': {
    http: server(
      'location /hook { rewrite ^ https://$host/x; } location /p { rewrite ^ /x permanent; } location /r { rewrite ^ /x redirect; }',
    ),
    calls: paths('/p', '/r'),
  },
  'rewrite in a circle': { http: server('location /hook { rewrite ^ /hook last; }') },
  'rewrite in a server and http to https': {
    http: server(`if ($scheme = http) { return 301 https://$host$request_uri; } location /hook { ${APP} }`),
  },

  'try_files to a named location': {
    http: server(
      `root html; location /hook { deny 127.0.0.2; try_files $uri @app; } location @app { allow 127.0.0.1; deny all; ${APP} }`,
    ),
  },
  'try_files to a front controller': {
    http: server(
      `root html; location / { try_files $uri $uri/ /index.php?$query_string; } location ~ \\.php$ { allow 127.0.0.1; deny all; ${APP} }`,
    ),
  },
  'try_files to a status': {
    http: server('root html; location / { try_files $uri =404; } location /b { try_files $uri =403; }'),
    calls: paths('/b'),
  },
  'try_files in the server': { http: server(`root html; try_files $uri /app; location = /app { ${APP} }`) },
  'an index that is a script': {
    http: server(
      `root html; index index.php; location /hook/ { } location ~ \\.php$ { allow 127.0.0.1; deny all; ${APP} }`,
    ),
    files: { 'html/hook/index.php': 'x' },
    calls: paths('/hook/'),
  },

  'an error page turns 403 into 200': {
    http: server(
      `error_page 403 =200 /ok.html; location /hook { allow 127.0.0.1; deny all; ${APP} } location = /ok.html { root html; }`,
    ),
  },
  'an error page is refused, too': {
    http: server(`error_page 403 =200 /ok.html; allow 127.0.0.1; deny all; root html; location /hook { ${APP} }`),
  },
  'an error page keeps the status': {
    http: server(
      `error_page 403 /ok.html; location /hook { allow 127.0.0.1; deny all; ${APP} } location = /ok.html { root html; }`,
    ),
  },
  'an error page hands the request on': {
    http: server(
      `error_page 403 = @app; location /hook { allow 127.0.0.1; deny all; return 403; } location @app { ${APP} }`,
    ),
  },
  'an error page hands the refused request on': {
    http: server(`error_page 403 @app; location /hook { allow 127.0.0.1; deny all; ${APP} } location @app { ${APP} }`),
  },
  'an error page of the application': {
    http: server(
      `error_page 403 /error; location /hook { allow 127.0.0.1; deny all; ${APP} } location /error { ${APP} }`,
    ),
    undecided: 6,
  },
  'an error page of the application gives the status': {
    http: server(
      `error_page 403 = /error; location /hook { allow 127.0.0.1; deny all; ${APP} } location /error { ${APP} }`,
    ),
    undecided: 6,
  },
  'an error page elsewhere': {
    http: server(`error_page 403 https://vendor.test/; location /hook { allow 127.0.0.1; deny all; ${APP} }`),
  },
  'an error page elsewhere for the slash': {
    http: server(`error_page 301 https://vendor.test/; location /hook/ { ${APP} }`),
  },
  'an error page that returns': {
    http: server(
      `error_page 403 =200 @x; location /hook { allow 127.0.0.1; deny all; ${APP} } location @x { return 503; }`,
    ),
  },
  'an error page that returns with a status of its own': {
    http: server(
      `error_page 403 = @x; location /hook { allow 127.0.0.1; deny all; ${APP} } location @x { return 202 gone; }`,
    ),
  },
  'error pages one after the other': {
    http: server(
      `recursive_error_pages on; error_page 403 = @x; error_page 404 =201 @y; location /hook { allow 127.0.0.1; deny all; ${APP} } location @x { return 404; } location @y { return 418 tea; }`,
    ),
  },
  'error pages for return': {
    http: server(
      `error_page 418 = @app; location /hook { if ($remote_addr = 127.0.0.1) { return 418; } return 403; } location @app { ${APP} }`,
    ),
  },
  'error pages for a file': {
    http: server(
      `root html; error_page 405 =200 $uri; location /ok.html { } location /hook { error_page 404 =200 /ok.html; }`,
    ),
    calls: paths('/ok.html'),
    undecided: 12,
  },
  'an error page under limit_except': {
    http: server(
      `error_page 403 =200 /hook2; location /hook { allow 127.0.0.1; deny all; ${APP} } location /hook2 { limit_except GET { deny all; } empty_gif; }`,
    ),
  },

  'servers by name': {
    http: `server { LISTEN; server_name vendor.test; location /hook { allow 127.0.0.1; deny all; ${APP} } } server { LISTEN default_server; server_name _; location /hook { return 403; } } server { LISTEN; server_name *.vendor.test; location /hook { ${APP} } } server { LISTEN; server_name www.vendor.*; location /hook { return 418; } } server { LISTEN; server_name ~^(?<who>a|b)\\.regex\\.test$; location /hook { if ($who = b) { return 403; } ${APP} } } server { LISTEN; server_name .dot.test; location /hook { deny all; } }`.replaceAll(
      'LISTEN default_server',
      'listen 127.0.0.1:PORT default_server; listen [::1]:PORT default_server',
    ),
    calls: [
      'vendor.test',
      'VENDOR.test:99',
      'vendor.test.',
      'x.vendor.test',
      'www.vendor.test',
      'www.vendor.example',
      'a.regex.test',
      'b.regex.test',
      'c.regex.test',
      'dot.test',
      'x.dot.test',
      'xdot.test',
      'a..b',
      '[::1]:1',
    ].flatMap((host) => [{ host }, { host, from: '127.0.0.2' }]),
  },
  'the first server is the default one': {
    http: `server { LISTEN; server_name a.test; location /hook { deny all; } } server { LISTEN; server_name b.test; location /hook { ${APP} } }`,
    calls: [{ host: 'a.test' }, { host: 'b.test' }, { host: 'c.test' }],
  },
  'another port serves the same without rules': {
    http: `server { LISTEN; location /hook { allow 127.0.0.1; deny all; ${APP} } } server { listen 127.0.0.1:OTHER; location /hook { ${APP} } }`,
    calls: [{ other: true }, { other: true, from: '127.0.0.2' }],
  },
  includes: {
    http: 'include sites/*.conf;',
    files: {
      'sites/a.conf': `server { LISTEN; include rules.d/vendor[a-c].conf; location /hook { include lists/*.none; ${APP} } }`,
      'rules.d/vendora.conf': 'allow 127.0.0.1;',
      'rules.d/vendorb.conf': 'deny all;',
    },
  },
  'quotes, comments and escapes': {
    http: server(
      `# deny all; }\n location "/hook" { allow '127.0.0.1'; # not this: deny 127.0.0.1;\r\n deny "all"; set $a "b;\\"{"; if ($a = 'b;"{') { set $b "\${a}c"; } ${APP} }`,
    ),
  },
};
