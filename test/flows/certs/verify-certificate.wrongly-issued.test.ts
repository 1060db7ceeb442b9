import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { ServerOptions } from 'node:https';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CERTIFICATE_SET_FILES, makeCertificateSet } from '../../../src/certs/create/certificate-set.ts';
import type { KeyKind } from '../../../src/certs/create/make-key.ts';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';
import { APACHE_ANSWER, hasApache, startApache } from '../../helpers/apache.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import {
  diagnose,
  findingsOf,
  openEndpoint,
  statusesOf,
  verdictOf,
  type DiagnoseFlags,
} from '../../helpers/diagnose.ts';
import { testFolder } from '../../helpers/folder.ts';
import { hasNginx, startNginx } from '../../helpers/nginx.ts';
import { titleOf } from '../../helpers/server-process.ts';

/** P4: certificates that the user's own CA issues, each with one thing wrong. */
let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const look = (url: string, flags: DiagnoseFlags = {}): Promise<CertificateDiagnosis> =>
  diagnose(url, {
    cacert: cases.path('server-ca.pem'),
    cert: cases.path('good-ec.pem'),
    key: cases.path('good-ec.key'),
    clientCa: cases.path('ca.pem'),
    clientCaKey: cases.path('ca.key'),
    ...flags,
  });
const told = (diagnosis: CertificateDiagnosis): string[] =>
  findingsOf(diagnosis, 'P4').map(
    ({ title, status, detail }) =>
      `${/with (.*) is refused \(TLS (1\..)\)/.exec(title)?.slice(1).join(' ')}: ${status}: ${detail}`,
  );

test.skipIf(!hasNginx)(titleOf('nginx refuses all three, without saying which', hasNginx), async () => {
  const nginx = await startNginx(
    { cert: cases.path('server.pem'), key: cases.path('server.key') },
    { on: `ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_client on; location / { return 200; }` },
  );
  onTestFinished(() => nginx.stop());
  const diagnosis = await look(nginx.url('on'));
  expect([verdictOf(diagnosis), diagnosis.report.isGood]).toEqual(['enforced-server', true]);
  const page = 'pass: refused: HTTP 400 "The SSL certificate error"';
  expect(told(diagnosis)).toEqual(
    ['an expired certificate', 'a not yet valid certificate', 'a server-only certificate'].flatMap((what) => [
      `${what} 1.2: ${page}`,
      `${what} 1.3: ${page}`,
    ]),
  );
});

test.skipIf(!hasApache)(titleOf('Apache refuses each by an alert of its own', hasApache), async () => {
  const apache = await startApache(
    { cert: cases.path('server.pem'), key: cases.path('server.key') },
    { require: `SSLCACertificateFile ${cases.path('ca.pem')}\nSSLVerifyClient require\n${APACHE_ANSWER}` },
  );
  onTestFinished(() => apache.stop());
  expect(told(await look(apache.url('require')))).toEqual([
    'an expired certificate 1.2: pass: refused: TLS alert 45 certificate_expired',
    'an expired certificate 1.3: pass: refused: TLS alert 45 certificate_expired',
    'a not yet valid certificate 1.2: pass: refused: TLS alert 42 bad_certificate',
    'a not yet valid certificate 1.3: pass: refused: TLS alert 42 bad_certificate',
    'a server-only certificate 1.2: pass: refused: TLS alert 43 unsupported_certificate',
    'a server-only certificate 1.3: pass: refused: TLS alert 43 unsupported_certificate',
  ]);
});

const asked = (): ServerOptions => ({
  cert: cases.read('server.pem'),
  key: cases.read('server.key'),
  ca: cases.read('ca.pem'),
  requestCert: true,
  rejectUnauthorized: false,
});
async function open(forgiven: string | null, more: ServerOptions = {}): Promise<string> {
  const port = await openEndpoint({ ...asked(), ...more }, ({ error }) =>
    error === null || error === forgiven ? 200 : 403,
  );
  return `https://127.0.0.1:${port}/`;
}

