import type { ServerOptions } from 'node:https';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import {
  diagnose,
  findingsOf,
  openEndpoint,
  statusesOf,
  verdictOf,
  type Visitor,
  type DiagnoseFlags,
} from '../../helpers/diagnose.ts';
import { APACHE_ANSWER, hasApache, startApache } from '../../helpers/apache.ts';
import { hasNginx, startNginx } from '../../helpers/nginx.ts';

/** P6 and P7: what the good certificate gets on the other version, and with a large body. */
let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const asked = (): ServerOptions => ({
  cert: cases.read('server.pem'),
  key: cases.read('server.key'),
  ca: cases.read('ca.pem'),
  requestCert: true,
  rejectUnauthorized: false,
});
const look = (url: string, flags: DiagnoseFlags = {}): Promise<CertificateDiagnosis> =>
  diagnose(url, {
    cacert: cases.path('server-ca.pem'),
    cert: cases.path('good-ec.pem'),
    key: cases.path('good-ec.key'),
    ...flags,
  });
const open = async (answer: (visitor: Visitor) => number, more: ServerOptions = {}): Promise<string> =>
  `https://127.0.0.1:${await openEndpoint({ ...asked(), ...more }, answer)}/`;
const isOld = ({ version }: Visitor): boolean => version === 'TLSv1.2';

test.each<[string, (visitor: Visitor) => number, string, string, string]>([
  [
    'enforced on both',
    ({ error }) => (error === null ? 200 : 403),
    'enforced-application',
    'P6 pass',
    'the same on both versions',
  ],
  [
    'optional on TLS 1.3',
    (visitor) => (visitor.error === null || (!isOld(visitor) && !visitor.shown) ? 200 : 403),
    'optional',
    'P6 fail',
    'TLS 1.3: a client certificate is optional',
  ],
  [
    'optional on TLS 1.2',
    (visitor) => (visitor.error === null || (isOld(visitor) && !visitor.shown) ? 200 : 403),
    'optional',
    'P6 fail',
    'TLS 1.2: a client certificate is optional',
  ],
  [
    'anyone on TLS 1.3',
    (visitor) => (visitor.error === null || !isOld(visitor) ? 200 : 403),
    'admits-anyone',
    'P6 fail',
    'TLS 1.3: the server asks for a client certificate, but accepts unauthorised ones',
  ],
  [
    'a crash on TLS 1.3',
    (visitor) => (isOld(visitor) ? (visitor.error === null ? 200 : 403) : 500),
    'inconclusive',
    'P6 warn',
    'TLS 1.3: unknown (without a certificate: HTTP 500)',
  ],
])('P6: %s', async (_, answer, verdict, status, words) => {
  const diagnosis = await look(await open(answer));
  const [finding] = findingsOf(diagnosis, 'P6');
  expect([verdictOf(diagnosis), `P6 ${finding?.status}`]).toEqual([verdict, status]);
  expect(finding?.detail).toContain(words);
  expect(diagnosis.report.isGood).toBe(status === 'P6 pass');
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('P6: %s alone leaves nothing to compare', async (version) => {
  const diagnosis = await look(
    await open(({ error }) => (error === null ? 200 : 403), { minVersion: version, maxVersion: version }),
  );
  expect([statusesOf(diagnosis, 'P6'), findingsOf(diagnosis, 'P6')[0]?.detail]).toEqual([
    ['P6 skip'],
    `the server speaks only ${version.replace('TLSv', 'TLS ')}, so there is nothing to compare`,
  ]);
});

test.each([
  [413, ['P7 fail', 'P7 fail']],
  [200, ['P7 pass', 'P7 pass']],
])('P7: a server that answers %i to 300 KiB', async (status, expected) => {
  const diagnosis = await look(
    await open(({ error, body }) => (error !== null ? 403 : body.length > 200_000 ? status : 200)),
  );
  expect(statusesOf(diagnosis, 'P7')).toEqual(expected);
  expect(findingsOf(diagnosis, 'P7')[0]?.detail).toBe(`300 KiB: HTTP ${status}`);
});

test('P7 is skipped where the small POST was no success, and where no certificate to check', async () => {
  const url = await open(() => 403);
  expect(findingsOf(await look(url), 'P7').map(({ status, detail }) => [status, detail])).toEqual([
    ['skip', 'a small POST did not succeed, so a large one proves nothing'],
  ]);
  expect(
    findingsOf(await look(url, { cert: undefined, key: undefined }), 'P7').map(({ status, detail }) => [
      status,
      detail,
    ]),
  ).toEqual([['skip', 'no certificate was given (--cert and --key, or --pfx)']]);
});

test('P7: the large body is the same event, with white space behind it', async () => {
  const bodies = new Set<string>();
  await look(
    await open(({ body }) => {
      bodies.add(body.toString());
      return 200;
    }),
    { vendor: 'mailkit' },
  );
  expect([...bodies].map((body) => body.length > 200_000).toSorted()).toEqual([false, true]);
  expect(new Set([...bodies].map((body) => JSON.stringify(JSON.parse(body)))).size).toBe(1);
});

test.skipIf(!hasNginx)(
  'nginx with client_max_body_size 100k: P7 fails, with what to ' +
    `change${hasNginx ? '' : ' (skipped: it is not installed)'}`,
  async () => {
    const on = `ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_client on; location / { return 200; }`;
    const nginx = await startNginx(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      { small: `client_max_body_size 100k; ${on}`, tiny: `client_max_body_size 1; ${on}`, usual: on },
    );
    onTestFinished(() => nginx.stop());
    const [small, usual, tiny] = await Promise.all([
      look(nginx.url('small')),
      look(nginx.url('usual')),
      look(nginx.url('tiny')),
    ]);
    expect(findingsOf(tiny, 'P5').map(({ observed }) => observed)).toEqual(['HTTP 413', 'HTTP 413']);
    expect([statusesOf(small), statusesOf(usual), statusesOf(usual, 'P7')]).toEqual([
      ['P7 fail', 'P7 fail'],
      [],
      ['P7 pass', 'P7 pass'],
    ]);
    const [finding] = findingsOf(small, 'P7');
    expect(finding?.detail).toBe('300 KiB: HTTP 413');
    expect(finding?.serverFixes).toContainEqual({ server: 'nginx', change: 'client_max_body_size 10m;' });
  },
);

test.skipIf(!hasApache)(
  `Apache with LimitRequestBody: P7 fails with its 413${hasApache ? '' : ' (skipped: it is not installed)'}`,
  async () => {
    const apache = await startApache(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      {
        limited:
          `SSLCACertificateFile ${cases.path('ca.pem')}\nSSLVerifyClient require\n` +
          `<Location "/">\n  LimitRequestBody 100000\n</Location>\n${APACHE_ANSWER}`,
      },
    );
    onTestFinished(() => apache.stop());
    const diagnosis = await look(apache.url('limited'));
    expect(findingsOf(diagnosis, 'P7').map(({ detail }) => detail)).toEqual(['300 KiB: HTTP 413', '300 KiB: HTTP 413']);
  },
);
