import { expect, test } from 'vitest';
import { networkAround, readPeer, type Address, type Network } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { askRules } from '../../../src/source/rules/ask-rules.ts';
import { judgeRules, UNDECIDED } from '../../../src/source/rules/judge-rules.ts';
import type { ServerRules } from '../../../src/source/rules/server-rules.ts';
import { hookQuestion } from '../../helpers/hook-question.ts';

const addressAt = (text: string): Address => readPeer(text) as Address;
const networkOf = (text: string): Network => {
  const [address = '', length] = text.split('/');
  return networkAround(addressAt(address), Number(length ?? 32));
};

interface Row {
  rules: ServerRules;
  host?: string;
  behind?: string;
  tellsIn?: string;
  expected?: string;
}

/** The checks that fail, and those that cannot be told; empty: the vendor is admitted, unauthorised callers are not. */
function judge({ rules, host, behind, tellsIn, expected = '185.136.200.0/22' }: Row): string[] {
  const network = networkOf(expected);
  const question = {
    ...hookQuestion([{ network, source: 'a list' }]),
    host: host ?? null,
    behind: behind === undefined ? null : { ...addressAt(behind), ...(tellsIn === undefined ? {} : { tellsIn }) },
  };
  const findings = judgeRules({
    simulations: askRules(rules, question),
    traps: rules.findTraps('/hook', question.host, null, [network]),
    notes: [],
    whyNobody: null,
  });
  return findings.flatMap(({ id, status, observed }) =>
    status === 'fail' ? [id] : observed === UNDECIDED ? [`${id}?`] : [],
  );
}

const nginx = (text: string): ServerRules => openNginx({ file: 'conf', text: `http { ${text} }` }, () => []);
const APP = 'proxy_pass http://app;';
const LIST = 'allow 185.136.200.0/22; deny all;';
const server = (listen: string, rules: string, more = ''): string =>
  `server { listen ${listen}; server_name hooks.test; ${more} location /hook { ${rules} ${APP} } }`;
const unless = (pattern: string): Row => ({
  rules: nginx(server('443 ssl', `if ($remote_addr !~ "${pattern}") { return 403; }`)),
});
const byMap = (...lines: readonly string[]): Row => ({
  rules: nginx(`map $remote_addr $isIn { ${lines.join(' ')} } ${server('443 ssl', 'if ($isIn != 1) { return 403; }')}`),
});

const allowing = (...networks: readonly string[]): Row => ({
  rules: nginx(server('443 ssl', `${networks.map((one) => `allow ${one};`).join(' ')} ${LIST}`)),
});

/** All networks of sixteen addresses in 185.136.0.0/16. */
const partsOf16 = (): string[] =>
  Array.from({ length: 4096 }, (_, part) => `185.136.${part >> 4}.${(part % 16) * 16}/28`);

test.each<[what: string, row: Row, found: string[]]>([
  ['a network of sixteen million addresses around it', allowing('185.0.0.0/8'), ['nobody-else']],
  ['sixteen times the vendor', allowing('198.18.0.0/18'), ['nobody-else']],
  ['eight times the vendor', allowing('198.51.96.0/19'), []],
  ['two that are as large together', allowing('9.0.0.0/19', '12.0.0.0/19'), ['nobody-else']],
  ['one within the other', allowing('9.0.0.0/19', '9.0.4.0/22'), []],
  ['a private network', allowing('10.0.0.0/8', '172.16.0.0/12'), []],
  ['a provider of IPv6', allowing('2a02::/32'), ['nobody-else']],
  ['a site of IPv6', allowing('2a02:1::/48'), []],
  [
    'nothing, but one of thousands of parts of its network is left out',
    { ...allowing(...partsOf16().toSpliced(3000, 1)), expected: '185.136.0.0/16' },
    ['vendor-admitted'],
  ],
  [
    'sixteen times a single address, in a routed network',
    { rules: nginx(server('443 ssl', 'allow 9.9.9.0/24; allow 185.136.200.1; deny all;')), expected: '185.136.200.1' },
    [],
  ],
])('beside the vendor, %s', (_what, row, found) => {
  expect(judge(row)).toEqual(found);
});

const BY_NETWORK = String.raw`if ($remote_addr ~ "^185\.136\.20[0-3]\.") { set $ok 1; } if ($ok = 0) { return 403; }`;

