import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { CALLER_CASES } from '../../../src/conform/cases/refuse-caller.ts';
import { makeEventFactory } from '../../../src/flows/test/event-factory.ts';
import { readClaimedCertificate } from '../../../src/flows/test/claimed-certificate.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { findVendor } from '../../helpers/vendors.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';

let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const file = (bytes: Uint8Array) => ({ path: 'client', bytes });

test('the certificate of a PEM or PKCS#12 file is read, and none where there is none', async () => {
  const files = `-in ${cases.path('good-ec.pem')} -inkey ${cases.path('good-ec.key')}`;
  const pfx = execFileSync('openssl', `pkcs12 -export -passout pass:x ${files}`.split(' '));
  const read = await Promise.all([
    readClaimedCertificate({ cert: file(cases.read('good-ec.pem')) }),
    readClaimedCertificate({ pfx: file(pfx), passphrase: 'x' }),
    readClaimedCertificate({ pfx: file(pfx), passphrase: 'wrong' }),
    readClaimedCertificate({ cert: file(Buffer.from('no certificate')) }),
    readClaimedCertificate(undefined),
  ]);
  expect(read.map((claimed) => claimed?.subject)).toEqual([
    'CN=good-ec',
    'CN=good-ec',
    undefined,
    undefined,
    undefined,
  ]);
});

test('who issued it is told where the file has it', async () => {
  const pem = cases.read('one-intermediate.pem');
  const claimed = await readClaimedCertificate({ cert: file(pem) });
  const issuer = new X509Certificate(cases.read('intermediate.pem'));
  expect(claimed?.issuerDerBase64).toBe(issuer.raw.toString('base64'));
});

test.each([
  ['of the certificate at hand', true],
  ['of none: what needs none', false],
])('claimed-certificate claims the headers of proxies, %s', async (_, isKnown) => {
  const claimedCertificate = isKnown ? await readClaimedCertificate({ cert: file(cases.read('good-ec.pem')) }) : null;
  const factory = makeEventFactory({
    vendor: findVendor('mailkit'),
    url: new URL('https://127.0.0.1/'),
    secret: null,
    clock: systemClock,
    ids: makeIds(systemRandom()),
    claimedCertificate,
  });
  const requests = CALLER_CASES.find(({ id }) => id === 'claimed-certificate')?.change(factory) ?? [];
  const values = (name: string): string[] =>
    requests.flatMap(({ headers }) => headers.filter((header) => header[0] === name).map(([, value]) => value));
  expect(values('X-SSL-Client-Verify')).toEqual(['SUCCESS', '0']);
  expect(values('ssl-client-subject-dn')).toEqual(isKnown ? ['CN=good-ec'] : []);
  const [told] = values('Client-Cert');
  expect(told).toBe(isKnown ? `:${new X509Certificate(cases.read('good-ec.pem')).raw.toString('base64')}:` : undefined);
  expect(requests.every(({ route }) => route === 'without-certificate')).toBe(true);
  expect(requests[0]?.label).toBe(`with what nginx reports in X-SSL-Client-Verify and ${isKnown ? 25 : 7} more`);
});
