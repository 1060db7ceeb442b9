import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/source/apache/commands.ts';
import { openApache } from '../../../src/source/apache/open-apache.ts';
import type { RefusedLine } from '../../../src/source/rules/server-rules.ts';
import { hasApache } from '../../helpers/apache.ts';
import { rulesSyntaxError } from '../../helpers/apache-rules.ts';
import { testFolder } from '../../helpers/folder.ts';
import { syntaxError } from '../../helpers/server-process.ts';

const refusedOf = (text: string): readonly RefusedLine[] =>
  openApache({ file: '/etc/apache2/apache2.conf', text }, () => []).refused ?? [];

/** The refused and the unknown lines, or why the configuration could not be read at all. */
function complaints(text: string): string[] {
  try {
    const { refused = [], unknown } = openApache({ file: '/etc/apache2/apache2.conf', text }, () => []);
    return [...refused.map((one) => one.text), ...(unknown?.directives ?? []).map(({ name }) => name)];
  } catch (error) {
    return [(error as Error).message];
  }
}

const host = (...lines: string[]): string => ['<VirtualHost *:80>', ...lines, '</VirtualHost>'].join('\n');
const section = (head: string, ...lines: string[]): string =>
  [`<${head}>`, ...lines, `</${head.split(' ')[0]}>`].join('\n');
const hook = (...lines: string[]): string => section('Location /hook', ...lines);
const LIST = 'Require ip 185.136.200.0/22';

