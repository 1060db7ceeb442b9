import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';
import { APACHE_ANSWER, hasApache, startApache } from '../../helpers/apache.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, findingsOf, openEndpoint, statusesOf, type DiagnoseFlags } from '../../helpers/diagnose.ts';
import type { RunningServer } from '../../helpers/server-process.ts';

/** Where vendors differ: N2, L2, P5. */
let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const own = (): DiagnoseFlags => ({
  cacert: cases.path('server-ca.pem'),
  cert: cases.path('good-rsa.pem'),
  key: cases.path('good-rsa.key'),
});

describe.skipIf(!hasApache)(`the server's CA list: Apache${hasApache ? '' : ' (skipped: it is not installed)'}`, () => {
  let apache: RunningServer<'named' | 'unnamed'>;
  beforeAll(async () => {
    const require = `SSLCACertificateFile ${cases.path('ca.pem')}\nSSLVerifyClient require\n${APACHE_ANSWER}`;
    apache = await startApache(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      { named: require, unnamed: `${require}\nSSLCADNRequestFile ${cases.path('other-ca.pem')}` },
    );
  });
  afterAll(() => apache?.stop());
  const look = (name: 'named' | 'unnamed', vendor?: string): Promise<CertificateDiagnosis> =>
    diagnose(apache.url(name), { ...own(), vendor, skip: ['L2'] });

  test.each([
    ['mail-plus', 'N2 fail', false],
    ['mailkit', 'N2 warn', true],
    [undefined, 'N2 warn', true],
  ])('that does not name the issuer: for %s %s, although our own POST succeeds', async (vendor, status, isGood) => {
    const diagnosis = await look('unnamed', vendor);
    expect([new Set(statusesOf(diagnosis, 'N2', 'P5')), diagnosis.report.isGood]).toEqual([
      new Set([status, 'P5 pass']),
      isGood,
    ]);
    const [finding] = findingsOf(diagnosis, 'N2');
    expect(finding?.observed).toBe('"CN=other-ca"');
    expect(finding?.serverFixes).toContainEqual({
      server: 'apache',
      change: expect.stringContaining('without SSLCADNRequestFile') as unknown,
    });
  });

  test.each(['mail-plus', 'mailkit'])('that names it passes for %s', async (vendor) => {
    const diagnosis = await look('named', vendor);
    expect([new Set(statusesOf(diagnosis, 'N2')), diagnosis.report.isGood]).toEqual([new Set(['N2 pass']), true]);
  });
});

test.each<
  [vendor: string | undefined, name: 'good-rsa' | 'good-ec', isLocked: boolean, expected: string, isGood: boolean]
>([
  ['mailkit', 'good-rsa', true, 'L2 pass', true],
  ['mailkit', 'good-rsa', false, 'L2 fail', false],
  ['mailkit', 'good-ec', true, 'L2 fail', false],
  ['mail-plus', 'good-ec', false, 'L2 skip', true],
  [undefined, 'good-rsa', false, 'L2 skip', true],
])('for %s a key %s, encrypted: %s, is %s', async (vendor, name, isLocked, expected, isGood) => {
  const locked = cases.path(`${name}-locked.key`);
  writeFileSync(
    locked,
    createPrivateKey(cases.read(`${name}.key`)).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'sesame',
    }),
  );
  const port = await openEndpoint({
    cert: cases.read('server.pem'),
    key: cases.read('server.key'),
    ca: cases.read('ca.pem'),
    requestCert: true,
    rejectUnauthorized: true,
  });
  const flags = {
    cacert: cases.path('server-ca.pem'),
    cert: cases.path(`${name}.pem`),
    key: isLocked ? locked : cases.path(`${name}.key`),
    passphraseEnv: isLocked ? 'PASS' : undefined,
    vendor,
  };
  const diagnosis = await diagnose(`https://127.0.0.1:${port}/`, flags, { env: { PASS: 'sesame' } });
  expect([statusesOf(diagnosis, 'L2'), diagnosis.report.isGood, diagnosis.report.facts['verdict']]).toEqual([
    [expected],
    isGood,
    'enforced-tls',
  ]);
});

test.each([
  ['mailkit', 200, true],
  ['mailkit', 204, false],
  ['mail-plus', 204, true],
  [undefined, 204, true],
  [undefined, 302, false],
])('for %s, HTTP %i to the good certificate is good: %s', async (vendor, status, isGood) => {
  const port = await openEndpoint(
    {
      cert: cases.read('server.pem'),
      key: cases.read('server.key'),
      ca: cases.read('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    },
    () => status,
  );
  const diagnosis = await diagnose(`https://127.0.0.1:${port}/`, { ...own(), vendor, skip: ['L2'] });
  expect([diagnosis.report.isGood, new Set(statusesOf(diagnosis, 'P5')), statusesOf(diagnosis, 'R2')]).toEqual([
    isGood,
    new Set([isGood ? 'P5 pass' : 'P5 fail']),
    ['R2 pass'],
  ]);
  // A large one is tried only where a small one was a success.
  expect(new Set(statusesOf(diagnosis, 'P7'))).toEqual(new Set([isGood ? 'P7 pass' : 'P7 skip']));
});
