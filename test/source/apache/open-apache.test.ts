import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/model/error.ts';
import { readPeer } from '../../../src/source/address.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import { makeReadIncluded, readConfigFile } from '../../../src/source/rules/read-included.ts';
import type { Decision, ReadIncluded, ServerRules } from '../../../src/source/rules/server-rules.ts';
import { hasApache } from '../../helpers/apache.ts';
import { rulesSyntaxError } from '../../helpers/apache-rules.ts';
import { cpuMsOf } from '../../helpers/cpu-time.ts';

const open = (text: string, read: ReadIncluded = () => []): ServerRules =>
  openApache({ file: '/etc/apache2/site.conf', text }, read);

function ask(
  rules: ServerRules,
  from: string,
  { path = '/hook', host = null, port = null }: { path?: string; host?: string | null; port?: number | null } = {},
): Decision {
  const peer = readPeer(from);
  if (peer === null) throw new Error(`${from} is not an address`);
  const decision = rules.decide({ path, host, port, peer, headers: [] });
  // What is taken for granted of the files stands beside every decision.
  return { ...decision, doubts: [...decision.doubts, ...[rules.part ?? []].flat(), ...(rules.notes ?? [])] };
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError && error.kind === 'input') return error.message;
    throw error;
  }
  return 'no error';
}

const hook = (...lines: string[]): string => ['<Location /hook>', ...lines, '</Location>'].join('\n');
const VENDOR = '192.0.2.9';
const STRANGER = '203.0.113.66';

describe('what Apache does not start with', () => {
  const WRONG: readonly (readonly [config: string, line: number, message: RegExp])[] = [
    ['<Location /hook>', 1, /not closed/],
    ['\n</Location>', 2, /closes no section/],
    ['<Location /hook>\n</Directory>', 2, /expected/],
    ['<Location /hook\nRequire all granted\n</Location>', 1, /missing its closing/],
    [hook('Require ip 192.0.2.0/33'), 2, /invalid/],
    [hook('Require ip 192.0.2/24'), 2, /invalid/],
    [hook('Require ip 0.0.0.0/0'), 2, /invalid/],
    [hook('Require ip ::ffff:192.0.2.1'), 2, /invalid/],
    [hook('Require ip 192.0.2.1/'), 2, /invalid/],
    [hook('Require ip 192.0.2.1/-1'), 2, /invalid/],
    [hook('Require ip 192.0.2.1.1'), 2, /invalid/],
    [hook('Require ip 256.0.2.1'), 2, /invalid/],
    [hook('Require ip 192.0.2.1,192.0.2.2'), 2, /invalid/],
    [hook('Require ip mail.example'), 2, /invalid/],
    [hook('Require ip'), 2, /argument/],
    [hook('Require ip 192.0.2.1 # the vendor'), 2, /invalid/],
    [hook('Require all'), 2, /granted/],
    [hook('Require All granted'), 2, /unknown/i],
    [hook('Require not ip 192.0.2.1'), 2, /no effect/],
    [hook('<RequireAll>', 'Require not ip 192.0.2.1', '</RequireAll>'), 2, /negative/],
    [hook('<RequireAll>', '</RequireAll>'), 2, /no Require/],
    [hook('<RequireNone>', 'Require ip 192.0.2.1', '</RequireNone>'), 2, /no effect/],
    [hook('<RequireAny>', '<RequireNone>', 'Require local', '</RequireNone>', '</RequireAny>'), 3, /no effect/],
    ['Require all granted', 1, /not allowed/],
    ['Order deny,allow', 1, /not allowed/],
    [hook('Order deny, allow'), 2, /order/],
    [hook('Allow 192.0.2.1'), 2, /from/],
    [hook('Allow from 192.0.2.0/33'), 2, /address/],
    [hook('Satisfy Both'), 2, /Satisfy/],
    [hook('AuthMerging Perhaps'), 2, /AuthMerging/],
    ['Include /nowhere/at-all.conf', 1, /no file matches/],
    ['Include /nowhere/*.conf', 1, /no file matches/],
    ['Use Unknown', 1, /macro/],
    ['RemoteIPInternalProxy 192.0.2.0/33', 1, /RemoteIP/],
    ['<Else>\n</Else>', 1, /If/],
    ['RewriteCond %{REMOTE_ADDR}', 1, /RewriteCond/],
    ['<Location /a /b>\n</Location>', 1, /multiple/],
    ['Error "not here"', 1, /not here/],
  ];

  test.each(WRONG)('%j is an error with its line', (config, line, message) => {
    const found = errorOf(() => open(config));
    expect(found).toMatch(message);
    expect(found).toContain(`/etc/apache2/site.conf:${line}:`);
  });

  test.skipIf(!hasApache)(
    `Apache does not start with them either${hasApache ? '' : ' (skipped: apache2 is not installed)'}`,
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'hookproof-apache-'));
      const accepted = WRONG.filter(([config]) => rulesSyntaxError(folder, { hosts: {}, main: config }) === null);
      rmSync(folder, { recursive: true });
      expect(accepted.map(([config]) => config)).toEqual([]);
    },
  );
});