const REFUSED: Record<string, string> = {
  'Require in the main server': LIST,
  'Require in a virtual host': host(LIST),
  'Require in a virtual host, within <Limit>': host(section('Limit POST', LIST)),
  '<RequireAll> in a virtual host': host(section('RequireAll', LIST)),
  'Order in a virtual host': host('Order deny,allow'),
  'Allow in the main server': 'Allow from 185.136.200.0/22',
  'Satisfy in a virtual host': host('Satisfy Any'),
  'AuthType in a virtual host': host('AuthType None'),
  'AuthMerging in a virtual host': host('AuthMerging And'),
  'AllowOverride in a virtual host': host('AllowOverride None'),
  'AllowMethods in a virtual host': host('AllowMethods POST'),
  'SSLRequire in a virtual host': host('SSLRequire true'),
  '<Directory> in <Location>': hook(section('Directory /srv', LIST)),
  '<Location> in <Directory>': section('Directory /srv', hook(LIST)),
  '<Location> in <Location>': hook(hook(LIST)),
  '<Location> in <If>': section('If "true"', hook(LIST)),
  '<VirtualHost> in <VirtualHost>': host(host(hook(LIST))),
  '<VirtualHost> in <Location>': hook(host(LIST)),
  '<Files> in <Location>': hook(section('Files hook', LIST)),
  '<Files> in <LocationMatch>': section('LocationMatch ^/hook', section('Files hook', LIST)),
  '<If> in <Limit>': hook(section('Limit POST', section('If "true"', LIST))),
  'Listen in a virtual host': host('Listen 8080'),
  'Listen in a location': hook('Listen 8080'),
  'ServerName in a location': hook('ServerName hooks.example'),
  'RemoteIPHeader in a location': hook('RemoteIPHeader X-Real-IP'),
  'RemoteIPInternalProxy in a directory': section('Directory /srv', 'RemoteIPInternalProxy 10.0.0.1'),
  'DocumentRoot in a location': hook('DocumentRoot /'),
  'ProxyPass in a directory': section('Directory /srv', 'ProxyPass http://127.0.0.1:9000/'),
  'ProxyPass in <If>': section('If "true"', 'ProxyPass http://127.0.0.1:9000/'),
  'Alias in <Files>': section('Files hook', 'Alias /srv'),
  'RewriteMap in a location': hook('RewriteMap a int:tolower'),
  'ServerAlias in the main server': 'ServerAlias hooks.example',
  'Order with a space': hook('Order deny, allow'),
  'Order of a third word': hook('Order deny,allow,log'),
  'Order that is none': hook('Order permit,deny'),
  'Allow without from': hook('Allow 185.136.200.0/22'),
  'Allow from nobody': hook('Allow from'),
  'Satisfy Some': hook('Satisfy Some'),
  'Satisfy with two words': hook('Satisfy Any All'),
  'Require ip of a name': hook('Require ip vendor.example'),
  'Require ip of a network that is none': hook('Require ip 185.136.200.0/33'),
  'Require all of another word': hook('Require all allowed'),
  'AuthMerging Some': hook('AuthMerging Some'),
  'AllowOverride of a word that is none': section('Directory /srv', 'AllowOverride Auth'),
  'AllowEncodedSlashes of a word that is none': host('AllowEncodedSlashes Maybe'),
  'Options that are none': hook('Options Index'),
  'Options with a sign and without': hook('Options Indexes +FollowSymLinks'),
  'RewriteEngine of another word': host('RewriteEngine Yes'),
  'RewriteEngine without a word': host('RewriteEngine'),
  'RewriteRule of one word': host('RewriteRule ^/hook'),
  'RewriteCond of one word': host('RewriteCond %{REMOTE_ADDR}'),
  'RewriteOptions that are none': host('RewriteOptions Inherited'),
  'RewriteRule with a flag that is none': host('RewriteRule ^/hook - [FORBID]'),
  'RewriteRule with the flag of a condition': host('RewriteRule ^/hook - [F,OR]'),
  'RewriteCond with the flag of a rule': host('RewriteCond %{REMOTE_ADDR} ^10 [L]', 'RewriteRule ^ - [F]'),
  'an expression in SetEnvIf that is none': host('SetEnvIf X-A [ b'),
  'an expression in BrowserMatch that is none': host('BrowserMatch (a b'),
  'an expression in RewriteRule that is none': host('RewriteRule !( -'),
  'an expression in RewriteCond that is none': host('RewriteCond %{REMOTE_ADDR} ^(10', 'RewriteRule ^ - [F]'),
  'an expression in RedirectMatch that is none': host('RedirectMatch 301 *a http://b/'),
  'an expression in ProxyPassMatch that is none': host('ProxyPassMatch ^/(hook http://127.0.0.1:9000/'),
  'an expression in <LocationMatch> that is none': section('LocationMatch ^/(hook', LIST),
  'an expression in <Location ~> that is none': section('Location ~ ^/(hook', LIST),
  'RewriteRule with a status that is none': host('RewriteRule ^/hook - [R=999]'),
  'Redirect to no URL': host('Redirect /a b'),
  'Header without a value': host('Header set X-A'),
  'RequestHeader without a value': host('RequestHeader set X-A'),
  'Define without a name': 'Define',
  'KeepAliveTimeout that is no time': 'KeepAliveTimeout long',
  'Redirect of four words': host('Redirect 301 /a http://b/ c'),
  'Header of another action': host('Header delete X-A'),
  'RequestHeader of another action': host('RequestHeader remove X-Forwarded-For'),
  'RemoteIPHeader of two words': host('RemoteIPHeader X-Real-IP X-Forwarded-For'),
  'RemoteIPInternalProxy of nothing': host('RemoteIPInternalProxy'),
  'RemoteIPInternalProxy of no network': host('RemoteIPInternalProxy 10.0.0.0/40'),
  'ProxyPass to no URL': host('ProxyPass /hook backend'),
  'ProxyPreserveHost of another word': host('ProxyPreserveHost Yes'),
  'Alias of one word': host('Alias /hook'),
  'ErrorDocument of a word': hook('ErrorDocument forbidden /a'),
  'LimitRequestBody that is no number': hook('LimitRequestBody 10M'),
  'Listen on no port': 'Listen https',
  'Listen on port 70000': 'Listen 70000',
  '<Location> without a path': '<Location>\n</Location>',
  '<Location> of two paths': section('Location /hook /other', LIST),
  '<VirtualHost> without an address': '<VirtualHost>\n</VirtualHost>',
  '<Else> without <If>': hook('<Else>', LIST, '</Else>'),
  'a section that is not closed': '<Location /hook>',
  'a section that another ends': '<Location /hook>\n</Directory>',
  'the end of no section': '</Location>',
  'a section as a line': 'Location /hook',
  'a line as a section': hook(section('Require all granted', LIST)),
  'a directive that is none': hook('Requires ip 185.136.200.0/22'),
  'a section that is none': section('Locations /hook', LIST),
};

test.each(Object.entries(REFUSED))('is refused: %s', (_, text) => {
  expect(complaints(text)).not.toEqual([]);
});

test('the words are those of Apache, and the line is named', () => {
  expect(refusedOf(`<VirtualHost *:80>\nServerName a.test\nrewriteengine yes\n</VirtualHost>`)).toEqual([
    {
      text: 'RewriteEngine must be On or Off',
      fix: 'write On or Off',
      isCertain: true,
      place: expect.objectContaining({ line: 3, text: 'rewriteengine yes' }),
    },
  ]);
});

