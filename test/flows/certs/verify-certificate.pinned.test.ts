import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { ServerOptions } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgePinned } from '../../../src/certs/judge/server-certificate.ts';
import { probeEndpoint } from '../../../src/certs/probe/probe-endpoint.ts';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';
import { diagnose, type DiagnoseFlags, findingsOf, openEndpoint, statusesOf } from '../../helpers/diagnose.ts';
import {
  makePinnedCertificates,
  PINS,
  SHOWN,
  type Pin,
  type PinnedCertificates,
  type Shown,
} from '../../helpers/pinned-certificates.ts';
import { openServer } from '../../helpers/raw-server.ts';

/** Linux has all of 127.0.0.0/8; other systems have 127.0.0.1 alone. */
const hasMany = await new Promise<boolean>((resolve) => {
  const server = createTcpServer()
    .once('error', () => resolve(false))
    .listen(0, '127.0.0.2', () => server.close(() => resolve(true)));
});

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
    { version: 'TLSv1.3', identity: null, ca: pem, partialChain: true, request: null, timeoutMs: 60_000 },
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
  ['leaf and intermediate', 'leaf', "the server's own certificate", 0],
  ['leaf and intermediate', 'root-expired', 'which has expired', 0],
  ['the leaf alone', 'root', 'an intermediate is missing', 5],
  ['an expired leaf', 'root', 'has expired', 5],
  ['a wrong name', 'leaf-other-name', 'does not cover localhost', 0],
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
  expect([unseen?.status, unseen?.detail]).toEqual(['skip', 'no handshake completed, so nothing could be verified']);
});

/** Two servers on one port of two addresses; a port that is free on one may be taken on the other. */
async function openBoth(first: ServerOptions, second: ServerOptions): Promise<number> {
  for (;;) {
    const port = await openEndpoint(first, undefined, '127.0.0.1');
    const taken = await openEndpoint(second, undefined, '127.0.0.2', port).catch(() => null);
    if (taken !== null) return port;
  }
}
const look = async (
  port: number,
  flags: DiagnoseFlags,
  addresses = '127.0.0.1,127.0.0.2',
): Promise<CertificateDiagnosis> =>
  diagnose(`https://localhost:${port}/`, {
    vendor: 'mail-plus',
    resolve: [`localhost:${port}:${addresses}`],
    ...flags,
  });
const told = ({ report }: CertificateDiagnosis): unknown[] => [report.isGood, report.conclusion];

describe.skipIf(!hasMany)(`what Mail-Plus is to trust${hasMany ? '' : ' (skipped: there is 127.0.0.1 alone)'}`, () => {
  const PROVED =
    'the pinned certificate is enough to trust the server, at every address, plain http does not serve the webhook';
  test('a right pin is proved at every address, without any client certificate', async () => {
    const good = made.server('leaf and intermediate');
    const port = await openBoth(good, good);
    const diagnosis = await look(port, { pin: made.path('root') });
    expect(told(diagnosis)).toEqual([true, PROVED]);
    expect(statusesOf(diagnosis, 'S1', 'S2', 'S3', 'N1', 'P1', 'P9', 'R2')).toEqual([
      'S1 skip',
      'S2 pass',
      'S3 pass',
      'N1 skip',
      'P1 skip',
      'P9 pass',
      'R2 skip',
    ]);
    expect(told(await look(port, { pin: made.path('other-root') }))).toEqual([
      false,
      'the pinned certificate is not enough to trust the server, at every address, plain http does not serve the webhook',
    ]);
    // No client certificate of his own, and nothing that Mail-Plus could trust: what is found of the rest proves nothing.
    const [isGood, conclusion] = told(await look(port, { cacert: made.path('root') }));
    expect([isGood, conclusion]).toEqual([false, expect.stringContaining('no trusted certificate was given (--pin')]);
  });

  test('another certificate at the second address is found, by its pin and by public trust', async () => {
    const port = await openBoth(made.server('leaf and intermediate'), made.server('self-signed'));
    const pinned = await look(port, { pin: made.path('root') });
    expect(told(pinned)[0]).toBe(false);
    expect(findingsOf(pinned, 'S2').map(({ status, title }) => `${status} ${title}`)).toEqual([
      'pass the pinned certificate is enough to trust the server (127.0.0.1)',
      'fail the pinned certificate is enough to trust the server (127.0.0.2)',
    ]);
    const trusted = await look(port, { vendor: undefined, cacert: made.path('root'), only: ['S1'] });
    expect(findingsOf(trusted, 'S1').map(({ status, title }) => `${status} ${title}`)).toEqual([
      expect.stringMatching(/^(pass|warn) .* \(127\.0\.0\.1\)$/) as string,
      "fail the server's own certificate is trusted (127.0.0.2)",
    ]);
  });

  test('a twin in plain http, an address where nobody listens and a pin that has expired prove nothing', async () => {
    const port = await openEndpoint(made.server('leaf and intermediate'));
    const pin = made.path('root');
    const twin = await openServer(
      createServer((request, response) => void request.resume().on('end', () => response.end())),
    );
    const open = await look(port, { pin, plainPort: [twin] }, '127.0.0.1');
    expect(told(open)).toEqual([
      false,
      'the pinned certificate is enough to trust the server, at every address, plain http serves the webhook too',
    ]);
    const dead = await look(port, { pin });
    expect(told(dead)).toEqual([false, expect.stringContaining('S3 is inconclusive: not every address')]);
    const expired = await look(port, { pin: made.path('root-expired') }, '127.0.0.1');
    expect(told(expired)).toEqual([false, expect.stringContaining('S2 is inconclusive')]);
    const led = await diagnose('https://localhost/', {
      vendor: 'mail-plus',
      pin,
      connectTo: [`localhost:443:127.0.0.1:${port}`],
    });
    expect(told(led)).toEqual([false, expect.stringContaining('plain http could not be tried')]);
  });

  test('a server that demands a client certificate refuses who shows none, Mail-Plus for one', async () => {
    const port = await openEndpoint({ ...made.server('leaf and intermediate'), requestCert: true });
    const diagnosis = await look(port, { pin: made.path('root') }, '127.0.0.1');
    expect(told(diagnosis)).toEqual([
      false,
      expect.stringContaining('a POST without a client certificate, which Mail-Plus does not send, gets TLS alert'),
    ]);
    const named = await look(port, { pin: made.path('root'), only: ['P1', 'S2'] }, '127.0.0.1');
    expect([told(named)[0], new Set(statusesOf(named, 'P1', 'S2'))]).toEqual([true, new Set(['S2 pass', 'P1 pass'])]);
  });
});