describe('files of their own', () => {
  let folder: string;
  const write = (files: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  const openFile = (name: string): ServerRules => openApache(readConfigFile(join(folder, name)), makeReadIncluded());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hookproof-apache-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('a Debian layout is read whole, in its order', () => {
    write({
      'apache2.conf': [
        'PidFile ${APACHE_PID_FILE}',
        'IncludeOptional mods-enabled/*.load',
        'IncludeOptional mods-enabled/*.conf',
        'Include ports.conf',
        '<Directory />',
        '\tAllowOverride None',
        '\tRequire all denied',
        '</Directory>',
        '<Directory /var/www/>',
        '\tAllowOverride None',
        '\tRequire all granted',
        '</Directory>',
        'IncludeOptional conf-enabled/*.conf',
        'IncludeOptional sites-enabled/*.conf',
        '',
      ].join('\n'),
      'ports.conf': 'Listen 80\n<IfModule ssl_module>\n\tListen 443\n</IfModule>\n',
      'mods-available/ssl.load': 'LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\n',
      'conf-available/security.conf': 'ServerTokens OS\n',
      'sites-available/hooks.conf': [
        '<IfModule mod_ssl.c>',
        '<VirtualHost *:443>',
        'ServerName hooks.example',
        'DocumentRoot /var/www/html',
        'SSLEngine on',
        hook('Require ip 192.0.2.0/24'),
        '</VirtualHost>',
        '</IfModule>',
        '<IfModule mod_proxy.c>',
        '<VirtualHost *:443>',
        '</VirtualHost>',
        '</IfModule>',
        '',
      ].join('\n'),
      'sites-available/000-default.conf':
        '<VirtualHost *:80>\nDocumentRoot /var/www/html\nRedirect permanent / https://hooks.example/\n</VirtualHost>\n',
    });
    for (const [link, target] of [
      ['mods-enabled/ssl.load', 'mods-available/ssl.load'],
      ['conf-enabled/security.conf', 'conf-available/security.conf'],
      ['sites-enabled/hooks.conf', 'sites-available/hooks.conf'],
      ['sites-enabled/000-default.conf', 'sites-available/000-default.conf'],
    ] as const) {
      mkdirSync(dirname(join(folder, link)), { recursive: true });
      symlinkSync(join(folder, target), join(folder, link));
    }
    const rules = openFile('apache2.conf');
    expect(ask(rules, VENDOR)).toMatchObject({
      outcome: 'admitted',
      place: { file: join(folder, 'sites-enabled/hooks.conf'), line: 7, text: 'Require ip 192.0.2.0/24' },
    });
    expect(ask(rules, STRANGER, { host: 'hooks.example' })).toMatchObject({ outcome: 'refused', status: 403 });
    expect(ask(rules, VENDOR, { port: 80 })).toMatchObject({ outcome: 'refused', status: 301, place: { line: 3 } });
    expect(rules.networksFor('/hook', null, null).map(({ text }) => text)).toEqual(['192.0.2.0/24']);
  });

  test('an error in an included file is told with its own line', () => {
    write({ 'main.conf': '\nInclude more.conf\n', 'more.conf': '\n\nRequire all granted\n' });
    expect(errorOf(() => openFile('main.conf'))).toContain(`${join(folder, 'more.conf')}:3:`);
  });

  test('a section does not go on over the end of its file', () => {
    write({ 'main.conf': 'Include more.conf\nRequire all granted\n</Location>\n', 'more.conf': '<Location /hook>\n' });
    expect(errorOf(() => openFile('main.conf'))).toMatch(
      /more\.conf:1: <location> is not closed|main\.conf:3: <\/Location> closes no section/,
    );
  });

  test('a file that includes itself is an error', () => {
    write({ 'main.conf': 'Include main.conf\n' });
    expect(errorOf(() => openFile('main.conf'))).toMatch(/20 levels deep/);
  });

  test('files that include each other many times over are an error soon', () => {
    write({ 'main.conf': 'Include b/*.conf\n'.repeat(200), 'b/1.conf': 'Include b/*.conf\n'.repeat(200) });
    expect(errorOf(() => openFile('main.conf'))).toMatch(/deep|more than/);
  });

  test('a folder means the files in it, and ServerRoot what is relative', () => {
    write({
      'main.conf': 'ServerRoot {}\nInclude rules\n'.replace('{}', join(folder, 'sub')),
      'sub/rules/a.conf': hook('Require ip 192.0.2.0/24'),
    });
    expect(ask(openFile('main.conf'), STRANGER)).toMatchObject({
      outcome: 'refused',
      place: { file: join(folder, 'sub/rules/a.conf') },
    });
  });

  test('no .htaccess is looked for below a document that is a file', () => {
    write({
      'main.conf': ['DocumentRoot {}', '<Directory {}>', 'AllowOverride All', 'Require ip 192.0.2.9', '</Directory>']
        .join('\n')
        .replaceAll('{}', join(folder, 'www')),
      'www/hook.php': '<?php',
    });
    const rules = openFile('main.conf');
    expect(ask(rules, VENDOR, { path: '/hook.php' })).toMatchObject({ outcome: 'admitted', place: { line: 4 } });
    expect(ask(rules, STRANGER, { path: '/hook.php' })).toMatchObject({ outcome: 'refused', place: { line: 4 } });
  });

  test('a list of proxies is read from its file', () => {
    write({
      'main.conf': [
        'RemoteIPHeader X-Forwarded-For',
        'RemoteIPInternalProxyList proxies.txt',
        hook('Require ip 192.0.2.9'),
      ].join('\n'),
      'proxies.txt': '# ours\n198.51.100.1 198.51.100.2 # two\n',
    });
    const peer = readPeer('198.51.100.2');
    if (peer === null) throw new Error('no address');
    expect(
      openFile('main.conf').decide({
        path: '/hook',
        host: null,
        port: null,
        peer,
        headers: [['X-Forwarded-For', VENDOR]],
      }),
    ).toMatchObject({ outcome: 'admitted', seenAs: { text: VENDOR } });
  });
});

const host = (address: string, name: string, ...lines: string[]): string =>
  [`<VirtualHost ${address}>`, `ServerName ${name}`, ...lines, '</VirtualHost>'].join('\n');

describe('which server answers', () => {
  const rules = open(
    [
      host('*:80', 'one.example', hook('Require ip 192.0.2.1')),
      host('*:80', 'two.example', 'ServerAlias *.two.example www.second.example', hook('Require ip 192.0.2.2')),
      host('*:443', 'two.example:443', 'SSLEngine on', hook('Require ip 192.0.2.3')),
      host('198.51.100.1:8080', 'three.example', hook('Require ip 192.0.2.4')),
      hook('Require ip 192.0.2.5'),
    ].join('\n'),
  );

  test.each([
    ['the name', 'one.example', 80, '192.0.2.1'],
    ['the name in upper case, with a port and a dot', 'TWO.Example.:80', 80, '192.0.2.2'],
    ['an alias', 'www.second.example', 80, '192.0.2.2'],
    ['a wildcard', 'a.b.two.example', 80, '192.0.2.2'],
    ['an unknown name goes to the first', 'other.example', 80, '192.0.2.1'],
    ['no name goes to the first', null, 80, '192.0.2.1'],
    ['without a port, TLS goes before', 'two.example', null, '192.0.2.3'],
    ['without a port, where the name is served', 'one.example', null, '192.0.2.1'],
    ['an address of its own', 'three.example', 8080, '192.0.2.4'],
    ['the main server where no virtual host listens', 'one.example', 9000, '192.0.2.5'],
  ])('%s', (_, name, port, vendor) => {
    expect(ask(rules, vendor, { host: name, port }).outcome).toBe('admitted');
    expect(ask(rules, STRANGER, { host: name, port }).outcome).toBe('refused');
  });

  test('which address it comes in at is asked for when it makes a difference', () => {
    const twice = open(
      [
        host('198.51.100.1:80', 'a.example', hook('Require all granted')),
        host('*:80', 'b.example', hook('Require all denied')),
      ].join('\n'),
    );
    expect(ask(twice, STRANGER, { port: 80 })).toMatchObject({
      outcome: 'undecided',
      doubts: [
        { text: expect.stringContaining('an address') as string },
        { text: expect.stringContaining('part of a configuration') as string },
      ],
    });
  });
});

describe('the line that decides', () => {
  test.each([
    ['the one that admits', [hook('Require ip 198.51.100.1', 'Require ip 192.0.2.0/24')], 3, 'Require ip 192.0.2.0/24'],
    [
      'the telling one of several that admit together',
      [hook('<RequireAll>', 'Require all granted', 'Require ip 192.0.2.0/24', '</RequireAll>')],
      4,
      'Require ip 192.0.2.0/24',
    ],
    [
      'the first of those that do not admit',
      [hook('Require ip 198.51.100.1', 'Require ip 198.51.100.2')],
      2,
      'no Require here admits 192.0.2.9',
    ],
    [
      'the one that refuses',
      [hook('<RequireAll>', 'Require all granted', 'Require not ip 192.0.2.9', '</RequireAll>')],
      4,
      'negated: Require not ip 192.0.2.9',
    ],
    ['Deny', [hook('Order allow,deny', 'Allow from all', 'Deny from 192.0.2')], 4, 'Deny from 192.0.2'],
    [
      'Order where nothing denies',
      [hook('Order deny,allow', 'Allow from 198.51.100.1')],
      2,
      'Order deny,allow without a Deny for POST: every address is admitted',
    ],
    ['a redirection', ['Redirect permanent / https://hooks.example/'], 1, 'Redirect answers 301'],
  ])('%s', (_, lines, line, because) => {
    expect(ask(open(lines.join('\n')), VENDOR)).toMatchObject({ place: { line }, because });
  });

  test('there is none where no line restricts', () => {
    expect(ask(open('ServerName x'), VENDOR)).toMatchObject({
      outcome: 'admitted',
      place: null,
      because: 'no line restricts callers',
    });
  });
});

describe('what the configuration alone does not decide', () => {
  test.each([
    ['Require host', hook('Require host mail-plus.example'), /reverse DNS of 192\.0\.2\.9, confirmed forward/],
    ['Require forward-dns', hook('Require forward-dns mail-plus.example'), /has the address 192\.0\.2\.9/],
    ['a client certificate', ['SSLEngine on', 'SSLVerifyClient require'].join('\n'), /client certificate/],
    ['a client certificate, in another word', ['SSLEngine on', 'SSLVerifyClient on'].join('\n'), /client certificate/],
    ['a variable of a module', hook('Require env GEOIP_COUNTRY'), /a module sets GEOIP_COUNTRY/],
    [
      'a file',
      ['RewriteEngine On', 'RewriteCond %{REQUEST_FILENAME} -f', 'RewriteRule ^ - [F]'].join('\n'),
      /passes the test -f/,
    ],
    [
      'a map',
      ['RewriteEngine On', 'RewriteCond ${blocked:%{REMOTE_ADDR}|no} =yes', 'RewriteRule ^ - [F]'].join('\n'),
      /RewriteCond/,
    ],
  ])('%s is a doubt', (_, text, doubt) => {
    const decision = ask(open(text), VENDOR);
    expect(decision.outcome).toBe('undecided');
    expect(decision.doubts.map((one) => one.text).join('\n')).toMatch(doubt);
  });

  test('a doubt that makes no difference is none', () => {
    expect(
      ask(open(hook('<RequireAll>', 'Require host mail-plus.example', 'Require all denied', '</RequireAll>')), VENDOR),
    ).toMatchObject({
      outcome: 'refused',
      doubts: [{ text: expect.stringContaining('part of a configuration') as string }],
    });
  });

  test('what is taken for granted is said beside the decision', () => {
    expect(
      ask(open(`DOSPageCount 2\n<IfModule mod_remoteip.c>\n${hook('Require ip 192.0.2.9')}\n</IfModule>`), VENDOR),
    ).toMatchObject({
      outcome: 'admitted',
      doubts: [
        { text: expect.stringContaining('mod_evasive') as string },
        { text: expect.stringContaining('part of a configuration') as string },
        { text: expect.stringContaining('mod_remoteip is assumed to be loaded') as string },
      ],
    });
  });

  test.each([
    [
      'one that may be given at the start',
      '',
      ['VENDOR is assumed to be undefined, although apachectl may define it with -D'],
    ],
    [
      'not one that the configuration itself defines for a module that is not there',
      '<IfModule mod_cgid.c>\nDefine VENDOR\n</IfModule>\n',
      [],
    ],
  ])('a name that is not defined is told: %s', (_, before, told) => {
    const { outcome, doubts } = ask(
      open(`LoadModule authz_core_module x.so\n${before}<IfDefine VENDOR>\n${hook('Require all denied')}\n</IfDefine>`),
      VENDOR,
    );
    expect({ outcome, told: doubts.map((doubt) => doubt.text) }).toEqual({ outcome: 'admitted', told });
  });

  test('so many doubts that they cannot all be gone through leave it undecided', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `Require host h${index}.example`);
    expect(ask(open(hook('<RequireAll>', ...lines, '</RequireAll>')), VENDOR).outcome).toBe('undecided');
  });
});

