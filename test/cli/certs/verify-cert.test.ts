import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderError } from '../../../src/cli/terminal/error.ts';
import type { AppError } from '../../../src/model/error.ts';
import { diagnose, type DiagnoseFlags } from '../../helpers/diagnose.ts';
import { makeTestCertificates, type TestCertificates } from '../../helpers/openssl-certificates.ts';
import { runProgram, type Ended } from '../../helpers/program.ts';
import { openServer } from '../../helpers/raw-server.ts';

let files: TestCertificates;
beforeAll(() => {
  files = makeTestCertificates();
});
afterAll(() => files.remove());

const verifyCert = (...args: string[]): Promise<Ended> =>
  runProgram('verify-cert', args, { env: { PASS: 'open sesame' } });
const trusted = (): string[] => ['--cacert', files.path('ca.pem')];
const good = (): string[] => [
  '--cert',
  files.path('client-rsa.pem'),
  '--key',
  files.path('client-rsa.key'),
  '--passphrase-env',
  'PASS',
];

async function open(options: TlsOptions, status = 200): Promise<string> {
  const server = createServer(
    { cert: files.read('server.pem'), key: files.read('server.key'), ca: files.read('ca.pem'), ...options },
    (request, response) => {
      request.resume().on('end', () => response.writeHead(status).end());
    },
  );
  return `https://127.0.0.1:${await openServer(server)}/hook`;
}

test('0: enforced, and the given certificate gets the success of the vendor', async () => {
  const url = await open({ requestCert: true });
  const { code, stdout, stderr } = await verifyCert(url, ...trusted(), ...good(), '--vendor', 'mailkit', '--json');
  expect([code, stderr]).toEqual([0, '']);
  const document = JSON.parse(stdout) as { findings: Record<string, unknown>[] };
  expect(Object.keys(document)).toEqual(['schemaVersion', 'target', 'verdict', 'findings', 'conclusion']);
  expect(document).toMatchObject({ schemaVersion: 2, target: url, verdict: 'enforced-tls' });
  for (const finding of document.findings) {
    expect(Object.keys(finding)).toEqual([
      'id',
      'title',
      'status',
      'detail',
      'expected',
      'observed',
      'fix',
      'serverFixes',
      'reference',
      'durationMs',
    ]);
  }
});

test('1: enforced, but the answer is not the success of the vendor', async () => {
  const { code, stdout } = await verifyCert(
    await open({ requestCert: true }, 201),
    ...trusted(),
    ...good(),
    '--vendor',
    'mailkit',
  );
  expect(code).toBe(1);
  expect(stdout).toContain('enforced by TLS');
  expect(stdout).toMatch(/fail {2}P5 .*HTTP 201.*\n +fix +make the application answer Mailkit: HTTP 200/);
});

test("1: enforced, but the server's own certificate is not trusted; -k leaves that out", async () => {
  const url = await open({ requestCert: true });
  expect((await verifyCert(url, ...good())).code).toBe(1);
  expect((await verifyCert(url, ...good(), '-k')).code).toBe(0);
});

test('1: not enforced, as a person reads it', async () => {
  const url = await open({});
  const { code, stdout } = await verifyCert(url, ...trusted());
  expect(code).toBe(1);
  expect(stdout.split('\n')[0]).toBe(url);
  expect(stdout).toMatch(/\n\nthe server never asks for a client certificate\n.*\nfailed: /);
  expect(stdout).toMatch(/^fail {2}N1 +the server asks for a certificate \(TLS 1\.2, TLS 1\.3\)/m);
});

test.each<[string, string | undefined, DiagnoseFlags, string]>([
  ['http', 'http://127.0.0.1/hook', {}, 'is not https'],
  ['not a URL', undefined, {}, 'no endpoint was given'],
  ['no scheme', 'localhost:8443', {}, 'https://localhost:8443'],
  ['an unknown webhook', 'shpo', {}, 'no webhook.config.json was found'],
  ['a key of a CA without the CA', 'https://127.0.0.1:1/', { clientCaKey: 'client.pem' }, 'add --client-ca FILE'],
  ['a certificate without its key', 'https://127.0.0.1:1/', { cert: 'client.pem' }, 'add --key FILE'],
  ['an unknown vendor', 'https://127.0.0.1:1/', { vendor: 'mailkti' }, 'did you mean mailkit'],
  ['a vendor that trusts its signature', 'https://127.0.0.1:1/', { vendor: 'mailkite' }, 'mailkit, mail-plus'],
])('wrong usage: %s', async (_, target, flags, message) => {
  const named = Object.entries(flags).map(([flag, value]) => [
    flag,
    typeof value === 'string' && value.endsWith('.pem') ? files.path(value) : value,
  ]);
  const error = await diagnose(target, Object.fromEntries(named) as DiagnoseFlags).then(
    () => null,
    (reason: unknown) => reason as AppError,
  );
  expect(error).toMatchObject({ name: 'AppError', kind: 'usage' });
  expect(await renderError(error)).toContain(message);
});

test.each([
  ['http', ['http://127.0.0.1/hook'], 'is not https'],
  ['an unknown check', ['https://127.0.0.1:1/', '--only', 'P1,N9'], 'unknown check N9'],
  ['a reporter that there is not', ['https://127.0.0.1:1/', '--reporter', 'junti'], 'did you mean junit'],
  ['an unknown flag', ['https://127.0.0.1:1/', '--certificate', 'client.pem'], '--cert'],
])('2: %s', async (_, args, message) => {
  const { code, stdout, stderr } = await verifyCert(
    ...args.map((one) => (one.endsWith('.pem') ? files.path(one) : one)),
  );
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test('3: nothing answers TLS there', async () => {
  const url = `https://127.0.0.1:${await openServer(createHttpServer())}/`;
  const { code, stdout } = await verifyCert(url, '--json');
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'inconclusive',
    findings: expect.arrayContaining([
      expect.objectContaining({
        id: 'R2',
        status: 'skip',
        detail: 'nothing answered TLS: the answer is not TLS; this port may speak plain http',
      }),
    ]) as unknown,
  });
});

test('5: a certificate that cannot be used; its passphrase is not shown', async () => {
  const { code, stderr } = await verifyCert(
    'https://127.0.0.1:1/',
    '--pfx',
    files.path('client.der'),
    '--passphrase-env',
    'PASS',
  );
  expect(code).toBe(5);
  expect(stderr).toContain('client.der');
  expect(stderr).not.toContain('open sesame');
});

test('webhook verify-cert is the same', async () => {
  const { code, stdout } = await runProgram('webhook', [
    'verify-cert',
    await open({ requestCert: true }),
    ...trusted(),
    '--json',
  ]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'inconclusive' });
});