test.each<[what: string, rule: string, found: string[]]>([
  ['that it is', 'if ($http_host = "hooks.test") { return 444; }', ['vendor-admitted']],
  ['that it is not', 'if ($http_host != "hooks.test") { return 444; }', []],
  ['that strangers may say, too', `set $ok 0; if ($http_host = "in") { set $ok 1; } ${BY_NETWORK}`, ['spoof-refused?']],
  ['that strangers may say: $host', `set $ok 0; if ($host = "in") { set $ok 1; } ${BY_NETWORK}`, ['spoof-refused?']],
])('the header Host: a rule for one %s', (_what, rule, found) => {
  const list = rule.includes('$remote_addr') ? '' : LIST;
  expect(judge({ rules: nginx(server('443 ssl', `${rule} ${list}`)), host: 'hooks.test' })).toEqual(found);
});

test.each<[what: string, row: Row, found: string[]]>([
  ['exactly the list', unless(String.raw`^185\.136\.20[0-3]\.`), []],
  ['the first octet alone', unless('^185'), ['nobody-else']],
  ['a neighbour by octet', unless(String.raw`^18[56]\.136\.20[0-3]\.`), ['nobody-else']],
  ['a class that is too wide', unless(String.raw`^185\.136\.20\d\.`), ['nobody-else']],
  ['no dot at the end', unless(String.raw`^185\.136\.20`), ['nobody-else']],
  ['no anchor', unless(String.raw`185\.136\.20[0-3]\.`), []],
  ['no anchor and no dot', unless(String.raw`136\.20[0-3]\.`), ['nobody-else']],
  ['a hole in the middle', unless(String.raw`^185\.136\.(200|203)\.`), ['vendor-admitted']],
  ['a network of the site beside it', unless(String.raw`^(185\.136\.20[0-3]|10\.1)\.`), []],
  [
    'a form that cannot be followed',
    unless(String.raw`^185\.136\.(?=20[0-3])`),
    ['stranger-refused?', 'vendor-admitted?'],
  ],
  [
    'a part of the address',
    {
      rules: nginx(
        server(
          '443 ssl',
          String.raw`if ($remote_addr ~ "^(18[56])\.136\.20[0-3]\.") { set $o $1; } if ($o != 185) { return 403; }`,
        ),
      ),
    },
    ['nobody-else?', 'vendor-admitted?'],
  ],
  ['a map', byMap(String.raw`~^185\.136\.20[0-3]\. 1;`), []],
  ['a map that is too wide', byMap(String.raw`~^185\. 1;`), ['nobody-else']],
  ['a map of wildcards', byMap('hostnames;', '185.136.* 1;'), ['nobody-else']],
  [
    'the first of two, the same map',
    byMap(String.raw`~^185\.136\.201\.7$ 0;`, String.raw`~^185\.136\.20[0-3]\. 1;`),
    ['vendor-admitted'],
  ],
  [
    'text behind a socket of both families',
    {
      rules: nginx(
        server('[::]:443 ssl ipv6only=off', String.raw`if ($remote_addr !~ "^185\.136\.20[0-3]\.") { return 403; }`),
      ),
    },
    ['vendor-admitted'],
  ],
  [
    'the last word of the header of a proxy',
    {
      rules: nginx(
        server('80', String.raw`if ($http_x_forwarded_for !~ "(^| )185\.136\.20[0-3]\.\d+$") { return 403; }`),
      ),
      behind: '10.0.0.9',
    },
    ['header-decides', 'spoof-refused?'],
  ],
])('addresses as text, %s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

test.each<[what: string, row: Row, found: string[]]>([
  [
    'one of two is open',
    { rules: nginx(server('443 ssl', LIST) + server('203.0.113.10:443 ssl', '')), host: 'hooks.test' },
    ['stranger-refused'],
  ],
  [
    'one of two refuses the vendor',
    { rules: nginx(server('443 ssl', LIST) + server('203.0.113.10:443 ssl', 'deny all;')), host: 'hooks.test' },
    ['vendor-admitted'],
  ],
  [
    'the open one has another default server',
    {
      rules: nginx(server('443 ssl', LIST) + server('203.0.113.10:443 ssl', '').replace('hooks.test', 'other.test')),
      host: 'hooks.test',
    },
    ['stranger-refused'],
  ],
  [
    'the other one is of another application',
    {
      rules: nginx(
        server('443 ssl', LIST) +
          'server { listen 203.0.113.10:443 ssl; server_name shop.test; location / { proxy_pass http://shop; } }',
      ),
      host: 'hooks.test',
    },
    [],
  ],
  [
    'IPv6 alone is open',
    { rules: nginx(server('443 ssl', LIST) + server('[::]:443 ssl', '')), host: 'hooks.test' },
    ['stranger-refused'],
  ],
  ['all of them hold', { rules: nginx(server('443 ssl', LIST, 'listen [::]:443 ssl;')), host: 'hooks.test' }, []],
])('sockets of the port: %s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

const proxied = (from: string, behind?: string): Row => ({
  rules: nginx(server('443 ssl proxy_protocol', LIST, `${from} real_ip_header proxy_protocol;`)),
  ...(behind === undefined ? {} : { behind }),
});

test.each<[what: string, row: Row, found: string[]]>([
  ['of the balancer alone', proxied('set_real_ip_from 10.0.0.9;', '10.0.0.9'), []],
  ['of the balancer alone, which is not named', proxied('set_real_ip_from 10.0.0.9;'), []],
  ['of another balancer', proxied('set_real_ip_from 10.0.0.8;', '10.0.0.9'), ['vendor-admitted']],
  ['of everybody', proxied('set_real_ip_from 0.0.0.0/0;'), ['real-ip-from-anyone', 'spoof-refused']],
  ['of everybody, behind a balancer', proxied('set_real_ip_from 0.0.0.0/0;', '10.0.0.9'), ['real-ip-from-anyone']],
  ['of nobody', proxied('', '10.0.0.9'), ['vendor-admitted']],
  ['of nobody, and no balancer is known', proxied(''), ['vendor-admitted?']],
  [
    'by an expression, of everybody',
    {
      rules: nginx(
        server(
          '443 ssl proxy_protocol',
          String.raw`if ($proxy_protocol_addr !~ "^185\.136\.20[0-3]\.") { return 403; }`,
        ),
      ),
    },
    ['spoof-refused'],
  ],
])('the PROXY protocol is believed %s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

const apache = (...lines: readonly string[]): ServerRules =>
  openApache({ file: 'conf', text: ['Listen 443', ...lines].join('\n') }, () => []);
const host = (address: string, ...lines: readonly string[]): string[] => [
  `<VirtualHost ${address}>`,
  'ServerName hooks.test',
  ...lines,
  'ProxyPass / http://127.0.0.1:9000/',
  '</VirtualHost>',
];
const location = (...lines: readonly string[]): string[] => ['<Location /hook>', ...lines, '</Location>'];
const REQUIRE = location('Require ip 185.136.200.0/22');
const byExpression = (expression: string): Row => ({
  rules: apache(...host('*:443', ...location(`Require expr "${expression}"`))),
});

test.each<[what: string, row: Row, found: string[]]>([
  ['exactly the list', byExpression(String.raw`%{REMOTE_ADDR} =~ /^185\.136\.20[0-3]\./`), []],
  ['the first octet', byExpression('%{REMOTE_ADDR} =~ /^185/'), ['nobody-else']],
  ['a hole', byExpression(String.raw`%{REMOTE_ADDR} =~ m#^185\.136\.(200|203)\.#`), ['vendor-admitted']],
  ['a pattern of a shell', byExpression(`%{REMOTE_ADDR} -strmatch '185.136.20[0-3].*'`), []],
  ['a pattern that is too wide', byExpression(`%{REMOTE_ADDR} -strmatch '185.136.*'`), ['nobody-else']],
  [
    'the order of texts',
    byExpression(`%{REMOTE_ADDR} >= '185.136.200.0' && %{REMOTE_ADDR} <= '185.136.203.255'`),
    ['stranger-refused?', 'vendor-admitted?'],
  ],
  [
    'SetEnvIf',
    {
      rules: apache(
        ...host(
          '*:443',
          String.raw`SetEnvIf Remote_Addr "^18[56]\.136\.20[0-3]\." vendor`,
          ...location('Require env vendor'),
        ),
      ),
    },
    ['nobody-else'],
  ],
  [
    'RewriteCond',
    {
      rules: apache(
        ...host(
          '*:443',
          'RewriteEngine On',
          String.raw`RewriteCond %{REMOTE_ADDR} !^185\.136\.20\d\.`,
          'RewriteRule ^/hook - [F]',
        ),
      ),
    },
    ['nobody-else'],
  ],
  [
    'a part of the address',
    {
      rules: apache(
        ...host(
          '*:443',
          'RewriteEngine On',
          String.raw`RewriteCond %{REMOTE_ADDR} ^(18[56])\.136\.20[0-3]\.`,
          'RewriteRule ^/hook - [E=OCTET:%1]',
          'RewriteCond %{ENV:OCTET} !=185',
          'RewriteRule ^/hook - [F]',
        ),
      ),
    },
    ['nobody-else?', 'vendor-admitted?'],
  ],
  [
    'a section',
    {
      rules: apache(
        ...host('*:443', String.raw`<If "%{REMOTE_ADDR} !~ /^185\.136\./">`, 'Require all denied', '</If>'),
      ),
    },
    ['nobody-else'],
  ],
])('Apache compares addresses as text, %s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

test.each<[what: string, row: Row, found: string[]]>([
  [
    'one of two is open',
    { rules: apache(...host('*:443', ...REQUIRE), ...host('203.0.113.10:443')), host: 'hooks.test' },
    ['stranger-refused'],
  ],
  [
    'the open one is the first in the file',
    { rules: apache(...host('203.0.113.10:443'), ...host('*:443', ...REQUIRE)), host: 'hooks.test' },
    ['stranger-refused'],
  ],
  [
    'the main server hands the path to the same application',
    {
      rules: apache('ProxyPass / http://127.0.0.1:9000/', ...host('203.0.113.10:443', ...REQUIRE)),
      host: 'hooks.test',
    },
    ['stranger-refused'],
  ],
  [
    'the main server has no effect with it',
    { rules: apache(...host('203.0.113.10:443', ...REQUIRE)), host: 'hooks.test' },
    [],
  ],
  ['all of them hold', { rules: apache(...host('*:443', ...REQUIRE)), host: 'hooks.test' }, []],
])('sockets of Apache: %s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

test.each<[what: string, row: Row, found: string[]]>([
  ['of everybody', { rules: apache(...host('*:443', 'RemoteIPProxyProtocol On', ...REQUIRE)) }, ['spoof-refused']],
  [
    'of the balancer',
    { rules: apache(...host('*:443', 'RemoteIPProxyProtocol On', ...REQUIRE)), behind: '10.0.0.9' },
    [],
  ],
])('Apache believes the PROXY protocol %s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

const told = (header: string, rules: ServerRules, behind: string | undefined = '10.0.0.9'): Row => ({
  rules,
  behind,
  tellsIn: header,
});
const direct = ({ rules }: Row): Row => ({ rules });
const nginxReads = (header: string, from: string): ServerRules =>
  nginx(server('443 ssl', LIST, `set_real_ip_from ${from}; real_ip_header ${header};`));
const apacheReads = (header: string, ...proxies: readonly string[]): ServerRules =>
  apache(`RemoteIPHeader ${header}`, ...proxies.map((one) => `RemoteIPInternalProxy ${one}`), LOCATION);
const LOCATION = '<Location /hook>\nRequire ip 185.136.200.0/22\n</Location>';
const HEADERS = ['X-Real-IP', 'CF-Connecting-IP', 'True-Client-IP', 'X-Forwarded-For'];

test.each(
  HEADERS.flatMap((header): [what: string, row: Row, found: string[]][] => {
    const [one, all] = [nginxReads(header, '10.0.0.9'), nginxReads(header, '0.0.0.0/0')];
    // Without a list of proxies mod_remoteip believes what stands first in a list, which the caller wrote.
    const first = header === 'X-Forwarded-For' ? ['spoof-refused'] : [];
    const [ofOne, ofAll] = [apacheReads(header, '10.0.0.9'), apacheReads(header)];
    return [
      [`nginx: ${header} of the balancer alone`, told(header, one), []],
      [`nginx: ${header} of another balancer`, told(header, nginxReads(header, '10.0.0.8')), ['vendor-admitted']],
      [`nginx: ${header} of everybody, behind the balancer`, told(header, all), ['real-ip-from-anyone']],
      [`nginx: ${header} of everybody`, direct(told(header, all)), ['real-ip-from-anyone', 'spoof-refused']],
      [`Apache: ${header} of the balancer alone`, told(header, ofOne), []],
      [`Apache: ${header} of another balancer`, told(header, apacheReads(header, '10.0.0.8')), ['vendor-admitted']],
      [
        `Apache: ${header} of everybody, behind the balancer`,
        told(header, ofAll),
        ['remoteip-trusts-anyone', ...first],
      ],
      [`Apache: ${header} of everybody`, direct(told(header, ofAll)), ['remoteip-trusts-anyone', 'spoof-refused']],
    ];
  }),
)('%s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

const believing = (...networks: readonly string[]): ServerRules =>
  nginx(
    server('443 ssl', LIST, `${networks.map((one) => `set_real_ip_from ${one};`).join(' ')} real_ip_header X-Real-IP;`),
  );
const byGeo = (...proxies: readonly string[]): ServerRules =>
  nginx(
    `geo $ok { ${proxies.map((one) => `proxy ${one};`).join(' ')} default 0; 185.136.200.0/22 1; }
    ${server('443 ssl', 'if ($ok = 0) { return 403; }')}`,
  );
const byProtocol = (network: string): ServerRules =>
  nginx(server('443 ssl proxy_protocol', LIST, `set_real_ip_from ${network}; real_ip_header proxy_protocol;`));
const trustedBy = (directive: string, ...networks: readonly string[]): ServerRules =>
  apache('RemoteIPHeader X-Forwarded-For', ...networks.map((one) => `${directive} ${one}`), LOCATION);

test.each<[what: string, row: Row, found: string[]]>([
  ['a large public network', { rules: believing('8.0.0.0/8') }, ['nobody-else']],
  ['the network around the vendor', { rules: believing('185.136.0.0/16') }, ['nobody-else']],
  ['several that are large together', { rules: believing('9.0.0.0/19', '12.0.0.0/19') }, ['nobody-else']],
  ['half of the internet', { rules: believing('0.0.0.0/1') }, ['nobody-else']],
  [
    'all of it in pieces, but for the stranger',
    { rules: believing('0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/5') },
    ['nobody-else'],
  ],
  ['the network of the stranger', { rules: believing('200.0.0.0/5') }, ['real-ip-from-anyone', 'spoof-refused']],
  ['a provider of IPv6', { rules: believing('2a02::/32') }, ['nobody-else']],
  ['a small public network', { rules: believing('8.8.8.0/24') }, []],
  ['private networks', { rules: believing('10.0.0.0/8', '172.16.0.0/12', 'fc00::/7') }, []],
  ['the links of a cloud', { rules: believing('169.254.0.0/16', 'fe80::/10') }, []],
  ['the network of the balancer', { rules: believing('8.0.0.0/8'), behind: '8.1.2.3', tellsIn: 'X-Real-IP' }, []],
  ['half of the internet, by geo', { rules: byGeo('0.0.0.0/1') }, ['nobody-else']],
  ['a large public network, by geo', { rules: byGeo('11.0.0.0/8') }, ['nobody-else']],
  ['a private network, by geo', { rules: byGeo('10.0.0.0/8') }, []],
  ['a large public network, by the PROXY protocol', { rules: byProtocol('8.0.0.0/8') }, ['nobody-else']],
  ['a private network, by the PROXY protocol', { rules: byProtocol('10.0.0.0/8') }, []],
  [
    'a public network, in a header of any value',
    {
      rules: nginx(
        `geo $isThere { default 0; 8.0.0.0/8 1; } map $isThere $key { 1 $http_x_key; default 0; }
        ${server('443 ssl', `set $ok 0; if ($key = "in") { set $ok 1; } ${BY_NETWORK}`)}`,
      ),
    },
    ['nobody-else?'],
  ],
  ['Apache: large, trusted', { rules: trustedBy('RemoteIPTrustedProxy', '8.0.0.0/8') }, ['nobody-else']],
  ['Apache: large, internal', { rules: trustedBy('RemoteIPInternalProxy', '185.136.0.0/16') }, ['nobody-else']],
  ['Apache: small', { rules: trustedBy('RemoteIPTrustedProxy', '8.8.8.0/24') }, []],
  ['Apache: private', { rules: trustedBy('RemoteIPInternalProxy', '10.0.0.0/8') }, []],
])('whose word on the caller is believed, %s', (_, row, found) => {
  expect(judge(row).toSorted()).toEqual(found.toSorted());
});

test('what the balancer tells in another header is not read', () => {
  expect(judge(told('X-Real-IP', nginxReads('X-Forwarded-For', '10.0.0.9')))).toContain('vendor-admitted');
  expect(judge(told('X-Forwarded-For', apacheReads('X-Real-IP', '10.0.0.9')))).toContain('vendor-admitted');
});

const byForwarded = (pattern: string): ServerRules =>
  nginx(
    `map $http_forwarded $isIn { default 0; "~${pattern}" 1; } ${server('443 ssl', 'if ($isIn = 0) { return 403; }')}`,
  );
const VENDOR = String.raw`for=185\.136\.20[0-3]\.\d+`;

test.each<[what: string, row: Row, found: RegExp]>([
  ['as real_ip reads it: not at all', told('Forwarded', nginxReads('Forwarded', '10.0.0.9')), /^vendor-admitted/],
  ['as mod_remoteip reads it: not at all', told('Forwarded', apacheReads('Forwarded', '10.0.0.9')), /^vendor-admitted/],
  ['wherever it says so', told('Forwarded', byForwarded(VENDOR)), /^spoof-refused$/],
  ['at its end, of a balancer that adds to it', told('Forwarded', byForwarded(`${VENDOR}$`)), /^(?:spoof-refused\?)?$/],
  [
    'of everybody',
    direct(told('Forwarded', byForwarded(`${VENDOR}$`))),
    /^vendor-admitted,spoof-refused|^spoof-refused/,
  ],
])('Forwarded: %s', (_, row, found) => {
  expect(judge(row).join(',')).toMatch(found);
});

const refusing = (inside: string, beside: string): Row => ({
  rules: nginx(`server { listen 80; server_name hooks.test; ${beside} location /hook { ${inside} ${LIST} ${APP} } }`),
});

test.each<[what: string, row: Row, found: string[]]>([
  [
    'its page is made by proxy_pass',
    refusing('error_page 403 /no;', `location = /no { ${APP} }`),
    ['stranger-refused?'],
  ],
  [
    'its page is made by a script of the whole server',
    refusing('', 'error_page 403 /index.php; location ~ \\.php$ { fastcgi_pass app:1; }'),
    ['stranger-refused?'],
  ],
  [
    'its page falls back to an application',
    refusing('error_page 403 /no;', `location = /no { try_files /no.html @app; } location @app { ${APP} }`),
    ['stranger-refused?'],
  ],
  ['its page stands behind the same list', refusing('error_page 403 /no;', `location = /no { ${LIST} ${APP} }`), []],
  ['its page is a file', refusing('error_page 403 /no.html;', 'location = /no.html { internal; root /srv; }'), []],
  ['its page is a text', refusing('error_page 403 /no;', 'location = /no { return 403 "no"; }'), []],
  [
    'post_action leads to an application',
    refusing('post_action @after;', `location @after { ${APP} }`),
    ['stranger-refused?'],
  ],
  [
    'post_action of the server leads to a path of an application',
    refusing('', `post_action /after; location /after { rewrite ^ /app last; } location /app { uwsgi_pass app:1; }`),
    ['stranger-refused?'],
  ],
  ['post_action leads behind the same list', refusing('post_action @after;', `location @after { ${LIST} ${APP} }`), []],
  [
    'its page is mirrored to an application',
    refusing('', `mirror /m; error_page 403 /no.html; location = /no.html { root /srv; } location /m { ${APP} }`),
    ['stranger-refused?'],
  ],
  ['nothing is mirrored without a page', refusing('', `mirror /m; location /m { internal; ${APP} }`), []],
  [
    'post_action writes a file',
    refusing('post_action @after;', 'location @after { internal; access_log /a; return 200; }'),
    [],
  ],
])('a refusal by nginx: %s', (_, row, found) => {
  expect(judge(row)).toEqual(found);
});
