import { expect, test } from 'vitest';
import { readPeer, networkAround } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { openNginx } from '../../../src/source/nginx/open-nginx.ts';
import { askRules } from '../../../src/source/rules/ask-rules.ts';
import { judgeRules } from '../../../src/source/rules/judge-rules.ts';
import type { ServerRules } from '../../../src/source/rules/server-rules.ts';
import { hookQuestion } from '../../helpers/hook-question.ts';

/** What is found of a stranger who may write whatever it likes, where 192.0.2.0/24 is the vendor's. */
function judgeSpoof(rules: ServerRules): string {
  const address = readPeer('192.0.2.0');
  if (address === null) throw new Error('192.0.2.0 is not an address');
  const simulations = askRules(rules, hookQuestion([{ network: networkAround(address, 24), source: 'a list' }]));
  const findings = judgeRules({ simulations, traps: [], notes: [], whyNobody: null });
  expect(findings.find(({ id }) => id === 'vendor-admitted')?.status).toBe('pass');
  const found = findings.find(({ id }) => id === 'spoof-refused');
  return `${found?.status}: ${found?.detail}`;
}

const nginx = (text: string, before = ''): ServerRules =>
  openNginx(
    { file: 'conf', text: `http { ${before} server { location /hook { ${text} proxy_pass http://app; } } }` },
    () => [],
  );
const orElse = (condition: string): ServerRules =>
  nginx(
    `set $ok 0; if ($remote_addr ~ "^192\\.0\\.2\\.") { set $ok 1; } if (${condition}) { set $ok 1; } if ($ok = 0) { return 403; }`,
  );
const apache = (...lines: readonly string[]): ServerRules =>
  openApache(
    {
      file: 'conf',
      text: ['Listen 80', '<VirtualHost *:80>', ...lines, 'ProxyPass / http://127.0.0.1:9000/', '</VirtualHost>'].join(
        '\n',
      ),
    },
    () => [],
  );
const unless = (condition: string): ServerRules =>
  apache(
    'RewriteEngine On',
    'RewriteCond %{REMOTE_ADDR} !^192\\.0\\.2\\.',
    `RewriteCond ${condition}`,
    'RewriteRule ^/hook - [F]',
  );

test.each<[what: string, rules: ServerRules, on: RegExp]>([
  [
    'nginx: a word in X-Forwarded-For',
    orElse('$http_x_forwarded_for ~ "10\\.1\\.(2|3)"'),
    /the header x-forwarded-for, which the caller controls/,
  ],
  [
    'nginx: the same, joined',
    orElse('$proxy_add_x_forwarded_for ~ "10\\.1\\.(2|3)"'),
    /the header x-forwarded-for, which the caller controls/,
  ],
  [
    'nginx: a word in the query',
    orElse('$arg_debug = 1'),
    /\$arg_debug comes from the query string, which the caller controls/,
  ],
  ['nginx: a cookie', orElse('$http_cookie ~ admin'), /the header cookie, which the caller controls/],
  ['Apache: a word in the query', unless('%{QUERY_STRING} !debug'), /RewriteCond %\{QUERY_STRING\} !debug/],
  ['Apache: a cookie', unless('%{HTTP_COOKIE} !admin'), /RewriteCond %\{HTTP_COOKIE\} !admin/],
  ['Apache: a header of no fixed meaning', unless('%{HTTP:X-Token} !^abc$'), /RewriteCond %\{HTTP:X-Token\} !\^abc\$/],
  [
    'Apache: a variable out of a header',
    apache(
      'SetEnvIf X-Token "^abc$" friend',
      '<Location /hook>',
      'Require ip 192.0.2.0/24',
      'Require env friend',
      '</Location>',
    ),
    /what x-token is/,
  ],
  [
    'Apache: an expression over a header',
    apache('<Location /hook>', 'Require ip 192.0.2.0/24', 'Require expr "%{HTTP:X-Token} == \'abc\'"', '</Location>'),
    /X-Token/,
  ],
  [
    'Apache: a function of a header',
    apache('<Location /hook>', 'Require ip 192.0.2.0/24', "Require expr \"req('X-Token') == 'abc'\"", '</Location>'),
    /X-Token/,
  ],
])('%s that lets strangers in is told', (_, rules, on) => {
  const found = judgeSpoof(rules);
  expect(found).toMatch(/^warn: unknown for 203\.0\.113\.66: /);
  expect(found).toMatch(on);
});

const GUARD = 'allow 192.0.2.0/24; deny all;';
const LOCATION = ['<Location /hook>', 'Require ip 192.0.2.0/24', '</Location>'];

test.each<[what: string, rules: ServerRules]>([
  ['nginx: a plain list', nginx(GUARD)],
  [
    'nginx: what is refused beside the list',
    nginx(
      `if ($http_x_forwarded_proto = http) { return 301 https://$host$request_uri?$args; } if ($args ~ select) { return 403; } ${GUARD}`,
    ),
  ],
  [
    'nginx: a header that is only handed on',
    nginx(`${GUARD} proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`),
  ],
  ['nginx: a proxy that is trusted', nginx(GUARD, 'set_real_ip_from 10.0.0.1; real_ip_header X-Forwarded-For;')],
  [
    'nginx: a query that is only handed on',
    openNginx(
      {
        file: 'conf',
        text: `http { server { location / { try_files $uri /index.php?$query_string; } location ~ \\.php$ { ${GUARD} fastcgi_pass unix:/php; } } }`,
      },
      () => [],
    ),
  ],
  ['Apache: a plain list', apache(...LOCATION)],
  [
    'Apache: what is refused beside the list',
    apache('RewriteEngine On', 'RewriteCond %{QUERY_STRING} select', 'RewriteRule ^ - [F]', ...LOCATION),
  ],
  [
    'Apache: a query that is only handed on',
    apache(
      'RewriteEngine On',
      'RewriteRule ^/hook$ /index.php?%{QUERY_STRING} [PT]',
      '<Location /index.php>',
      'Require ip 192.0.2.0/24',
      '</Location>',
    ),
  ],
])('%s holds whatever a stranger says', (_, rules) => {
  expect(judgeSpoof(rules)).toMatch(/^pass: 203\.0\.113\.66 with X-Forwarded-For: 192\.0\.2\.0 is refused/);
});
