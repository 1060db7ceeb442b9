import { expect, test } from 'vitest';
import { readPeer } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { TRAPS } from '../../../src/source/apache/traps.ts';
import type { Trap } from '../../../src/source/rules/server-rules.ts';

const hook = (...lines: string[]): string => ['<Location "/hook">', ...lines, '</Location>'].join('\n');
const host = (name: string, port: number, ...lines: string[]): string =>
  [`<VirtualHost *:${port}>`, `ServerName ${name}`, ...lines, '</VirtualHost>'].join('\n');

function findTraps(text: string): readonly Trap[] {
  return openApache({ file: '/etc/apache2/site.conf', text }, () => []).findTraps('/hook', 'hooks.example', null);
}

const SAFE = 'Require ip 192.0.2.0/24';

const TRAPPED: readonly (readonly [keyof typeof TRAPS, string, line: number])[] = [
  ['require-ip-or-all-granted', hook(SAFE, 'Require all granted'), 3],
  [
    'require-ip-or-all-granted',
    hook(
      '<RequireAny>',
      'Require all granted',
      '<RequireAll>',
      SAFE,
      'Require local',
      '</RequireAll>',
      '</RequireAny>',
    ),
    3,
  ],
  ['limit-leaves-post-open', hook('<Limit GET>', SAFE, '</Limit>'), 3],
  ['limit-leaves-post-open', hook('<Limit GET>', 'Order deny,allow', 'Deny from all', '</Limit>'), 3],
  ['order-deny-allow-without-deny', hook('Order deny,allow', 'Allow from 192.0.2.0/24'), 2],
  ['allow-without-order', hook('Allow from 192.0.2.0/24'), 2],
  ['deny-overrules-allow', hook('Order allow,deny', 'Allow from 192.0.2.0/24', 'Deny from all'), 4],
  ['mixed-syntax', hook('Order deny,allow', 'Deny from all', 'Allow from 192.0.2.0/24', SAFE), 2],
  ['satisfy-any', hook('Order deny,allow', 'Deny from all', 'Allow from 192.0.2.0/24', SAFE, 'Satisfy Any'), 6],
  ['host-is-no-name', hook('Require host *.mail-plus.example'), 2],
  ['host-is-no-name', hook('Require host 192.0.2.1'), 2],
  ['remoteip-trusts-anyone', ['RemoteIPHeader X-Forwarded-For', hook(SAFE)].join('\n'), 1],
  [
    'remoteip-trusts-anyone',
    ['RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 0.0.0.0/1 128.0.0.0/1', hook(SAFE)].join('\n'),
    2,
  ],
  ['header-decides', ['SetEnvIf X-Forwarded-For ^192\\.0\\.2\\. friend', hook('Require env friend')].join('\n'), 1],
  ['header-decides', hook("Require expr %{HTTP:X-Real-IP} == '192.0.2.1'"), 2],
  [
    'header-decides',
    ['RewriteEngine On', 'RewriteCond %{HTTP:X-Forwarded-For} !^192\\.0\\.2\\.', 'RewriteRule ^ - [F]'].join('\n'),
    2,
  ],
  [
    'rewrite-knows-no-such-header',
    ['RewriteEngine On', 'RewriteCond %{HTTP_X_FORWARDED_FOR} !^192\\.0\\.2\\.', 'RewriteRule ^ - [F]'].join('\n'),
    2,
  ],
  ['address-as-expression', ['SetEnvIf Remote_Addr 192.0.2.1 friend', hook('Require env friend')].join('\n'), 1],
  ['set-env-too-late', ['SetEnv friend 1', hook('Require env friend')].join('\n'), 1],
  ['section-misses-path', ['<Location "/hook/">', SAFE, '</Location>'].join('\n'), 1],
  ['section-misses-path', ['<Location "/Hook">', SAFE, '</Location>'].join('\n'), 1],
  ['inner-section-replaces-outer', [hook(SAFE), '<Location "/">', 'Require all granted', '</Location>'].join('\n'), 5],
  [
    'inner-order-drops-outer',
    ['<Location "/">', 'Order deny,allow', 'Deny from all', '</Location>', hook('Allow from 192.0.2.1')].join('\n'),
    6,
  ],
  ['merging-without-require', ['<Location "/">', SAFE, '</Location>', hook('AuthMerging Off')].join('\n'), 5],
  ['mask-with-holes', hook('Require ip 192.0.2.0/255.0.255.0'), 2],
  ['partial-address', hook('Require ip 10.1'), 2],
  ['partial-address', hook('Order allow,deny', 'Allow from 192.0.2.'), 3],
  ['host-bits-set', hook('Require ip 192.0.2.9/24'), 2],
  [
    'open-on-another-port',
    [host('hooks.example', 443, 'SSLEngine on', hook(SAFE)), host('hooks.example', 80)].join('\n'),
    8,
  ],
  [
    'open-under-another-name',
    [
      host('hooks.example', 80, 'ProxyPass / http://127.0.0.1:3000/', hook(SAFE)),
      host('www.example', 80, 'ProxyPass / http://127.0.0.1:3000/'),
    ].join('\n'),
    8,
  ],
  ...[
    'ProxyPass /other http://127.0.0.1:3000/hook',
    'ProxyPass /api/ http://127.0.0.1:3000/',
    '<Location /inner>\nProxyPass http://127.0.0.1:3000/hook\n</Location>',
    'RewriteEngine On\nRewriteRule ^/old$ http://127.0.0.1:3000/hook [P]',
  ].map((lines): readonly [keyof typeof TRAPS, string, number] => [
    'open-by-another-path',
    ['ProxyPass /hook http://127.0.0.1:3000/hook', lines, hook(SAFE)].join('\n'),
    lines.split('\n').length > 1 ? 3 : 2,
  ]),
  [
    'open-by-another-path',
    [
      host('hooks.example', 80, 'ProxyPass /hook http://127.0.0.1:3000/hook', hook(SAFE)),
      host('www.example', 80, 'ProxyPass /api http://127.0.0.1:3000'),
    ].join('\n'),
    10,
  ],
  [
    'open-under-another-name',
    [
      host('hooks.example', 80, 'ProxyPass / http://127.0.0.1:8081/', hook(SAFE)),
      host('inner.example', 8081, 'ProxyPass / http://127.0.0.1:3000/'),
    ].join('\n'),
    8,
  ],
  ['open-by-another-path', ['Alias /hook /srv/hook.php', 'Alias /x /srv', hook(SAFE)].join('\n'), 2],
  [
    'folder-rules-miss-proxy',
    ['DocumentRoot /var/www', 'ProxyPass / http://127.0.0.1:3000/', '<Directory /var/www>', SAFE, '</Directory>'].join(
      '\n',
    ),
    3,
  ],
];

