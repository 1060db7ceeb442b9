import { expect, test } from 'vitest';
import { networkAround, readPeer, type Address, type Network } from '../../../src/source/address.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { askRules } from '../../../src/source/rules/ask-rules.ts';
import { judgeRules, UNDECIDED } from '../../../src/source/rules/judge-rules.ts';
import type { ServerRules } from '../../../src/source/rules/server-rules.ts';

const addressAt = (text: string): Address => readPeer(text) as Address;
const networkOf = (text: string): Network => {
  const [address = '', length] = text.split('/');
  return networkAround(addressAt(address), Number(length ?? 32));
};

interface Row {
  rules: ServerRules;
  host?: string;
  behind?: string;
  expected?: string;
}

/** The checks that fail, and those that cannot be told; empty: the vendor is admitted, strangers are not. */
function judge({ rules, host, behind, expected = '185.136.200.0/22' }: Row): string[] {
  const network = networkOf(expected);
  const question = {
    path: '/hook',
    host: host ?? null,
    port: null,
    behind: behind === undefined ? null : addressAt(behind),
    suffixes: [],
    expected: [{ network, source: 'a list' }],
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
          String.raw`if ($remote_addr ~ "^(\d+)\.136\.20[0-3]\.") { set $o $1; } if ($o != 185) { return 403; }`,
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