describe('text of any kind', () => {
  test('a byte order mark, CRLF and tabs are no matter', () => {
    expect(
      ask(open('\uFEFF<Location\t/hook>\r\n\tRequire\tip \\\r\n\t192.0.2.9\r\n</Location>\r\n'), VENDOR),
    ).toMatchObject({ outcome: 'admitted', place: { line: 2 } });
  });

  test('a # behind a directive is no comment', () => {
    expect(errorOf(() => open(hook('Require ip 192.0.2.9 # vendor')))).toContain("'#'");
  });

  test('nothing but an AppError comes of it, whatever it is', () => {
    const word = constantFrom(
      '<Location /hook>',
      '</Location>',
      'Require',
      'ip',
      '10.1',
      'not',
      '<RequireAll>',
      '</RequireAll>',
      '<If "%{A} -ipmatch \'x\'">',
      '</If>',
      'RewriteEngine On',
      'RewriteRule ^(.*)$ /$1$1 [N]',
      'RewriteCond %{REMOTE_ADDR} !^(a+)+$',
      'SetEnvIf X ^(a|a)*$ b',
      'Define A ${A}x',
      'Use',
      '<Macro M $a>',
      '</Macro>',
      'Use M ${A}',
      'Include *',
      '<VirtualHost *:80>',
      '</VirtualHost>',
      'ProxyPass',
      '/',
      'Redirect',
      'AllowOverride All',
      '"',
      "'",
      '\\',
      '\n',
      '${',
      '}',
      '<',
      '>',
      '[',
      '__proto__',
      'constructor',
    );
    assert(
      property(
        array(oneof({ weight: 4, arbitrary: word }, { weight: 1, arbitrary: string() }), { maxLength: 40 }),
        (words) => {
          for (const separator of ['\n', ' ']) {
            try {
              const rules = open(words.join(separator));
              ask(rules, VENDOR);
              rules.findTraps('/hook', 'x', null);
              rules.networksFor('/hook', null, 80);
              rules.forwardingHeaders?.('/hook', null, null);
            } catch (error) {
              if (!(error instanceof AppError)) throw error;
            }
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test.each([
    [
      'variables that double',
      `Define A0 xxxxxxxxxx\n${Array.from({ length: 60 }, (_, index) => `Define A${index + 1} "\${A${index}}\${A${index}}"`).join('\n')}`,
    ],
    [
      'macros that double',
      `${Array.from({ length: 40 }, (_, index) => `<Macro M${index + 1}>\nUse M${index}\nUse M${index}\n</Macro>`).join('\n')}\n<Macro M0>\nX\n</Macro>\nUse M40`,
    ],
    ['sections without end', '<Location />\n'.repeat(100_000)],
    ['one long line', `Require ${'x '.repeat(500_000)}`],
    ['lines that go on', 'a\\\n'.repeat(300_000)],
    ['a macro that uses itself', '<Macro M>\nUse M\n</Macro>\nUse M'],
  ])('%s are refused soon', (_, text) => {
    const cpuMs = cpuMsOf(() => expect(errorOf(() => open(text))).not.toBe('no error'));
    expect(cpuMs).toBeLessThan(30_000);
  });

  test('more sections for one path than can be merged are an error', () => {
    const rules = open(Array.from({ length: 3000 }, () => hook('AuthMerging And', 'Require local')).join('\n'));
    expect(errorOf(() => ask(rules, VENDOR))).toMatch(/more than 2000 sections/);
  });

  test.each([
    [
      'many addresses',
      hook(...Array.from({ length: 50_000 }, (_, index) => `Require ip 10.${(index >> 8) & 255}.${index & 255}.1`)),
    ],
    ['an expression that never ends', ['SetEnvIf X-Y "^(a+)+$" friend', hook('Require env friend')].join('\n')],
    ['a rule that goes round', ['RewriteEngine On', 'RewriteRule ^(.*)$ $1$1$1 [N]'].join('\n')],
    ['many wildcards', `<Location "/${'*a'.repeat(2000)}">\nRequire all denied\n</Location>`],
    ['brackets in brackets', `<If "${'('.repeat(5000)}true${')'.repeat(5000)}">\nRequire all denied\n</If>`],
    [
      'many sections',
      Array.from({ length: 20_000 }, (_, index) => `<Location /hook/${index}>\nRequire local\n</Location>`).join('\n'),
    ],
    [
      'sections of variables',
      Array.from(
        { length: 1900 },
        () => '<Location /hook>\nAuthMerging And\nSetEnvIf X y z\nRequire local\n</Location>',
      ).join('\n'),
    ],
  ])('%s take no time', (_, text) => {
    const peer = readPeer(STRANGER);
    if (peer === null) throw new Error('no address');
    const cpuMs = cpuMsOf(() => {
      const rules = open(text);
      rules.decide({
        path: `/hook${'a'.repeat(1000)}`,
        host: null,
        port: null,
        peer,
        headers: [['X-Y', `${'a'.repeat(50)}!`]],
      });
      rules.findTraps('/hook', null, null);
    });
    expect(cpuMs).toBeLessThan(30_000);
  });
});

const alone = (...lines: string[]): ServerRules =>
  openApache({ file: '/var/www/hook/.htaccess', text: lines.join('\n') }, () => []);

describe('a .htaccess alone', () => {
  test.each<[what: string, lines: string[]]>([
    ['Require', ['Require ip 192.0.2.0/24']],
    ['Order', ['Order deny,allow', 'Deny from all', 'Allow from 192.0.2.0/24']],
    ['SetEnvIf', ['SetEnvIf Remote_Addr ^192\\.0\\.2\\. in', 'Require env in']],
    ['<If>', ['<If "! -R \'192.0.2.0/24\'">', 'Require all denied', '</If>']],
  ])('is read: %s', (_, lines) => {
    const rules = alone(...lines);
    expect([ask(rules, VENDOR).outcome, ask(rules, STRANGER).outcome]).toEqual(['admitted', 'refused']);
    expect(rules).toMatchObject({
      part: { text: expect.stringContaining('.htaccess') as string },
      refused: [],
      notes: [],
    });
  });

  test('what it may not say is refused', () => {
    const { refused = [] } = alone(
      'Require all granted',
      '<Location /hook>',
      'Require all denied',
      '</Location>',
      'Listen 80',
    );
    expect(refused.map(({ text, place }) => `${place.line}: ${text}`)).toEqual(
      expect.arrayContaining(['2: Location not allowed here', '5: Listen not allowed here']),
    );
  });

  test('from which folder on RewriteRule sees the path is not known', () => {
    expect(alone('RewriteEngine On', 'RewriteRule ^hook - [F]').notes).toEqual([
      expect.objectContaining({ isOpen: true, place: expect.objectContaining({ line: 2 }) as object }),
    ]);
  });
});
