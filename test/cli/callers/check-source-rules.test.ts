import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { hasNginx } from '../../helpers/nginx.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';

/** The files, and the program run among them. */
function place(files: Record<string, string>): (...args: string[]) => Promise<Ended> {
  const folder = testFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const env = { HOME: folder, XDG_CONFIG_HOME: folder };
  return (...args) => runProgram('webhook', ['check-source', ...args], { cwd: folder, env });
}

const nginx = (location: string, server = ''): string => `events {}
http {
  server {
    listen 8080;
    server_name hooks.example.com; ${server}
    location /hook {
      ${location}
      proxy_pass http://127.0.0.1:9000;
    }
  }
}
`;
const apache = (location: string): string => `LoadModule authz_host_module modules/mod_authz_host.so
Listen 8080
<VirtualHost *:8080>
  ServerName hooks.example.com
  <Location /hook>
    ${location}
  </Location>
  ProxyPass / http://127.0.0.1:9000/
</VirtualHost>
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule proxy_module modules/mod_proxy.so
`;
const GOOD = 'allow 185.136.200.0/22; deny all;';
const MAILKIT = ['--path', '/hook', '--vendor', 'mailkit'];

test.each([
  [
    '--nginx',
    nginx(GOOD),
    '185.136.200.0 is admitted: allow 185.136.200.0/22 (conf:7)',
    '203.0.113.66 is refused: deny all (conf:7)',
  ],
  [
    '--apache',
    apache('Require ip 185.136.200.0/22'),
    '185.136.200.0 is admitted: Require ip 185.136.200.0/22 (conf:6)',
    '203.0.113.66 is refused: Require ip 185.136.200.0/22 (conf:6)',
  ],
])('%s: a list that holds names the lines that decide, and is exit 0', async (flag, text, vendor, stranger) => {
  const { code, stdout } = await place({ conf: text })(flag, 'conf', ...MAILKIT);
  expect(stdout).toMatch(/^conf \/hook\n[^]*\nthe vendor is admitted, unauthorised callers are not\n/);
  expect(stdout).toContain(vendor);
  expect(stdout).toContain(stranger);
  expect(code).toBe(0);
});

test.each<[what: string, flag: string, text: string, failed: string]>([
  ['deny all comes first', '--nginx', nginx('deny all; allow 185.136.200.0/22;'), 'vendor-admitted, deny-before-allow'],
  ['nobody is denied', '--nginx', nginx('allow 185.136.200.0/22;'), 'stranger-refused, no-deny'],
  ['return answers everybody', '--nginx', nginx(`${GOOD} return 200;`), 'stranger-refused, return-bypasses-rules'],
  [
    'anybody may say who he is',
    '--nginx',
    nginx(GOOD, 'set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For;'),
    'spoof-refused, real-ip-from-anyone',
  ],
  ['half of the network is missing', '--nginx', nginx('allow 185.136.200.0/23; deny all;'), 'vendor-admitted'],
  [
    'one of two is enough',
    '--apache',
    apache('Require ip 185.136.200.0/22\n    Require all granted'),
    'stranger-refused, require-ip-or-all-granted',
  ],
])('%s', async (_, flag, text, failed) => {
  const { code, stdout } = await place({ conf: text })(flag, 'conf', ...MAILKIT);
  expect(stdout.split('\n').at(-2)).toBe(`failed: ${failed}`);
  expect(code).toBe(1);
});

test('what a file includes counts, and is named', async () => {
  const { code, stdout } = await place({
    conf: nginx('include allow/*.conf;'),
    'allow/mailkit.conf': 'allow 185.136.200.0/22;\n\ndeny all;\n',
  })('--nginx', 'conf', ...MAILKIT);
  expect(stdout).toMatch(/203\.0\.113\.66 is refused: deny all \(.*allow\/mailkit\.conf:3\)/);
  expect(code).toBe(0);
});

test('a dump of all files comes by standard input', async () => {
  const input = `# configuration file /etc/nginx/nginx.conf:\n${nginx('include allow.conf;')}
# configuration file /etc/nginx/allow.conf:\nallow 185.136.200.0/22;\ndeny all;\n`;
  const { code, stdout } = await runProgram('webhook', ['check-source', '--nginx', '-', ...MAILKIT], { input });
  expect(stdout).toMatch(/^standard input \/hook\n[^]*\nthe vendor is admitted, unauthorised callers are not\n/);
  expect(stdout).toContain('203.0.113.66 is refused: deny all (/etc/nginx/allow.conf:2)');
  expect(code).toBe(0);
});

