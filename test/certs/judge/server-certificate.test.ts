import { X509Certificate } from 'node:crypto';
import { type Server, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judgePinned, judgeServerChain } from '../../../src/certs/judge/server-certificate.ts';
import { probeEndpoint } from '../../../src/certs/probe/probe-endpoint.ts';
import type { ProbeResult } from '../../../src/certs/probe/probe.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { type TestCertificates, hasOpenssl, makeTestCertificates } from '../../helpers/openssl-certificates.ts';
import { makeProbeResult } from '../../helpers/probe-result.ts';
import { openServer } from '../../helpers/raw-server.ts';

const RULES = { name: '127.0.0.1', nowMs: Date.now(), insecure: false, daysWarning: 10 };
const server = { fingerprint: 'AB', validTo: RULES.nowMs + 1e10, chainError: null, nameMatches: true };

describe.skipIf(!hasOpenssl)('a server certificate that is damaged', () => {
  let files: TestCertificates;
  let der: Buffer;
  beforeAll(() => {
    files = makeTestCertificates();
    der = new X509Certificate(files.read('server.pem')).raw;
  });
  afterAll(() => files.remove());

  const serve = (certificate: Buffer): Server =>
    createServer({ cert: pemOf(certificate), key: files.read('server.key'), maxVersion: 'TLSv1.2' });
  const look = async (certificate: Buffer): Promise<ProbeResult> => {
    const port = await openServer(serve(certificate));
    return probeEndpoint(
      { host: '127.0.0.1', port, name: '127.0.0.1' },
      { version: 'TLSv1.2', identity: null, ca: files.read('ca.pem'), request: null, timeoutMs: 60_000 },
    );
  };
  const judge = (seen: ProbeResult): Finding[] => {
    const pinned = [new X509Certificate(files.read('ca.pem'))];
    return [
      judgeServerChain([seen], RULES),
      judgePinned(seen, { pinned, name: RULES.name, nowMs: RULES.nowMs }),
      judgePinned(
        { ...seen, server: seen.server && { ...seen.server, chainError: 'CERT_HAS_EXPIRED' } },
        { pinned, name: RULES.name, nowMs: RULES.nowMs },
      ),
    ];
  };

  test('S1 fails for a date in month 93', async () => {
    const notAfter = findDates(der)[1] ?? 0;
    const seen = await look(changed(der, notAfter + 2, ...Buffer.from('93')));
    expect(seen.server?.validTo).toBe(Number.NaN);
    expect(judge(seen)[0]).toMatchObject({
      status: 'fail',
      detail: 'cannot read its dates',
      fix: 'have it reissued',
    });
  });

  test('nothing that OpenSSL serves ends the diagnosis', async () => {
    const publicKey = new X509Certificate(pemOf(der)).publicKey.export({ type: 'spki', format: 'der' });
    const from = der.indexOf(publicKey);
    const random = makeRandom(3);
    const [statuses, tries] = [new Set<string>(), 150];
    for (let count = 0; count < tries; count += 1) {
      const at = random(der.length);
      if (at >= from && at < from + publicKey.length) continue;
      const certificate = changed(der, at, random(256));
      const isServed = ((): boolean => {
        try {
          serve(certificate).close();
          return true;
        } catch {
          return false;
        }
      })();
      if (isServed) for (const { status } of judge(await look(certificate))) statuses.add(status);
    }
    expect([...statuses].toSorted()).toContain('fail');
  });
});

test.each<[string, Partial<typeof server> | { chainError: string }, string]>([
  [
    'its chain',
    { chainError: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    'it is self-signed; the credentials in the URL were not sent',
  ],
  ['its name', { nameMatches: false }, 'it does not cover 127.0.0.1; the credentials in the URL were not sent'],
])('S1 tells that the credentials were kept back for %s', (_, differs, detail) => {
  const [kept, sent] = [true, false].map((credentialsWithheld) =>
    judgeServerChain([makeProbeResult({ server: { ...server, ...differs }, credentialsWithheld })], RULES),
  );
  expect(kept).toMatchObject({
    status: 'fail',
    detail,
    fix: expect.stringContaining('to send them') as string,
  });
  expect(sent?.detail).not.toContain('credentials');
});

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n` +
  '-----END CERTIFICATE-----\n';

function changed(der: Buffer, at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(der);
  copy.set(bytes, at);
  return copy;
}

/** Where the texts of the two dates begin: `YYMMDDHHMMSSZ`. */
const findDates = (der: Buffer): number[] => [...der.toString('latin1').matchAll(/\d{12}Z/g)].map(({ index }) => index);

/** The same numbers below `limit` for the same seed: mulberry32. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}
