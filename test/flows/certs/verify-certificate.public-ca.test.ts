import { writeFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, type DiagnoseFlags, findingsOf, openEndpoint, verdictOf } from '../../helpers/diagnose.ts';
import { hasNginx, startNginx, type Nginx } from '../../helpers/nginx.ts';

/** N5: who trusts public CAs beside yours is open to everybody who has one of their certificates. */
let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
  const [first = '', second = ''] = rootCertificates;
  writeFileSync(cases.path('bundle.pem'), [cases.read('ca.pem').toString().trim(), first, second, ''].join('\n'));
  writeFileSync(cases.path('public.pem'), first);
});
afterAll(() => cases?.remove());

const flags = (more: DiagnoseFlags = {}): DiagnoseFlags => ({ cacert: cases.path('server-ca.pem'), ...more });
const own = (): DiagnoseFlags => ({ cert: cases.path('good-ec.pem'), key: cases.path('good-ec.key') });

describe.skipIf(!hasNginx)(`nginx${hasNginx ? '' : ' (skipped: it is not installed)'}`, () => {
  let nginx: Nginx<'alone' | 'bundle' | 'public'>;
  beforeAll(async () => {
    const trusting = (directive: string, name: string): string =>
      `${directive} ${cases.path(name)}; ssl_verify_client on; location / { return 200; }`;
    nginx = await startNginx(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      {
        alone: trusting('ssl_client_certificate', 'ca.pem'),
        bundle: trusting('ssl_client_certificate', 'bundle.pem'),
        public: trusting('ssl_client_certificate', 'public.pem'),
      },
    );
  });
  afterAll(() => nginx?.stop());

  test.each<[string, 'alone' | 'bundle' | 'public', boolean | null, given: () => DiagnoseFlags]>([
    ['its own CA alone', 'alone', true, own],
    ['a bundle', 'bundle', false, own],
    ['a bundle, nothing given', 'bundle', false, () => ({})],
    ['a bundle that the user names, too', 'bundle', false, () => ({ ...own(), clientCa: cases.path('bundle.pem') })],
    [
      'the one public CA that the user means',
      'public',
      true,
      () => ({ clientCa: cases.path('public.pem'), skip: ['P3'] }),
    ],
  ])('a server that trusts %s', async (_, name, isGood, given) => {
    const diagnosis = await diagnose(nginx.url(name), flags(given()));
    const [finding] = findingsOf(diagnosis, 'N5');
    expect([finding?.status, diagnosis.report.isGood, verdictOf(diagnosis)]).toEqual(
      isGood === false
        ? ['fail', false, 'inconclusive']
        : [isGood === null ? undefined : 'pass', true, 'enforced-server'],
    );
    if (isGood !== false) return;
    expect(diagnosis.report.conclusion).toContain('its CA list contains public CAs ("');
    expect(finding?.serverFixes.map(({ server }) => server)).toEqual(['nginx', 'apache', 'caddy', 'haproxy', 'node']);
    expect(findingsOf(diagnosis, 'R2')[0]?.detail).toContain('the certificate check can be bypassed (N5)');
  });
});

test('a server that asks for no certificate has no list', async () => {
  const port = await openEndpoint({ cert: cases.read('server.pem'), key: cases.read('server.key') });
  const [finding] = findingsOf(await diagnose(`https://127.0.0.1:${port}/`, flags({ only: ['N5'] })), 'N5');
  expect([finding?.status, finding?.detail]).toEqual(['skip', 'the server does not ask for a certificate']);
});

test('no list is sent: what cannot be seen is said, until the user names the CA file', async () => {
  // Node trusts the public CAs where it is given none, and lists them not.
  const server = { cert: cases.read('server.pem'), key: cases.read('server.key'), requestCert: true };
  const url = `https://127.0.0.1:${await openEndpoint(server)}/`;
  const [unseen, named] = await Promise.all([
    diagnose(url, flags({ ...own(), only: ['N5'] })),
    diagnose(url, flags({ ...own(), only: ['N5'], clientCa: cases.path('bundle.pem') })),
  ]);
  expect(findingsOf(unseen, 'N5').map(({ status, detail }) => [status, detail])).toEqual([
    ['skip', 'it sends no list, so the CAs it trusts are unknown: give its CA file with --client-ca'],
  ]);
  expect(findingsOf(named, 'N5').map(({ status }) => status)).toEqual(['fail']);
});
