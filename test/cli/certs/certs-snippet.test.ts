import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteForServer } from '../../../src/certs/server-snippet.ts';
import { SERVERS, type Server } from '../../../src/model/finding.ts';
import { apacheSyntaxError, hasApache, startApache } from '../../helpers/apache.ts';
import { caddySyntaxError, hasCaddy } from '../../helpers/caddy.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { haproxySyntaxError } from '../../helpers/haproxy.ts';
import { INSTALLED } from '../../helpers/installed-servers.ts';
import { nodeError } from '../../helpers/node-server.ts';
import { hasNginx, nginxSyntaxError, startNginx } from '../../helpers/nginx.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { openServer } from '../../helpers/raw-server.ts';
import { BAD_CERTIFICATE, NO_CERTIFICATE, readReaction } from '../../helpers/reaction.ts';
import { makeServerFolder, startServer } from '../../helpers/server-process.ts';

let cases: ClientCases;
let folder: string;
let freePort: number;
beforeAll(async () => {
  cases = await makeClientCases();
  folder = makeServerFolder('snippet');
  [freePort] = (await freePorts(1)) as [number];
});
afterAll(() => {
  cases?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const snippet = (...args: string[]): Promise<Ended> => runProgram('webhook', ['certs', 'snippet', ...args]);

/** Flags for files in a folder of this name; the key lies where HAProxy finds it. */
function filesIn(name: string): string[] {
  const place = join(folder, name);
  const path = (file: string): string => join(place, file);
  mkdirSync(place, { recursive: true });
  copyFileSync(cases.path('ca.pem'), path('ca.pem'));
  copyFileSync(cases.path('server.pem'), path('server.pem'));
  copyFileSync(cases.path('server.key'), path('server.pem.key'));
  return ['--ca', path('ca.pem'), '--cert', path('server.pem'), '--key', path('server.pem.key')];
}

const CHECK: Record<Server, (printed: string) => string | null> = {
  nginx: (printed) =>
    nginxSyntaxError(
      folder,
      printed
        .replace('listen 443', `listen 127.0.0.1:${freePort}`)
        .replace('listen [::]:443', `listen [::1]:${freePort}`),
    ),
  apache: (printed) => apacheSyntaxError(folder, printed),
  caddy: (printed) => caddySyntaxError(folder, printed),
  haproxy: (printed) => haproxySyntaxError(folder, printed),
  node: (printed) => nodeError(folder, printed.replaceAll("listen(443, '::')", `listen(0, '127.0.0.1')`)),
};

/** Names that every server can take, and those that one of them cannot write. */
const AWKWARD = [
  'plain',
  'a b',
  `"double" 'single'`,
  '{braces} }{',
  '#;&%~*',
  'per%20cent',
  'Žluťoučký',
  '-x',
] as const;
const UNWRITABLE: readonly [Server, string][] = [
  ...SERVERS.flatMap((server): [Server, string][] => [
    [server, 'a\nb'],
    [server, 'a\rb'],
    [server, 'a\u0000b'],
    [server, ''],
  ]),
  ['nginx', 'a$b'],
  ['apache', 'a${HOME}b'],
  ['caddy', 'a{$HOME}b'],
  ['caddy', 'a`b\\c'],
];
const ONLY: Record<Server, readonly string[]> = {
  nginx: ['back\\slash', '`tick`'],
  apache: ['back\\slash', '`tick`', 'dollar$x', '$'],
  caddy: ['back\\slash', '`tick` "quoted"', 'dollar$x', '$'],
  haproxy: ['back\\slash', '`tick`', 'dollar$x', '${HOME}', "it's"],
  node: ['back\\slash', '`tick`', 'dollar$x', '${HOME}', "it's", 'line\u2028separator'],
};

/** The least that names the files. */
const SITE: Record<Server, (words: { ca: string; cert: string; key: string; index: number }) => string> = {
  nginx: ({ ca, cert, key, index }) =>
    `server { listen 127.0.0.1:${freePort} ssl; server_name n${index}; ssl_certificate ${cert}; ` +
    `ssl_certificate_key ${key}; ssl_client_certificate ${ca}; }`,
  apache: ({ ca, cert, key, index }) =>
    `<VirtualHost *:1>\nServerName n${index}\nSSLEngine on\nSSLCertificateFile ${cert}\n` +
    `SSLCertificateKeyFile ${key}\nSSLCACertificateFile ${ca}\n</VirtualHost>`,
  caddy: ({ ca, cert, key, index }) =>
    `https://n${index}:${freePort} {\ntls ${cert} ${key} {\nclient_auth {\nmode require_and_verify\n` +
    `trusted_ca_cert_file ${ca}\n}\n}\n}`,
  haproxy: ({ ca, cert, index }) =>
    `frontend n${index}\nbind 127.0.0.1:${freePort + index} ssl crt ${cert} ca-file ${ca} verify required\n` +
    'http-request return status 200',
  node: ({ ca, cert, key }) =>
    `createServer({ cert: readFileSync(${cert}), key: readFileSync(${key}), ca: readFileSync(${ca}) })` +
    `.listen(0, '127.0.0.1');`,
};

describe.each(SERVERS)('%s', (server) => {
  const here = test.skipIf(!INSTALLED[server]);

  here('finds files in folders of any name', () => {
    const sites = [...AWKWARD, ...ONLY[server]].map((name, index) => {
      const [ca, cert, key] = filesIn(name)
        .filter((_, place) => place % 2 === 1)
        .map((path) => quoteForServer(path, server)) as [string, string, string];
      return SITE[server]({ ca, cert, key, index });
    });
    expect(CHECK[server](sites.join('\n'))).toBeNull();
  });

  here('what is printed passes the check of the server', async () => {
    const { code, stdout, stderr } = await snippet('--server', server, ...filesIn(`a {b} "c" 'd' #e`));
    expect([code, stderr]).toEqual([0, '']);
    expect(CHECK[server](stdout)).toBeNull();
  });

  here('and the check fails where a file is missing', async () => {
    const { stdout } = await snippet(
      '--server',
      server,
      '--ca',
      '/no/such/file.pem',
      '--cert',
      cases.path('server.pem'),
      '--key',
      cases.path('server.key'),
    );
    expect(CHECK[server](stdout)).not.toBeNull();
  });

  test('says what to change, how to check it, and how to prove it', async () => {
    const { stdout } = await snippet('--server', server);
    expect(stdout).toMatch(/^(?:#|\/\/) Mailkit \[doc\]: .*\n/);
    expect(stdout).toContain('https://www.mailkit.com/');
    expect(stdout).toMatch(/^(?:# - replace hooks\.example\.com|\/\/ - replace the application)/m);
    expect(stdout).toMatch(/^(?:#|\/\/) - check: /m);
    expect(stdout).toMatch(/^(?:#|\/\/) {5}verify-cert https:\/\/hooks\.example\.com\/hook --vendor mailkit$/m);
    expect(stdout.includes('[us]')).toBe(server !== 'apache');
  });
});

test.skipIf(!hasCaddy)('Caddy without a certificate of its own gets one by itself', async () => {
  const { stdout } = await snippet('--server', 'caddy', '--ca', cases.path('ca.pem'));
  expect(stdout).toMatch(/^ {2}tls \{$/m);
  expect(CHECK.caddy(stdout)).toBeNull();
});

test("the default is the vendor's own recipe", async () => {
  const { code, stdout } = await snippet();
  expect(code).toBe(0);
  expect(stdout.match(/^ {2}SSL(Verify|CA).*$/gm)).toEqual([
    '  SSLVerifyClient require',
    '  SSLVerifyDepth 1',
    '  SSLCACertificateFile /etc/ssl/webhook/client-ca.pem',
  ]);
});

test.each([
  ['nginx', 'ssl_client_certificate'],
  ['apache', 'SSLCACertificateFile'],
  ['caddy', 'trusted_ca_cert_file'],
  ['haproxy', 'ca-file'],
  ['node', 'ca: readFileSync('],
])('%s gets absolute paths, wherever it runs', async (server, directive) => {
  const { code, stdout } = await runProgram(
    'webhook',
    ['certs', 'snippet', '--server', server, '--ca', 'pki/ca.pem', '--cert', './server.pem'],
    { cwd: folder },
  );
  expect(code).toBe(0);
  const [before, quote] = directive.endsWith('(') ? [directive, "'"] : [`${directive} `, ''];
  expect(stdout).toContain(`${before}${quote}${join(folder, 'pki/ca.pem')}`);
  expect(stdout).toMatch(new RegExp(`[ '(]${join(folder, 'server.pem').replaceAll('.', '\\.')}`));
  expect(stdout).not.toMatch(/[ "']\.?\/?(pki|server)[/.](?!mjs)/);
});

test('--json', async () => {
  const { code, stdout } = await snippet('--json', '--server', 'nginx', '--depth', '3');
  const document = JSON.parse(stdout) as { snippet: string; prove: string[] };
  expect(code).toBe(0);
  expect(document).toMatchObject({
    schemaVersion: 2,
    server: 'nginx',
    vendor: 'mailkit',
    certainty: 'us',
    check: 'nginx -t',
  });
  expect(document.snippet).toContain('ssl_verify_depth 2;');
  expect(document.prove.every((line) => line.startsWith('verify-cert https://hooks.example.com/hook'))).toBe(true);
  expect(JSON.parse((await snippet('--json')).stdout)).toMatchObject({ server: 'apache', certainty: 'doc' });
});

test.each(UNWRITABLE)('%s cannot write %j', (server, path) => {
  expect(() => quoteForServer(path, server)).toThrow(
    expect.objectContaining({ name: 'AppError', kind: 'usage' }) as Error,
  );
});

test.each([
  ['no name of a file', ['--ca', ''], 'not a valid file name'],
  ['a line break in a path', ['--ca', 'a\nssl_verify_client off;'], 'cannot write'],
  ['a key without its certificate', ['--key', 'server.key'], 'add --cert FILE'],
  ['a depth where there is none', ['--server', 'caddy', '--depth', '2'], 'leave out --depth'],
  ['a vendor that sends no certificate', ['--vendor', 'mailkite'], 'mailkit'],
  ['an unknown vendor', ['--vendor', 'mailkti'], 'did you mean mailkit'],
  ['an unknown server', ['--server', 'apach'], 'apache'],
  ['no depth at all', ['--depth', '0'], 'from 1 to'],
])('2: %s', async (_, args, message) => {
  const { code, stdout, stderr } = await snippet(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

const readRow = async (port: number): Promise<string[]> =>
  Promise.all(
    (['none', 'good-ec', 'wrong-ca', 'one-intermediate'] as const).map((name) =>
      readReaction(cases, port, name, { servername: 'hooks.example.com' }),
    ),
  );
const application = (): Promise<number> =>
  openServer(
    createServer((request, response) => {
      request.resume().on('end', () => response.end());
    }),
  );
const files = (): { cert: string; key: string } => ({ cert: cases.path('server.pem'), key: cases.path('server.key') });
const printed = async (server: Server, depth?: number): Promise<string> => {
  const { cert, key } = files();
  const { stdout } = await snippet(
    '--server',
    server,
    '--ca',
    cases.path('ca.pem'),
    '--cert',
    cert,
    '--key',
    key,
    ...(depth === undefined ? [] : ['--depth', String(depth)]),
  );
  return stdout.replaceAll('127.0.0.1:3000', `127.0.0.1:${await application()}`);
};

/** The printed virtual host beside another one, on a port of the tests, before a real application. */
describe('on a running server', () => {
  test.skipIf(!hasNginx).each([
    [1, BAD_CERTIFICATE],
    [2, '200'],
  ])('nginx allows as much as Apache with depth %i', async (depth, oneIntermediate) => {
    const text = await printed('nginx', depth);
    const nginx = await startNginx(files(), { site: 'return 404;' }, (port) =>
      text.replace('listen 443', `listen 127.0.0.1:${port('site')}`).replace(/ +listen \[.*\n/, ''),
    );
    try {
      expect(await readRow(nginx.port('site'))).toEqual([NO_CERTIFICATE, '200', BAD_CERTIFICATE, oneIntermediate]);
    } finally {
      await nginx.stop();
    }
  });

  test('Node', async () => {
    const text = await printed('node');
    const node = await startServer({
      program: process.execPath,
      names: ['site'],
      configure: (place, port) => {
        writeFileSync(join(place, 'server.mjs'), text.replace("443, '::'", `${port('site')}, '127.0.0.1'`));
        return [join(place, 'server.mjs')];
      },
    });
    try {
      expect(await readRow(node.port('site'))).toEqual(['A40 / A116', '200', 'silent', '200']);
    } finally {
      await node.stop();
    }
  });

  test.skipIf(!hasApache).each([
    [1, 'A80'],
    [2, '200'],
  ])('Apache with depth %i', async (depth, oneIntermediate) => {
    const text = await printed('apache', depth);
    const apache = await startApache(files(), { site: '' }, (port) =>
      text.replace('*:443', `127.0.0.1:${port('site')}`),
    );
    try {
      expect(await readRow(apache.port('site'))).toEqual(['A40 / A116', '200', 'A48', oneIntermediate]);
    } finally {
      await apache.stop();
    }
  });
});