describe('Node', () => {
  test.each([
    ['CERT_HAS_EXPIRED', 'an expired certificate'],
    ['CERT_NOT_YET_VALID', 'a not yet valid certificate'],
    ['INVALID_PURPOSE', 'a server-only certificate'],
  ])('an application that forgives %s: P4 fails for %s alone, and nothing else does', async (code, what) => {
    const diagnosis = await look(await open(code));
    expect(told(diagnosis).filter((line) => line.includes(': fail:'))).toEqual([
      `${what} 1.2: fail: accepted: HTTP 200`,
      `${what} 1.3: fail: accepted: HTTP 200`,
    ]);
    expect([verdictOf(diagnosis), diagnosis.report.isGood, statusesOf(diagnosis)]).toEqual([
      'enforced-application',
      false,
      ['P4 fail', 'P4 fail'],
    ]);
  });

  test('without the key P4 is skipped; where nothing is asked for, too', async () => {
    const [without] = findingsOf(await look(await open(null), { clientCaKey: undefined }), 'P4');
    expect([without?.status, without?.detail]).toEqual([
      'skip',
      'needs the CA and its key (--client-ca and --client-ca-key)',
    ]);
    const [unasked] = findingsOf(await look(await open(null, { requestCert: false })), 'P4');
    expect([unasked?.status, unasked?.detail]).toEqual(['skip', 'the server did not ask for a certificate']);
  });

  test.each<[string, KeyKind]>([
    ['RSA', { type: 'rsa' }],
    ['EC', { type: 'ec' }],
    ['Ed25519', { type: 'ed25519' }],
  ])('a CA with an %s key, encrypted, issues what must be refused', async (_, keyKind) => {
    const folder = testFolder();
    const { files } = await makeCertificateSet(
      { name: 'shop', hosts: ['127.0.0.1'], keyKind, days: 90, passphrase: null },
      Date.now(),
    );
    const text = (name: (typeof CERTIFICATE_SET_FILES)[number]): string =>
      files.find((file) => file.name === name)?.text ?? '';
    for (const name of CERTIFICATE_SET_FILES) writeFileSync(`${folder}/${name}`, text(name));
    writeFileSync(
      `${folder}/ca.key`,
      createPrivateKey(text('ca.key')).export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'of the CA',
      }),
    );
    const port = await openEndpoint({
      cert: text('server.pem'),
      key: text('server.key'),
      ca: text('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const flags = {
      cacert: `${folder}/ca.pem`,
      cert: `${folder}/client.pem`,
      key: `${folder}/client.key`,
      clientCa: `${folder}/ca.pem`,
      clientCaKey: `${folder}/ca.key`,
      clientCaPassphraseEnv: 'CA_PASS',
    };
    const diagnosis = await diagnose(`https://127.0.0.1:${port}/`, flags, { env: { CA_PASS: 'of the CA' } });
    expect([verdictOf(diagnosis), diagnosis.report.isGood, new Set(statusesOf(diagnosis, 'P4'))]).toEqual([
      'enforced-tls',
      true,
      new Set(['P4 pass']),
    ]);
    expect(JSON.stringify(diagnosis)).not.toContain('of the CA');
    await expect(
      diagnose(`https://127.0.0.1:${port}/`, flags, { env: { CA_PASS: 'another one' } }),
    ).rejects.toMatchObject({ name: 'AppError', kind: 'input' });
  });
});

test.each([
  [
    'the key of another CA',
    () => ({ clientCaKey: cases.path('other-ca.key') }),
    'input',
    'does not belong to its certificate',
  ],
  ['a certificate for a key', () => ({ clientCaKey: cases.path('ca.pem') }), 'input', 'ca.pem'],
  ['no CA', () => ({ clientCa: undefined }), 'usage', '--client-ca-key needs its certificate'],
])('%s is found wrong before anything is sent', async (_, flags, kind, words) => {
  let connections = 0;
  const port = await openEndpoint({ cert: cases.read('server.pem'), key: cases.read('server.key') }, () => {
    connections += 1;
    return 200;
  });
  await expect(look(`https://127.0.0.1:${port}/`, flags())).rejects.toMatchObject({
    name: 'AppError',
    kind,
    message: expect.stringContaining(words) as unknown,
  });
  expect(connections).toBe(0);
});