test.each(TRAPPED)('%s is found: %j', (id, text, line) => {
  const found = findTraps(text);
  expect(found.map((trap) => `${trap.id}:${trap.place.line}`)).toContain(`${id}:${line}`);
});

test('each trap of the list is found in some configuration', () => {
  expect([...new Set(TRAPPED.map(([id]) => id))].toSorted()).toEqual(Object.keys(TRAPS).toSorted());
});

test.each([
  hook(SAFE),
  hook('<RequireAll>', 'Require all granted', 'Require not ip 198.51.100.0/24', '</RequireAll>'),
  hook('Order deny,allow', 'Deny from all', 'Allow from 192.0.2.0/24'),
  hook('Require host mail-plus.example'),
  ['RewriteEngine On', 'RewriteCond %{HTTP_USER_AGENT} (curl|wget|nikto) [NC]', 'RewriteRule ^ - [F]', hook(SAFE)].join(
    '\n',
  ),
  [
    '<Directory />',
    'Require all denied',
    '</Directory>',
    '<Directory /var/www/>',
    'Require all granted',
    '</Directory>',
    hook(SAFE),
  ].join('\n'),
  ['RemoteIPHeader X-Forwarded-For', 'RemoteIPInternalProxy 192.0.2.10', hook(SAFE)].join('\n'),
  ['SetEnvIf Remote_Addr "^192\\.0\\.2\\.1$" friend', hook('Require env friend')].join('\n'),
  [
    host('hooks.example', 443, 'SSLEngine on', hook(SAFE)),
    host('hooks.example', 80, 'Redirect permanent / https://hooks.example/'),
  ].join('\n'),
  [host('hooks.example', 443, hook(SAFE)), host('www.example', 443, 'DocumentRoot /srv/www')].join('\n'),
])('no trap in %j', (text) => {
  expect(findTraps(text)).toEqual([]);
});

test.each([
  'ProxyPass /other http://127.0.0.1:3000/other',
  'ProxyPass /other http://127.0.0.1:3001/hook',
  `ProxyPass /other http://127.0.0.1:3000/hook\n<Location /other>\n${SAFE}\n</Location>`,
  'ProxyPass /other !\nProxyPass /other http://127.0.0.1:3000/hook',
  host('inner.example', 8081, 'ProxyPass / http://127.0.0.1:3000/').replace('*', '127.0.0.1'),
])('no other path to what is guarded: %j', (lines) => {
  expect(findTraps(['ProxyPass /hook http://127.0.0.1:3000/hook', lines, hook(SAFE)].join('\n'))).toEqual([]);
});

test('what is called open is open, and to whom it is', () => {
  for (const [id, text] of TRAPPED) {
    if (
      ![
        'require-ip-or-all-granted',
        'limit-leaves-post-open',
        'order-deny-allow-without-deny',
        'section-misses-path',
        'inner-section-replaces-outer',
        'merging-without-require',
        'folder-rules-miss-proxy',
      ].includes(id)
    )
      continue;
    const peer = readPeer('203.0.113.66');
    if (peer === null) throw new Error('no address');
    const { outcome } = openApache({ file: '/etc/apache2/site.conf', text }, () => []).decide({
      path: '/hook',
      host: 'hooks.example',
      port: null,
      peer,
      headers: [],
    });
    expect(outcome, `${id}\n${text}`).toBe('admitted');
  }
});