test('standard input is read once', async () => {
  const args = ['check-source', '--nginx', '-', '--allow-file', '-', '--path', '/hook'];
  expect((await runProgram('webhook', args, { input: nginx(GOOD) })).code).toBe(2);
});

test.each<[what: string, args: string[], fix: RegExp]>([
  ['a proxy in front', ['--behind', '10.0.0.9'], /fix +make the server read the caller's address only from your proxy/],
  [
    'another path',
    ['--path', '/other'],
    /fix +the address is not the reason: check\s+that\s+path,\s+host\s+and\s+port\s+are/,
  ],
])('of %s the fix is another one', async (_, args, fix) => {
  expect((await place({ conf: nginx(GOOD) })('--nginx', 'conf', ...MAILKIT, ...args)).stdout).toMatch(fix);
});

test('behind a proxy the rules see the proxy', async () => {
  const run = place({
    conf: nginx(GOOD),
    real: nginx(GOOD, 'set_real_ip_from 10.0.0.9; real_ip_header X-Forwarded-For;'),
  });
  expect(await run('--nginx', 'conf', ...MAILKIT, '--behind', '10.0.0.9')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('is refused (seen as 10.0.0.9)'),
  });
  expect(await run('--nginx', 'real', ...MAILKIT, '--behind', '10.0.0.9')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('the vendor is admitted, unauthorised callers are not'),
  });
});

const MAIL_PLUS = ['--path', '/hook', '--vendor', 'mail-plus'];

test('Apache that asks reverse DNS admits hosts below the domain of the vendor', async () => {
  const { code, stdout } = await place({ conf: apache('Require host mail-plus.com') })(
    '--apache',
    'conf',
    ...MAIL_PLUS,
  );
  expect(stdout).toContain('a host below mail-plus.com is admitted, by reverse DNS');
  expect(stdout).toContain('203.0.113.66 is refused: Require host mail-plus.com (conf:6)');
  expect(code).toBe(0);
});

test.each([
  ['another domain', 'Require host plus.com.example'],
  ['a list that nobody gave', 'Require ip 198.51.100.0/24'],
])('whether the vendor is admitted by %s is not known', async (_, rule) => {
  const { code, stdout } = await place({ conf: apache(rule) })('--apache', 'conf', ...MAIL_PLUS);
  expect(stdout).toMatch(/^unauthorised callers are refused; whether the vendor is admitted is unknown/m);
  expect(code).toBe(1);
});

test('what hangs on another server is said, and is no pass', async () => {
  const { code, stdout } = await place({ conf: nginx('auth_request /ask;') })('--nginx', 'conf', ...MAILKIT);
  expect(stdout).toMatch(/^the configuration alone does not decide$/m);
  expect(stdout).toMatch(/auth_request.*\(conf:7\)/);
  expect(code).toBe(1);
});

test('--json tells every call that was simulated', async () => {
  const { stdout } = await place({ conf: nginx(GOOD) })('--nginx', 'conf', ...MAILKIT, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    schemaVersion: 2,
    target: 'conf /hook',
    server: 'nginx',
    simulations: expect.arrayContaining([
      {
        caller: 'stranger',
        address: '203.0.113.66',
        headers: [],
        saysAnything: false,
        outcome: 'refused',
        status: 403,
        because: 'deny all',
        seenAs: '203.0.113.66',
        place: { file: 'conf', line: 7, text: 'deny all' },
        doubts: [],
      },
    ]),
  });
});

test('the findings go to every reporter', async () => {
  const { stdout } = await place({ conf: nginx('allow 185.136.200.0/22;') })(
    '--nginx',
    'conf',
    ...MAILKIT,
    '--reporter',
    'tap',
  );
  expect(stdout).toMatch(/^not ok \d+ - stranger-refused/m);
});

