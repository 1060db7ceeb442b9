import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { openEndpoint } from '../helpers/endpoint.ts';
import { openFakeDns, type DnsBehaviour } from '../helpers/fake-dns.ts';
import { testFolder } from '../helpers/folder.ts';
import { freePorts } from '../helpers/free-ports.ts';
import { madeOnce } from '../helpers/made-once.ts';
import { bin, runCommandLine } from '../helpers/program.ts';
import { isFurtherNode } from '../runner/further-node.ts';

const root = resolve(import.meta.dirname, '../..');
const docs = join(root, 'docs');
/** Their commands are run by tests of their own. */
const RUN_ELSEWHERE = new Set(['vendor-files.md', 'team.md']);
const PAGES = [
  join(root, 'README.md'),
  ...readdirSync(docs)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(docs, name)),
].map((path) => ({ name: basename(path), text: readFileSync(path, 'utf8') }));

const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, inside = '']) =>
    inside.trim(),
  );

/** Run by `.ci/run` itself: inside the tests they would run the tests. */
const RUN_BY_CI = new Set(['npm ci && npx webhook demo', 'npm test']);

/** What `webhook certs create` makes, for the blocks that do not make it themselves. */
let certificates: string;
beforeAll(async () => {
  const { toMake: cwd, copy } = madeOnce('docs-certificates');
  if (cwd !== null) {
    const ended = await runCommandLine(process.execPath, [bin('webhook'), 'certs', 'create'], { cwd });
    expect(ended.code, ended.stderr).toBe(0);
  }
  certificates = copy();
  return () => rmSync(certificates, { recursive: true });
});

/** A folder as a user has it, with the programs on `npx`'s path and the README's addresses leading to real servers. */
async function userFolder({
  hasCertificates,
}: {
  hasCertificates: boolean;
}): Promise<{ cwd: string; env: Record<string, string>; real: (text: string) => string }> {
  const cwd = testFolder();
  const endpoint = await openEndpoint();
  const tls = await openTlsEndpoint(cwd);
  const dns = await openFakeDns(mailPlusNames);
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  for (const name of ['webhook', 'mp-export', 'verify-cert'])
    symlinkSync(bin(name), join(cwd, 'node_modules/.bin', name));
  // What `npm install express` fetches.
  symlinkSync(join(root, 'node_modules/express'), join(cwd, 'node_modules/express'));
  if (hasCertificates) cpSync(certificates, cwd, { recursive: true });
  cpSync(join(root, 'fixtures/mail'), join(cwd, 'fixtures/mail'), { recursive: true });
  writeFileSync(join(cwd, 'body.json'), '{"EMAIL":"a@example.com"}');
  writeFileSync(join(cwd, 'access.log'), '192.0.2.10 - - [01/Nov/2026:09:00:00 +0000] "POST /hook HTTP/1.1" 200 2\n');
  // What stands for the user's application.
  const start = `${process.execPath} ${bin('webhook')} listen --vendor mail2many --secret-env M2M_SECRET --port $PORT`;
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ scripts: { start: `${start} --no-history` } }));
  writeFileSync(
    join(cwd, 'nginx.conf'),
    'events {} http { server { listen 80; location /hook { ' +
      'allow 185.136.200.0/22; deny all; proxy_pass http://127.0.0.1:9000; } } }',
  );
  writeFileSync(
    join(cwd, 'apache2.conf'),
    'LoadModule authz_host_module modules/mod_authz_host.so\nListen 80\n<VirtualHost *:80>\nServerName hooks.example.com\n' +
      '<Location /hook>\nRequire ip 185.136.200.0/22\n</Location>\n' +
      'ProxyPass / http://127.0.0.1:9000/\n</VirtualHost>\n' +
      'LoadModule authz_core_module modules/mod_authz_core.so\nLoadModule proxy_module modules/mod_proxy.so\n',
  );
  return {
    cwd,
    env: {
      HOME: cwd,
      XDG_DATA_HOME: join(cwd, 'data'),
      XDG_CONFIG_HOME: join(cwd, 'config'),
      npm_config_update_notifier: 'false',
    },
    real: (text) =>
      text
        .replaceAll('127.0.0.1:3000', new URL(endpoint.url).host)
        .replaceAll('127.0.0.1:8443', `127.0.0.1:${tls}`)
        .replaceAll('127.0.0.1:5353', dns.address)
        .replaceAll(/\/etc\/\w+\//g, ''),
  };
}