const ACCEPTED: Record<string, string> = {
  'everything of a location': hook(
    'AuthMerging And',
    section('RequireAll', LIST, 'Require not ip 185.136.201.1'),
    section('Limit POST', 'Order Deny,Allow', 'Deny from all', 'Allow from 10 env=a'),
    'Satisfy any',
    'RewriteEngine on and more',
    'RewriteCond %{REMOTE_ADDR} ^10 [NC,OR,novary]',
    'RewriteCond %{REMOTE_ADDR} ^11',
    'RewriteRule ^ - [E=a:b,QSA,nocase,R=403,NE,DPI,CO=a:b:c]',
    'ProxyPass http://127.0.0.1:9000/ retry=0',
    'ErrorDocument 403 "no"',
    'LimitRequestBody 0',
    section('If "true"', LIST),
  ),
  'everything of a server': [
    'ServerName main.test',
    'AllowEncodedSlashes NoDecode',
    'Options FollowSymLinks',
    'SetEnvIf Remote_Addr ^10 a !b',
    'RemoteIPHeader X-Real-IP',
    'RemoteIPInternalProxy 10.0.0.1 10.1.0.0/16',
    'RequestHeader unset X-Forwarded-For early',
    'Header always set X-A b env=c',
    'Redirect gone /old',
    'Redirect /a /b',
    'Header unset X-B',
    'RedirectMatch 301 ^/c(.*)$ http://d/$1',
    'SetEnvIf X-A ^(?i)a*+$ b',
    'RewriteCond %{REMOTE_ADDR} !=10.0.0.1',
    'RewriteCond %{REMOTE_ADDR} >10',
    'RewriteRule [[:alpha:]]+ - [R=permanent,L]',
    'KeepAliveTimeout 5s',
    'RewriteOptions InheritBefore AllowNoSlash',
    'ProxyPass /no !',
    'ProxyPass /socket unix:/run/a.sock|http://localhost/',
    'LogLevel info rewrite:trace3',
    'TraceEnable off',
  ].join('\n'),
  'sections within sections': [
    section(
      'Directory /',
      'AllowOverride AuthConfig Options=Indexes,MultiViews',
      section('Files ".ht*"', 'Require all denied'),
    ),
    section('FilesMatch "\\.cgi$"', LIST),
    section('Proxy *', LIST),
    section('If "true"', section('Files a', LIST)),
  ].join('\n'),
  'providers by another name': [
    section('AuthnProviderAlias file some', 'AuthUserFile /srv/users'),
    '<AuthzProviderAlias ip vendor "185.136.200.0/22">\n</AuthzProviderAlias>',
    hook('AuthType Basic', 'AuthName a', 'AuthBasicProvider some', 'Require vendor'),
  ].join('\n'),
  sockets: 'Listen [::1]:8081\nListen 8082 https\nListen 127.0.0.1:8083',
};

test.each(Object.entries(ACCEPTED))('is taken: %s', (_, text) => {
  expect(complaints(text)).toEqual([]);
});

