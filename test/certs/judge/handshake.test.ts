import { execFileSync } from 'node:child_process';
import { type KeyObject, X509Certificate, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subjectNameOf } from '../../../src/certs/der.ts';
import { judgeCertificateSent } from '../../../src/certs/judge/given-certificate.ts';
import { judgeCaList, judgeSignatureSchemes } from '../../../src/certs/judge/handshake.ts';
import type { ProbeResult } from '../../../src/certs/probe/probe.ts';
import type { CertificateRequestMessage, TlsVersion } from '../../../src/certs/probe/tls-messages.ts';
import { type TestCertificates, makeTestCertificates } from '../../helpers/openssl-certificates.ts';
import { makeProbeResult } from '../../helpers/probe-result.ts';

let files: TestCertificates;
let chain: X509Certificate[];
/** DER names: of the CA that issued the certificate, the same in another case, and of two strangers. */
let names: Record<'ours' | 'ourCase' | 'other' | 'third', Buffer>;

beforeAll(() => {
  files = makeTestCertificates();
  chain = [new X509Certificate(files.read('client.pem'))];
  const nameOf = (subject: string): Buffer =>
    subjectNameOf(
      new X509Certificate(
        execFileSync('openssl', ['req', '-x509', '-key', files.path('ca.key'), '-subj', subject], {
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      ),
    );
  names = {
    ours: nameOf('/CN=Test CA'),
    ourCase: nameOf('/CN=TEST ca'),
    other: nameOf('/O=Other/CN=Other CA'),
    third: nameOf('/CN=Third CA'),
  };
});
afterAll(() => files.remove());

/** Asked like this, and this many of our certificates went out. */
const asked = (request: Partial<CertificateRequestMessage> | null, differs: Partial<ProbeResult> = {}): ProbeResult =>
  makeProbeResult({
    request: request && { authorities: [], signatureSchemes: [], certificateTypes: null, ...request },
    certificatesSent: [],
    serverCertificates: [],
    ...differs,
  });

const notAsked = (): ProbeResult => asked(null, { requested: false });
const REASONS: [string, () => ProbeResult, RegExp][] = [
  ['not asked', notAsked, /does not ask/],
  ['asked later', () => asked(null, { requested: false, renegotiated: true, version: 'TLSv1.2' }), /second handshake/],
  ['unknown', () => asked(null, { requested: null, ending: 'timeout' }), /did not get far enough: no answer/],
  [
    'another version',
    () => asked(null, { requested: null, serverHello: false, alert: 70 }),
    /does not speak this version/,
  ],
];

const rule = { note: 'Java sends nothing then' };
const list = (...wanted: (keyof typeof names)[]): ProbeResult =>
  asked({ authorities: wanted.map((name) => names[name]) });
const judge = (
  result: ProbeResult,
  given: Partial<Parameters<typeof judgeCaList>[1]> = {},
): ReturnType<typeof judgeCaList> => judgeCaList(result, { chain, rule: null, ...given });

describe('N2', () => {
  test.each(REASONS)('%s: skip', (_, result, detail) => {
    expect(judge(result())).toMatchObject({
      id: 'N2',
      status: 'skip',
      detail: expect.stringMatching(detail) as string,
    });
  });

  test('an empty list', () => {
    expect(judge(list(), { rule })).toMatchObject({
      status: 'pass',
      detail: 'it names no CA, so any is allowed',
      serverFixes: [],
    });
  });

  test('the issuer is named', () => {
    expect(judge(list('other', 'ours'), { rule })).toMatchObject({
      status: 'pass',
      detail: 'it names CN=Test CA',
      observed: '"CN=Other CA, O=Other", "CN=Test CA"',
    });
  });

  test('the issuer of any certificate of the chain will do', () => {
    const withRoot = [new X509Certificate(files.read('selfsigned.pem')), ...chain];
    expect(judge(list('ours'), { rule, chain: withRoot }).status).toBe('pass');
  });

  test('it is not named: a failure where the vendor would send nothing, otherwise a warning', () => {
    expect(judge(list('other', 'third'), { rule })).toMatchObject({
      status: 'fail',
      expected: 'CN=Test CA',
      detail:
        'it names "CN=Other CA, O=Other", "CN=Third CA", none of which issued the certificate: Java sends nothing then',
    });
    expect(judge(list('other')).status).toBe('warn');
    expect(judge(list('other')).serverFixes.map(({ server }) => server)).toEqual([
      'nginx',
      'apache',
      'caddy',
      'haproxy',
      'node',
    ]);
  });

  test('it is named in other bytes: a warning, whatever the vendor', () => {
    expect(judge(list('ourCase'), { rule })).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('differently') as string,
    });
  });

  test('without a certificate the list is told', () => {
    expect(judge(list('other', 'third', 'ours', 'other', 'third'), { chain: [] })).toMatchObject({
      status: 'skip',
      detail: expect.stringMatching(/"CN=Test CA" and 2 more$/) as string,
    });
  });

  test('the detail of a list of a thousand is short', () => {
    const { detail, observed } = judge(asked({ authorities: Array.from({ length: 1000 }, () => names.other) }));
    expect([detail.length < 300, observed?.endsWith('and 980 more')]).toEqual([true, true]);
  });
});

