import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { runCommandLine, runProgram, bin, type Ended } from '../../helpers/program.ts';
import { openServer } from '../../helpers/raw-server.ts';

const create = (cwd: string, ...args: string[]): Promise<Ended> =>
  runProgram('webhook', ['certs', 'create', '--key-type', 'ec', ...args], {
    cwd,
    env: { PASS: 'open sesame' },
    input: 'from stdin\n',
  });

test('0: certificates in the folder certs, and what to type next works', async () => {
  const cwd = testFolder();
  const { code, stdout, stderr } = await runProgram('webhook', ['certs', 'create'], { cwd });
  expect([code, stderr]).toEqual([0, '']);
  const folder = join(cwd, 'certs');
  expect(readdirSync(folder).toSorted()).toEqual([
    'ca.key',
    'ca.pem',
    'client.csr',
    'client.key',
    'client.passphrase',
    'client.pem',
    'server.key',
    'server.pem',
  ]);
  const passphrase = readFileSync(join(folder, 'client.passphrase'), 'utf8').trimEnd();
  expect(passphrase).toMatch(/^[\w-]{32}$/);
  expect(stdout).not.toContain(passphrase);
  expect(stdout).toContain('randomly generated; it is in certs/client.passphrase');
  expect(stdout).toContain(
    `nginx:\n    ssl_client_certificate ${join(folder, 'ca.pem')};\n    ssl_verify_client on;\n`,
  );

  const server = createServer(
    {
      cert: readFileSync(join(folder, 'server.pem')),
      key: readFileSync(join(folder, 'server.key')),
      ca: readFileSync(join(folder, 'ca.pem')),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      request.resume().on('end', () => response.writeHead(200).end());
    },
  );
  const port = await openServer(server);
  expect(stdout).toContain('https://localhost:8443/hook --vendor mailkit --cert ');
  const next = /^next: verify-cert (.*)$/m.exec(stdout)?.[1] ?? '';
  const args = next.replace('https://localhost:8443/', `https://127.0.0.1:${port}/`).split(' ');
  const verdict = await runProgram('verify-cert', [...args, '--json'], { cwd });
  const document = JSON.parse(verdict.stdout) as { verdict: string; findings: { id: string; status: string }[] };
  expect(document.verdict).toBe('enforced-tls');
  const tried = document.findings.filter(({ status }) => status !== 'skip').map(({ id }) => id);
  expect(tried).toEqual(expect.arrayContaining(['P4', 'L10', 'L11']));
});

test('--json', async () => {
  const cwd = testFolder();
  const { code, stdout } = await create(
    cwd,
    'made',
    '--lab',
    '--json',
    '--host',
    'hooks.example',
    '--host',
    '[::1]',
    '--days',
    '30',
    '--name',
    'ours',
  );
  expect(code).toBe(0);
  const document = JSON.parse(stdout) as { schemaVersion: number; directory: string; files: Record<string, unknown>[] };
  expect(document).toMatchObject({ schemaVersion: 2, directory: 'made' });
  expect(document.files.map(({ path }) => path as string).toSorted()).toEqual(
    readdirSync(join(cwd, 'made'))
      .map((name) => join('made', name))
      .toSorted(),
  );
  for (const file of document.files)
    expect(Object.keys(file)).toEqual(['path', 'kind', 'mode', 'subject', 'notAfter', 'sha256']);
  expect(document.files).toContainEqual({
    path: join('made', 'client.pem'),
    kind: 'certificate',
    mode: '0644',
    subject: 'CN=ours',
    notAfter: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.000Z$/),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(document.files).toContainEqual({
    path: join('made', 'client.key'),
    kind: 'private-key',
    mode: '0600',
    subject: null,
    notAfter: null,
    sha256: null,
  });
});

test.each([
  ['of a variable', ['--passphrase-env', 'PASS'], 'open sesame', ' --passphrase-env PASS '],
  ['from stdin', ['--passphrase-file', '-'], 'from stdin', ' --passphrase-file - '],
])('a passphrase %s is not shown', async (_, flags, passphrase, next) => {
  const cwd = testFolder();
  const { code, stdout, stderr } = await create(cwd, ...flags);
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain(passphrase);
  expect(stdout).toContain(next);
  // An EC key is not what that vendor takes.
  expect(stdout).not.toContain('--vendor');
  expect(readFileSync(join(cwd, 'certs/client.key'), 'utf8')).toContain('ENCRYPTED');
});

test('--no-passphrase says who takes no such key', async () => {
  const cwd = testFolder();
  const { code, stderr } = await create(cwd, '--no-passphrase');
  expect([code, stderr]).toEqual([
    0,
    'warning: Mailkit asks for a password-protected RSA key; client.key is EC P-256, not encrypted\n',
  ]);
  expect(readFileSync(join(cwd, 'certs/client.key'), 'utf8')).toContain('BEGIN PRIVATE KEY');
});

test('2: files are there, unless --force', async () => {
  const cwd = testFolder();
  expect((await create(cwd)).code).toBe(0);
  const { code, stdout, stderr } = await create(cwd);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^error: certs already contains ca\.pem, ca\.key, client\.key/);
  expect((await create(cwd, '--force')).code).toBe(0);
});

test.each([
  ['an unknown kind of key', ['--key-type', 'dsa'], 'rsa, ec, ed25519'],
  ['a size that is none', ['--bits', 'many'], '2048'],
  ['no days', ['--days', '0'], 'expected a number of days from 1 to 36500'],
  ['a passphrase and none', ['--no-passphrase', '--passphrase-env', 'PASS'], 'exclude each other'],
  ['an unknown flag', ['--hosts', 'a'], '--host'],
])('2: %s', async (_, flags, message) => {
  const cwd = testFolder();
  const { code, stdout, stderr } = await create(cwd, ...flags);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
  expect(existsSync(join(cwd, 'certs'))).toBe(false);
});

const EC_LAB = ['--key-type', 'ec', '--lab'];

test.skipIf(process.platform === 'win32')('2: a disk that fills up leaves nothing behind', async () => {
  const cwd = testFolder();
  // A block is 512 bytes or 1024, as the shell likes: too little for the long chain of a lab.
  const { code, stderr } = await runCommandLine(
    'sh',
    ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, bin('webhook'), 'certs', 'create', 'made/here', ...EC_LAB],
    { cwd },
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error: the certificates could not be written to made\/here: .*\n {2}nothing was written/);
  expect(readdirSync(cwd)).toEqual([]);
});