test.each<[what: string, flag: string, text: string, told: string, code: number]>([
  [
    'nginx, a name that is near',
    '--nginx',
    nginx('alow 1.2.3.4; allow 185.136.200.0/22; deny all;'),
    'unknown directive "alow" (conf:7): the server does not start. Did you mean "allow"?',
    1,
  ],
  [
    'Apache, a name that is near',
    '--apache',
    apache('Requir ip 1.2.3.4\n    Require ip 185.136.200.0/22'),
    'unknown directive "Requir" (conf:6): the server does not start. Did you mean "Require"?',
    1,
  ],
  [
    'nginx, a name that is like none',
    '--nginx',
    nginx(`${GOOD} frobnicate_widgets on;`),
    'neither nginx nor its own modules have it (conf:7)',
    1,
  ],
  [
    'nginx, a name in a place where it is none',
    '--nginx',
    nginx(`${GOOD} if ($http_x) { allow 192.0.2.1; }`),
    '"allow" directive is not allowed here (conf:7)',
    1,
  ],
  [
    'Apache, a place where it is none',
    '--apache',
    apache('Require ip 185.136.200.0/22\n    Listen 8081'),
    'Listen not allowed in <Location> context (conf:7)',
    1,
  ],
  [
    'Apache, a module that no line loads',
    '--apache',
    apache('Order deny,allow\n    Deny from all\n    Allow from 185.136.200.0/22'),
    "Invalid command 'Order': mod_access_compat is not loaded (conf:6), unless a module or another file provides it",
    1,
  ],
  ['nginx, a word that is none', '--nginx', nginx(`${GOOD} satisfy some;`), 'satisfy takes all, any (conf:7)', 1],
])('a directive that is none is named: %s', async (_, flag, text, told, code) => {
  const ended = await place({ conf: text })(flag, 'conf', ...MAILKIT);
  expect(ended.stdout).toContain(told);
  expect(ended.code).toBe(code);
});

const ASKED = (more: string, server = ''): string =>
  `pid nginx.pid; error_log error.log; ${nginx(`${GOOD} ${more}`, server).replace('http {', 'http { access_log off;')}`;
const NO_CERTIFICATE = 'listen 8443 ssl; ssl_certificate no.pem; ssl_certificate_key no.pem;';

test.skipIf(!hasNginx).each<[what: string, text: string, told: RegExp, code: number]>([
  ['what it takes', ASKED(''), /pass +server-asked .*nginx -t -c .*conf: syntax is ok/, 0],
  ['what it refuses', ASKED('client_max_body_size 1q;'), /fail +server-asked .*invalid value/, 1],
  ['what this machine lacks', ASKED('', NO_CERTIFICATE), /warn +server-asked .*cannot load certificate/, 1],
])(
  `--ask-server says what nginx says: %s${hasNginx ? '' : ' (skipped: nginx is not installed)'}`,
  async (_, text, told, code) => {
    const ended = await place({ conf: text })('--nginx', 'conf', ...MAILKIT, '--ask-server');
    expect(ended.stdout).toMatch(told);
    expect(ended.code).toBe(code);
  },
);

test('--behind-header names the header of the proxy', async () => {
  const run = place({ conf: nginx(GOOD, 'set_real_ip_from 10.0.0.9; real_ip_header CF-Connecting-IP;') });
  const behind = ['--nginx', 'conf', ...MAILKIT, '--behind', '10.0.0.9'];
  expect((await run(...behind, '--behind-header', 'CF-Connecting-IP')).code).toBe(0);
  const other = await run(...behind, '--behind-header', 'X-Real-IP');
  expect(other.stdout).toContain('set_real_ip_from 10.0.0.9; real_ip_header X-Real-IP;');
  expect(other.code).toBe(1);
  const alone = await run('--nginx', 'conf', ...MAILKIT, '--behind-header', 'X-Real-IP');
  expect(alone.stderr).toContain('--behind-header has no effect without --behind');
  expect(alone.code).toBe(2);
});

test('--ask-server asks about a main file alone', async () => {
  const ended = await place({ conf: `location /hook { ${GOOD} }` })('--nginx', 'conf', ...MAILKIT, '--ask-server');
  expect(ended.stderr).toContain('nginx can only check the main file that it reads itself');
  expect(ended.code).toBe(2);
});

const TWO = (more: string): string =>
  nginx(GOOD).replace('http {', `http { server { listen 8080; ${more} return 404; }`);

