import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { EXIT_CODES } from '../src/cli/terminal/exit.ts';
import { formatDuration } from '../src/cli/terminal/text.ts';
import { describePlace, headerAt } from '../src/model/signature.ts';
import type { Vendor } from '../src/model/vendor.ts';
import { ORIGINALS, VENDORS } from './helpers/vendors.ts';
import { delaysOf } from '../src/vendors/retry-rule.ts';
import { askCommand } from './helpers/ask-command.ts';
import { openEndpoint } from './helpers/endpoint.ts';
import { openFakeDns, type DnsBehaviour } from './helpers/fake-dns.ts';
import { testFolder } from './helpers/folder.ts';
import { freePorts } from './helpers/free-ports.ts';
import { madeOnce } from './helpers/made-once.ts';
import { bin, runCommandLine, runProgram } from './helpers/program.ts';
import { COMMANDS as APACHE_COMMANDS } from '../src/source/apache/commands.ts';
import { SCOPE as APACHE_SCOPE } from '../src/source/apache/scope.ts';
import { SCOPE as NGINX_SCOPE } from '../src/source/nginx/scope.ts';

const root = resolve(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1] as string);

/** Run by `.ci/run` itself: inside the tests they would run the tests. */
const RUN_BY_CI = new Set(['npm ci && npx webhook demo', 'npm test']);

/** What `webhook certs create` makes, for the blocks that do not make it themselves. */
let certificates: string;
beforeAll(async () => {
  const { toMake: cwd, copy } = madeOnce('readme-certificates');
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
  if (hasCertificates) cpSync(certificates, cwd, { recursive: true });
  cpSync(join(root, 'fixtures/mail'), join(cwd, 'fixtures/mail'), { recursive: true });
  writeFileSync(join(cwd, 'body.json'), '{"EMAIL":"a@example.com"}');
  writeFileSync(join(cwd, 'access.log'), '192.0.2.10 - - [01/Nov/2026:09:00:00 +0000] "POST /hook HTTP/1.1" 200 2\n');
  writeFileSync(join(cwd, 'package.json'), '{}');
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

const blocksToRun = blocks('sh')
  .map((block) => block.trim())
  .filter((block) => !block.split('\n').every((line) => RUN_BY_CI.has(line)));

test('there are commands to run', () => {
  expect(blocksToRun.length).toBeGreaterThanOrEqual(5);
});

test.each(blocksToRun.map((block) => [block]))('every command of this block works, in order:\n%s', async (block) => {
  const { cwd, env, real } = await userFolder({ hasCertificates: !block.includes('certs create\n') });
  // Commands of another block may stand before: a history and a secret.
  const before = 'export M2M_SECRET=the-signing-secret\n';
  // Where the block listens itself, on a port that is free here.
  const text = block.includes('--port 3000') ? block.replaceAll('3000', String((await freePorts(1))[0])) : real(block);
  const lines = text.replaceAll('npx ', './node_modules/.bin/');
  const ended = await runCommandLine('sh', ['-e', '-c', before + lines], { cwd, env });
  expect(ended.code, `${ended.stdout}\n${ended.stderr}`).toBe(0);
});

test('the configuration in the README is valid', async () => {
  const { cwd, env } = await userFolder({ hasCertificates: false });
  writeFileSync(join(cwd, 'webhook.config.json'), blocks('json')[0] ?? '');
  const ended = await runCommandLine(process.execPath, [bin('webhook'), 'list', '--json'], { cwd, env });
  expect(ended.code, ended.stderr).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({ webhooks: [{ name: 'shop' }] });
});

test('the exit codes in the README are those of the program', () => {
  for (const [code, meaning] of EXIT_CODES) expect(readme).toContain(`| ${code} | ${meaning} |`);
});

test.each(ORIGINALS.map((vendor) => [vendor.id, vendor] as const))(
  'the table of vendors has the facts of %s',
  (_, vendor) => {
    expect(readme).toContain(vendorRow(vendor));
  },
);

test.each(VENDORS.slice(ORIGINALS.length))(
  'the second table has $id',
  ({ id, title, documentation, events, signature }) => {
    const names = events.map(({ name }) => `\`${name}\``).join(', ');
    const place = signature.value === null ? 'none' : describePlace(signature.value.at);
    expect(readme).toContain(
      `| [${title}](${documentation}) | \`${id}\` | ${names} | ${place} (${signature.certainty}) |`,
    );
  },
);

function vendorRow({ title, documentation, events, signature, success, retries, timeoutMs }: Vendor): string {
  const names = events.map(({ name }) => `\`${name}\``).join(', ');
  const signed = `${signature.value === null ? 'none' : `\`${headerAt(signature.value.at)}\``} (${signature.certainty})`;
  const statuses = success.value.statuses === '2xx' ? 'any 2xx' : `${success.value.statuses.join(', ')} only`;
  const counts = `${statuses} (${success.certainty})`;
  const { delaysMs, deactivatesAfterMs: end } = retries;
  const ends = end === undefined ? '' : `, deactivated after ${formatDuration(end.value)} (${end.certainty})`;
  const ladder = `${delaysOf(retries).length} (${delaysMs.certainty})${ends}`;
  const timeout = `${formatDuration(timeoutMs.value)} (${timeoutMs.certainty})`;
  return `| [${title}](${documentation}) | ${names} | ${signed} | ${counts} | ${ladder} | ${timeout} |`;
}

test('the program prints the help of a command as it is', async () => {
  const args = ['send', '--help'];
  expect(await runProgram('webhook', args)).toEqual(await askCommand(args));
});

/** `<LuaHookFixups>` and `LuaHookFixups` have one name. */
const names = (list: Iterable<string>): string =>
  [...new Set(list)]
    .filter((name) => !name.startsWith('<'))
    .map((name) => `\`${name}\``)
    .join(' ');
/** As Apache writes it. */
const apacheName = (name: string): string => APACHE_COMMANDS.get(name)?.name ?? name;

test.each([
  [
    'nginx',
    NGINX_SCOPE.simulated,
    [...Object.keys(NGINX_SCOPE.guards), ...Object.keys(NGINX_SCOPE.programs)],
    Object.keys(NGINX_SCOPE.beside),
  ],
  ['Apache', APACHE_SCOPE.simulated, [...APACHE_SCOPE.guards.keys()], [...APACHE_SCOPE.beside.keys()]],
])('the table of what is simulated has the directives of %s', (server, simulated, asked, beside) => {
  const [one, two, three] = [simulated, asked, beside].map((list) =>
    names([...list].map(server === 'Apache' ? apacheName : String)),
  );
  expect(readme).toContain(`| ${server} | ${one} | ${two} | ${three} |`);
});