describe('N3', () => {
  const keys: Record<string, KeyObject> = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
    'rsa-pss': generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey,
    'rsa-pss sha384': generateKeyPairSync('rsa-pss', {
      modulusLength: 2048,
      hashAlgorithm: 'sha384',
      mgf1HashAlgorithm: 'sha384',
    }).publicKey,
    p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
    p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
    p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey,
    secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
    ed25519: generateKeyPairSync('ed25519').publicKey,
    ed448: generateKeyPairSync('ed448').publicKey,
    x25519: generateKeyPairSync('x25519').publicKey,
  };

  test.each<[string, TlsVersion, number[], number[] | null, 'pass' | 'fail']>([
    ['rsa', 'TLSv1.3', [0x0804], null, 'pass'],
    ['rsa', 'TLSv1.3', [0x0401, 0x0403, 0x0809], null, 'fail'],
    ['rsa', 'TLSv1.2', [0x0401], [1], 'pass'],
    ['rsa', 'TLSv1.2', [0x0201], [1], 'fail'],
    ['rsa', 'TLSv1.2', [0x0804], [64], 'fail'],
    ['rsa-pss', 'TLSv1.3', [0x0809], null, 'pass'],
    ['rsa-pss', 'TLSv1.3', [0x0804], null, 'fail'],
    ['rsa-pss sha384', 'TLSv1.3', [0x0809], null, 'fail'],
    ['rsa-pss sha384', 'TLSv1.3', [0x080a], null, 'pass'],
    ['p256', 'TLSv1.3', [0x0403], null, 'pass'],
    ['p256', 'TLSv1.3', [0x0503], null, 'fail'],
    ['p256', 'TLSv1.2', [0x0503], [64], 'pass'],
    ['p384', 'TLSv1.3', [0x0503], null, 'pass'],
    ['p384', 'TLSv1.3', [0x0403], null, 'fail'],
    ['p521', 'TLSv1.3', [0x0603], null, 'pass'],
    ['secp256k1', 'TLSv1.3', [0x0403, 0x0503], null, 'fail'],
    ['ed25519', 'TLSv1.3', [0x0807], null, 'pass'],
    ['ed25519', 'TLSv1.2', [0x0807], [1, 64], 'pass'],
    ['ed25519', 'TLSv1.2', [0x0807], [1], 'fail'],
    ['ed448', 'TLSv1.3', [0x0807], null, 'fail'],
    ['ed448', 'TLSv1.3', [0x0808], null, 'pass'],
    ['x25519', 'TLSv1.3', [0x0403], null, 'fail'],
  ])('%s on %s against %o, %o: %s', (key, version, signatureSchemes, certificateTypes, expected) => {
    const finding = judgeSignatureSchemes(
      asked({ signatureSchemes, certificateTypes }, { version }),
      createPublicKey((keys[key] as KeyObject).export({ type: 'spki', format: 'pem' })),
    );
    expect([finding.id, finding.status]).toEqual(['N3', expected]);
  });

  test('a failure says what the key makes, what the server takes, and what to change', () => {
    const finding = judgeSignatureSchemes(
      asked({ signatureSchemes: [0x0804, 0x1234], certificateTypes: [1] }, { version: 'TLSv1.2' }),
      keys['ed25519'] as KeyObject,
    );
    expect(finding).toMatchObject({
      expected: 'ed25519; certificate type ecdsa_sign',
      observed: 'rsa_pss_rsae_sha256, 0x1234; certificate types rsa_sign',
    });
    expect(finding.serverFixes.map(({ server }) => server)).toEqual(['nginx', 'apache', 'node']);
    expect(
      judgeSignatureSchemes(asked({ signatureSchemes: [0x0804] }), keys['ed448'] as KeyObject).serverFixes,
    ).toEqual([]);
  });

  test('without a key: what the server takes', () => {
    expect(judgeSignatureSchemes(asked({ signatureSchemes: [0x0807] }), null)).toMatchObject({
      status: 'pass',
      detail: 'it accepts ed25519',
    });
  });

  test.each(REASONS)('%s: skip', (_, result, detail) => {
    expect(judgeSignatureSchemes(result(), null)).toMatchObject({
      status: 'skip',
      detail: expect.stringMatching(detail) as string,
    });
  });
});

describe('N4', () => {
  const der = Buffer.from('3000', 'hex');

  test.each<[string, () => ProbeResult, string, RegExp]>([
    ['the leaf', () => asked({}, { certificatesSent: [der] }), 'pass', /^sent only the leaf$/],
    [
      'leaf and two',
      () => asked({}, { certificatesSent: [der, der, der] }),
      'pass',
      /^sent the leaf and 2 more certificates$/,
    ],
    ['nothing', () => asked({}, { certificatesSent: [], certificateSent: false }), 'fail', /empty Certificate message/],
    [
      'not seen',
      () => asked({}, { certificatesSent: null, certificateSent: null, alert: 80 }),
      'warn',
      /not seen being sent: TLS alert 80/,
    ],
    [
      'the request could not be read, but it went out',
      () => asked(null, { certificatesSent: [der] }),
      'pass',
      /only the leaf/,
    ],
    ...REASONS.map(
      ([name, result, detail]) => [name, result, 'skip', detail] as [string, () => ProbeResult, string, RegExp],
    ),
  ])('%s', (_, result, status, detail) => {
    expect(judgeCertificateSent(result())).toMatchObject({
      id: 'N4',
      status,
      detail: expect.stringMatching(detail) as string,
    });
  });
});