/** A whole configuration of a few modules. */
const withModules = (folder: string, modules: readonly string[], text: string): string =>
  [
    ...['mpm_event', 'authz_core', ...modules].map(
      (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`,
    ),
    `ServerRoot ${folder}`,
    `DefaultRuntimeDir ${folder}`,
    'ServerName main.test',
    'ErrorLog error.log',
    'Listen 127.0.0.1:8080',
    text,
    '',
  ].join('\n');

const UNLOADED: Record<string, { text: string; module: string; with?: string[] }> = {
  'Allow from': { text: hook('Allow from 185.136.200.0/22'), module: 'access_compat', with: ['authz_host'] },
  'Require ip': { text: hook(LIST), module: 'authz_host' },
  'Require not ip': {
    text: hook(section('RequireAll', 'Require all granted', 'Require not ip 10.0.0.1')),
    module: 'authz_host',
  },
  RewriteRule: { text: host('RewriteEngine On'), module: 'rewrite' },
  RemoteIPHeader: { text: host('RemoteIPHeader X-Real-IP'), module: 'remoteip' },
  SSLEngine: { text: host('SSLEngine On'), module: 'ssl' },
};

test('a whole configuration that listens nowhere', () => {
  const whole = withModules('/srv', ['authz_host'], hook(LIST));
  expect(refusedOf(whole.replace(/^Listen .*$/m, ''))).toEqual([
    expect.objectContaining({ isCertain: false, text: 'no listening sockets available, shutting down' }),
  ]);
});

test.each(Object.entries(UNLOADED))('a module that no line loads: %s', (_, { text, module, with: others = [] }) => {
  const whole = (modules: string[]): string => withModules('/srv', modules, text);
  expect(refusedOf(whole(others))).toEqual([
    expect.objectContaining({ isCertain: false, fix: `LoadModule ${module}_module modules/mod_${module}.so` }),
  ]);
  expect(refusedOf(whole([...others, module]))).toEqual([]);
});

const MODULE_FOLDER = '/usr/lib/apache2/modules';
/** Modules that others need go first; those of tests and of other platforms stay out. */
const FIRST = ['authz_core', 'authn_core', 'proxy', 'cache', 'session', 'dav', 'ldap', 'dbd', 'xml2enc', 'slotmem_shm'];
const OUT = /^(?:mpm_|bucketeer|data$|case_filter|dialup|heart|suexec|lbmethod_heartbeat)/;

/** Every directive of every module that is installed, and where `apache2 -L` says that it is allowed. */
function listDirectives(folder: string): [name: string, where: string][] {
  const found = readdirSync(MODULE_FOLDER).flatMap((file) => /^mod_(\w+)\.so$/.exec(file)?.[1] ?? []);
  const modules = [...FIRST, ...found.filter((name) => !FIRST.includes(name) && !OUT.test(name))];
  writeFileSync(join(folder, 'apache.conf'), withModules(folder, modules, ''));
  const { stdout } = spawnSync('apache2', ['-L', '-f', join(folder, 'apache.conf')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  });
  return [...stdout.matchAll(/^(<?[\w.]+?)>? \(.*\)\n(?:\t.*\n)*?\tAllowed in (.*(?:\n\twhen .*)?)/gm)].map(
    ([, name = '', where = '']) => [name.toLowerCase(), where.replace(/\s+/g, ' ')],
  );
}

const CLASSES = { AuthConfig: 'A', FileInfo: 'F', Indexes: 'I', Limit: 'L', Options: 'O' };

/** The places of `apache2 -L` by the letters of the table; it knows nothing of <Proxy> and of the main server alone. */
function placesOf(where: string): string {
  const around = where.includes('only outside') ? 's' : where.includes('only inside') ? 'd' : 'sd';
  if (where.includes("isn't None")) return `${around}U`;
  const words = Object.entries(CLASSES).filter(([word]) => where.includes(`${word}`) && where.includes('includes'));
  return around + words.map(([, letter]) => letter).join('');
}

/** Checked apart from the table of Apache, by the program of the directive: `apache2 -t` knows of it. */
const BY_PROGRAM = new Set([
  'rewritebase',
  'serverroot',
  'defaultruntimedir',
  'loadmodule',
  'loadfile',
  'luaauthzprovider',
]);

describe.skipIf(!hasApache)(`the real program${hasApache ? '' : ' (skipped: apache2 is not installed)'}`, () => {
  test.skipIf(!existsSync(MODULE_FOLDER))('lists every directive where the table has it', () => {
    const listed = listDirectives(testFolder()).filter(([name]) => !BY_PROGRAM.has(name) && !name.startsWith('lua_'));
    expect(listed.length).toBeGreaterThan(500);
    const different = listed.filter(([name, where]) => {
      const ours = COMMANDS.get(name)?.places.replaceAll(/[vp]/g, '') ?? 'unknown';
      return (
        [...(name === 'serveralias' ? `s${ours}` : ours)].toSorted().join('') !==
        [...placesOf(where)].toSorted().join('')
      );
    });
    expect(different).toEqual([]);
  });
  test('does not begin where it listens nowhere', () => {
    const folder = testFolder();
    const file = join(folder, 'apache.conf');
    const whole = withModules(folder, ['authz_host'], hook(LIST)).replace(/^Listen .*$/m, '');
    writeFileSync(
      file,
      `${whole}PidFile ${folder}/pid\n${process.getuid?.() === 0 ? 'User #65534\nGroup #65534\n' : ''}`,
    );
    expect(syntaxError('apache2', ['-DFOREGROUND', '-f', file])).toContain('no listening sockets available');
  });
  test.each(Object.entries(REFUSED))('refuses: %s', (_, text) => {
    expect(rulesSyntaxError(testFolder(), { hosts: {}, main: text })).not.toBeNull();
  });
  test.each(Object.entries(ACCEPTED))('takes: %s', (_, text) => {
    expect(rulesSyntaxError(testFolder(), { hosts: {}, main: text })).toBeNull();
  });
  test.each(Object.entries(UNLOADED))(
    'knows nothing of a module that no line loads: %s',
    (_, { text, module, with: others = [] }) => {
      const folder = testFolder();
      const ask = (modules: string[]): string | null => {
        writeFileSync(join(folder, 'apache.conf'), withModules(folder, modules, text));
        return syntaxError('apache2', ['-t', '-f', join(folder, 'apache.conf')]);
      };
      expect(ask(others)).toMatch(/Invalid command|Unknown Authz provider/);
      expect(ask([...others, module]) ?? 'taken').not.toMatch(/Invalid command|Unknown Authz provider/);
    },
  );
});