test.each<[what: string, flag: string, text: string, args: string[], told: RegExp, code: number]>([
  [
    'by its name',
    '--nginx',
    nginx(GOOD),
    ['--host', 'hooks.example.com'],
    /pass +server .*the server at conf:3 has the name hooks\.example\.com/,
    0,
  ],
  ['the only server', '--nginx', nginx(GOOD), [], /pass +server .*conf:3, hooks\.example\.com is the only server/, 0],
  [
    'a typing error',
    '--nginx',
    nginx(GOOD),
    ['--host', 'hoks.example.com'],
    /fail +server .*no server is named hoks\.example\.com.*Did you mean hooks\.example\.com\?/,
    1,
  ],
  [
    'a port that Apache does not listen on',
    '--apache',
    apache('Require ip 185.136.200.0/22').replace('Listen 8080', 'Listen 8443'),
    ['--host', 'hooks.example.com'],
    /fail +server .*does not serve this host on any port/,
    1,
  ],
  [
    'the same of Apache',
    '--apache',
    apache('Require ip 185.136.200.0/22'),
    ['--host', 'hoks.example.com'],
    /fail +server .*Did you mean hooks\.example\.com\?/,
    1,
  ],
  [
    'one that takes every name',
    '--nginx',
    nginx(GOOD).replace('hooks.example.com', '_'),
    ['--host', 'hooks.example.com'],
    /warn +server .*no server is named/,
    0,
  ],
  [
    'no host, and several servers',
    '--nginx',
    TWO('server_name other.example;'),
    [],
    /warn +server .*the default of 2 servers was used: the server at conf:2, other\.example/,
    1,
  ],
  [
    'a port that nobody listens on',
    '--nginx',
    nginx(GOOD),
    ['--port', '9'],
    /fail +server .*nothing listens on port 9/,
    1,
  ],
])('which server answers is said: %s', async (_, flag, text, args, told, code) => {
  const ended = await place({ conf: text })(flag, 'conf', ...MAILKIT, ...args);
  expect(ended.stdout).toMatch(told);
  expect(ended.code).toBe(code);
});

test.each([
  ['--nginx', `location /hook { ${GOOD} proxy_pass http://127.0.0.1:9000; }`],
  ['--apache', apache('Require ip 185.136.200.0/22').replaceAll(/^LoadModule.*\n/gm, '')],
])('%s: a part of a configuration is a success with --part alone', async (flag, text) => {
  const run = place({ conf: text });
  const [without, withPart] = [await run(flag, 'conf', ...MAILKIT), await run(flag, 'conf', ...MAILKIT, '--part')];
  expect(without.stdout).toMatch(
    /^the given file admits the vendor and refuses unauthorised callers; the rest of the configuration is unknown: give the main file, or --part/m,
  );
  expect(without.stdout).toContain('whole-configuration');
  expect(without.code).toBe(1);
  expect(withPart.stdout).toMatch(/^the vendor is admitted, unauthorised callers are not/m);
  expect(withPart.stdout).not.toContain('whole-configuration');
  expect(withPart.code).toBe(0);
});

test.each<[what: string, args: string[], code: number, stderr: RegExp]>([
  ['no path', ['--nginx', 'conf', '--vendor', 'mailkit'], 2, /no path was given[\s\S]*--path \/hook/],
  ['a path without a slash', ['--nginx', 'conf', '--path', 'hook', '--vendor', 'mailkit'], 2, /does not start with \//],
  ['nobody to admit', ['--nginx', 'conf', '--path', '/hook'], 2, /no allowed addresses were given/],
  ['both servers', ['--nginx', 'conf', '--apache', 'conf', ...MAILKIT], 2, /--nginx and --apache are separate checks/],
  ['addresses, too', ['192.0.2.1', '--nginx', 'conf', ...MAILKIT], 2, /addresses and --nginx are separate checks/],
  ['a flag of another check', ['--nginx', 'conf', ...MAILKIT, '-k'], 2, /--insecure has no effect here[\s\S]*--url/],
  ['a path for addresses', ['192.0.2.1', ...MAILKIT], 2, /--path has no effect here/],
  [
    'a proxy that is not an address',
    ['--nginx', 'conf', ...MAILKIT, '--behind', 'proxy'],
    2,
    /--behind: proxy is not an IP address/,
  ],
  ['a file that is not there', ['--nginx', 'none', ...MAILKIT], 5, /cannot read none: no such file/],
  [
    'a host that is a URL',
    ['--nginx', 'conf', ...MAILKIT, '--host', 'https://hooks.example.com'],
    2,
    /--host: https:\/\/hooks\.example\.com is not a host name/,
  ],
  ['a host with a slash', ['--nginx', 'conf', ...MAILKIT, '--host', 'hooks.example.com/hook'], 2, /is not a host name/],
  ['a part of addresses', ['192.0.2.1', '--vendor', 'mailkit', '--part'], 2, /--part has no effect here/],
  ['a configuration that is broken', ['--nginx', 'broken', ...MAILKIT], 5, /broken:2/],
])('%s is told', async (_, args, code, stderr) => {
  const ended = await place({ conf: nginx(GOOD), broken: 'events {}\nhttp {\n' })(...args);
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(stderr) });
});
