import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgePinned } from '../../../src/certs/judge/server-certificate.ts';
import { probeEndpoint } from '../../../src/certs/probe/probe-endpoint.ts';
import { diagnose, findingsOf, openEndpoint } from '../../helpers/diagnose.ts';
import {
  makePinnedCertificates,
  PINS,
  SHOWN,
  type Pin,
  type PinnedCertificates,
  type Shown,
} from '../../helpers/pinned-certificates.ts';

let made: PinnedCertificates;
beforeAll(async () => {
  made = await makePinnedCertificates();
});
afterAll(() => made?.remove());

const INTERMEDIATES: readonly Pin[] = ['intermediate', 'intermediate-cross'];
const ROOTS: readonly Pin[] = ['root', 'root-cross'];

/**
 * Which pins a JDK 17 accepts each server with, whose trust manager holds the pinned certificate alone (measured: 187
 * cells of HttpsURLConnection, default PKIX trust manager, 2026). Every other pin it refuses. Where `warn` names a
 * pin, the JDK accepts it although the pinned CA itself has expired.
 */
const ACCEPTED: Record<Shown, { pins: readonly Pin[]; warn?: readonly Pin[] }> = {
  'the whole chain': { pins: ['leaf', ...INTERMEDIATES, ...ROOTS], warn: ['intermediate-expired', 'root-expired'] },
  'leaf and intermediate': {
    pins: ['leaf', ...INTERMEDIATES, ...ROOTS],
    warn: ['intermediate-expired', 'root-expired'],
  },
  'the leaf alone': { pins: ['leaf', ...INTERMEDIATES], warn: ['intermediate-expired'] },
  'leaf and an expired intermediate': { pins: ['leaf', ...INTERMEDIATES], warn: ['intermediate-expired'] },
  'an expired leaf': { pins: ['leaf-expired'] },
  'a wrong name': { pins: [] },
  'CN alone': { pins: ['leaf-cn', ...INTERMEDIATES, ...ROOTS], warn: ['intermediate-expired', 'root-expired'] },
  'CN alone, of another host': { pins: [] },
  'a leaf for clients': { pins: ['leaf-client'] },
  'self-signed': { pins: ['self-signed'] },
  'self-signed, expired': { pins: ['self-signed-expired'] },
};

/** S2 of one handshake, as a diagnosis makes it. The diagnoses below make the same with everything around it. */
async function statusWith(port: number, pin: Pin): Promise<string> {
  const pem = readFileSync(made.path(pin));
  const seen = await probeEndpoint(
    { host: '127.0.0.1', port, name: 'localhost' },
    { version: 'TLSv1.3', identity: null, ca: pem, partialChain: true, request: null, timeoutMs: 10_000 },
  );
  const rules = { pinned: [new X509Certificate(pem)], name: 'localhost', nowMs: Date.now() };
  return judgePinned(seen, rules).status;
}

test.each(Object.keys(SHOWN) as Shown[])(
  'S2: %s is taken with the pins that a JDK takes, and with no other',
  async (shown) => {
    const port = await openEndpoint(made.server(shown));
    const statuses = await Promise.all(PINS.map(async (pin) => [pin, await statusWith(port, pin)] as const));
    const { pins, warn = [] } = ACCEPTED[shown];
    expect(Object.fromEntries(statuses)).toEqual(
      Object.fromEntries(PINS.map((pin) => [pin, warn.includes(pin) ? 'warn' : pins.includes(pin) ? 'pass' : 'fail'])),
    );
  },
);

test.each([
  ['leaf and intermediate', 'root', 'its chain leads to the pinned certificate', 0],
  ['leaf and intermediate', 'leaf', 'the very certificate', 0],
  ['leaf and intermediate', 'root-expired', 'whose own dates are over', 0],
  ['the leaf alone', 'root', 'an intermediate is missing', 4],
  ['an expired leaf', 'root', 'has expired', 4],
  ['a wrong name', 'leaf-other-name', 'for another name than localhost', 0],
] as const)('S2: %s with the pin %s says: %s', async (shown, pin, words, serverFixes) => {
  const port = await openEndpoint(made.server(shown));
  const [finding] = findingsOf(
    await diagnose(`https://localhost:${port}/`, {
      pin: made.path(pin),
      only: ['S2'],
      resolve: [`localhost:${port}:127.0.0.1`],
    }),
    'S2',
  );
  expect(finding?.detail).toContain(words);
  expect(finding?.serverFixes).toHaveLength(serverFixes);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('S2: a server of %s alone is judged like any other', async (version) => {
  const port = await openEndpoint({
    ...made.server('leaf and intermediate'),
    minVersion: version,
    maxVersion: version,
  });
  const statusFor = async (pin: Pin): Promise<unknown> =>
    findingsOf(
      await diagnose(`https://localhost:${port}/`, {
        pin: made.path(pin),
        only: ['S2'],
        resolve: [`localhost:${port}:127.0.0.1`],
      }),
      'S2',
    )[0]?.status;
  expect(await Promise.all([statusFor('root'), statusFor('root-expired'), statusFor('other-root')])).toEqual([
    'pass',
    'warn',
    'fail',
  ]);
});

test('S2 is skipped where nothing is pinned, and where no handshake comes to its end', async () => {
  const open = await openEndpoint(made.server('the whole chain'));
  const shut = await openEndpoint({ ...made.server('the whole chain'), requestCert: true, maxVersion: 'TLSv1.2' });
  const [unpinned] = findingsOf(await diagnose(`https://127.0.0.1:${open}/`, { only: ['S2'] }), 'S2');
  expect([unpinned?.status, unpinned?.detail]).toEqual(['skip', 'no certificate was pinned (--pin)']);
  const [unseen] = findingsOf(
    await diagnose(`https://127.0.0.1:${shut}/`, { only: ['S2'], pin: made.path('root') }),
    'S2',
  );
  expect([unseen?.status, unseen?.detail]).toEqual([
    'skip',
    'no handshake came to its end, so nothing could be verified',
  ]);
});