/** One host of Mail-Plus. */
const mailPlusNames: DnsBehaviour = ({ type }) => ({
  records:
    type === 'PTR'
      ? [{ type: 'PTR', data: 'out1.mail-plus.com' }]
      : type === 'A'
        ? [{ type: 'A', data: '192.0.2.10' }]
        : [],
});

/** An endpoint that insists on a client certificate, with those that the commands make in `certs`. */
async function openTlsEndpoint(folder: string): Promise<number> {
  const read = (name: string): Buffer => readFileSync(join(folder, 'certs', name));
  const server = createServer({ requestCert: true, rejectUnauthorized: true }, (_, response) => response.end());
  // A block may make them anew: they are read for each connection, before TLS begins on it.
  server.prependListener('connection', () =>
    server.setSecureContext({ cert: read('server.pem'), key: read('server.key'), ca: read('ca.pem') }),
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const scripts = PAGES.map(({ name, text }) => ({
  name,
  blocks: blocksOf(text, 'sh').filter((block) => !block.split('\n').every((line) => RUN_BY_CI.has(line))),
})).filter(({ name, blocks }) => blocks.length > 0 && !RUN_ELSEWHERE.has(name));

test('there are commands to run', () => {
  expect(scripts.flatMap(({ blocks }) => blocks).length).toBeGreaterThanOrEqual(20);
});

const MARK = '=== block';

/** Twice, since what the first left behind shows then: that is the same on every Node. */
const TIMES = isFurtherNode ? ['first'] : ['first', 'second'];

/**
 * As a person types them: block by block, in one shell, in order, and again. A page is some fifty programs, one after the
 * other.
 */
test.each(scripts)('$name: every block works in its order, again, too', { timeout: 600_000 }, async ({ blocks }) => {
  const { cwd, env, real } = await userFolder({
    hasCertificates: !blocks.join('\n').includes('certs create --force  #'),
  });
  const ports = (await freePorts(1)).map(String);
  const lines = blocks.map((block) => {
    // Where a block listens itself it is on a port that is free here.
    const text = /--port 3000|--start /.test(block) ? block.replaceAll('3000', ports[0] ?? '') : real(block);
    const run = text.replaceAll('npx ', './node_modules/.bin/').replace(/^npm install express\n/m, '');
    return `echo '${MARK}'\n${run}\n`;
  });
  for (const time of TIMES) {
    const ended = await runCommandLine('sh', ['-e', '-c', lines.join('')], { cwd, env });
    const failed = blocks[ended.stdout.split(MARK).length - 2];
    expect(
      ended.code,
      `the ${time} time, in\n${failed}\n\n${ended.stdout.slice(-1000)}\n${ended.stderr.slice(-2000)}`,
    ).toBe(0);
  }
});

test('the configuration that the docs show is valid', async () => {
  const { cwd, env } = await userFolder({ hasCertificates: false });
  const shown = PAGES.flatMap(({ text }) => blocksOf(text, 'json')).find((text) => text.includes('"webhooks"'));
  writeFileSync(join(cwd, 'webhook.config.json'), shown ?? '');
  const ended = await runCommandLine(process.execPath, [bin('webhook'), 'list', '--json'], { cwd, env });
  expect(ended.code, ended.stderr).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ webhooks: [{ name: 'shop' }] });
});

/** Links to files and to headings of the same page. */
test.each(PAGES)('$name: its links lead somewhere', ({ name, text }) => {
  const folder = name === 'README.md' ? root : docs;
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  const ids = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => headingId(title)));
  for (const [link, path = '', id] of links) {
    if (path !== '') expect(existsSync(join(folder, path)), `${link} of ${name}`).toBe(true);
    else expect(ids, `${link} of ${name}`).toContain(id);
  }
});

/** As GitHub makes it. */
const headingId = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
