import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificateSet } from '../../../src/certs/create/certificate-set.ts';
import { makeImpostor } from '../../../src/certs/create/unauthorised-certificates.ts';
import { subjectNameOf } from '../../../src/certs/der.ts';
import { judgeIdentity, type IdentityRules } from '../../../src/certs/judge/identity.ts';
import { ciphersAtLevel } from '../../../src/certs/probe/probe.ts';
import { readCaFile, readCaKey, readClientCertificate } from '../../../src/flows/certs/read-client-certificate.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { CLIENT_CASES, makeClientCases, type ClientCase, type ClientCases } from '../../helpers/client-cases.ts';
import { makeOddCertificates, PASSPHRASE, type OddCertificates } from '../../helpers/odd-certificates.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';

const machine = { workingDirectory: '/', env: { PASS: PASSPHRASE }, stdin: process.stdin };
const RULE = {
  ownKeyRule: { value: { type: 'rsa', encrypted: true }, certainty: 'doc' },
  vendorTitle: 'Vendor',
} as const;

/** So many days before the end of a certificate that was made today for 365 days. */
const days = (count: number): Partial<IdentityRules> => ({ nowMs: Date.now() + (364 - count) * 86_400_000 });

/** What is not `pass`, by id; a finding's detail can be looked up by its id, too. */
interface Judged {
  not: Record<string, string>;
  of(id: string): Finding;
}

async function judge(
  files: { cert: string; key: string } | { pfx: string },
  ca: string | null,
  given: Partial<IdentityRules> = {},
): Promise<Judged> {
  const { own } = await readClientCertificate({ ...files, passphrase: { env: 'PASS' } }, machine);
  if (own === null) throw new Error('there is a certificate');
  const clientCa = ca === null ? null : await readCaFile(ca);
  const findings = await judgeIdentity(own, {
    clientCa,
    ownKeyRule: null,
    vendorTitle: null,
    nowMs: Date.now(),
    daysWarning: 30,
    ...given,
  });
  expect(findings.map(({ id }) => id)).toEqual([
    'L1',
    'L2',
    'L3',
    'L4',
    'L5',
    'L6',
    'L7',
    'L8',
    'L9',
    'L10',
    'L11',
    'L12',
  ]);
  for (const { status, fix, expected, observed } of findings) {
    if (status === 'fail' || status === 'warn')
      expect([fix, expected, observed]).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
  }
  return {
    not: Object.fromEntries(
      findings.filter(({ id, status }) => status !== 'pass' && id !== 'L2').map(({ id, status }) => [id, status]),
    ),
    of: (id) => findings.find((one) => one.id === id) as Finding,
  };
}

describe.skipIf(!hasOpenssl)('what the servers are asked about', () => {
  let cases: ClientCases;
  beforeAll(async () => {
    cases = await makeClientCases();
  });
  afterAll(() => cases.remove());
  const files = (name: string): { cert: string; key: string } => ({
    cert: cases.path(`${name}.pem`),
    key: cases.path(`${name}.key`),
  });

  const EXPECTED: Record<Exclude<ClientCase, 'none'>, [not: Record<string, string>, code: string | null]> = {
    'good-rsa': [{}, null],
    'good-ec': [{}, null],
    'good-ed25519': [{}, null],
    v1: [{ L8: 'warn' }, null],
    'wrong-ca': [{ L4: 'fail', L10: 'skip', L11: 'fail', L12: 'skip' }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    impostor: [{ L4: 'fail', L10: 'skip', L11: 'fail', L12: 'skip' }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    'impostor-v1': [{ L4: 'fail', L8: 'warn', L10: 'skip', L11: 'fail', L12: 'skip' }, 'CERT_SIGNATURE_FAILURE'],
    'missing-intermediate': [{ L4: 'fail', L10: 'skip', L11: 'fail', L12: 'skip' }, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    'self-signed': [{ L4: 'fail', L7: 'warn', L10: 'skip', L11: 'fail' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    expired: [{ L5: 'fail', L11: 'fail' }, 'CERT_HAS_EXPIRED'],
    'not-yet-valid': [{ L5: 'fail', L11: 'fail' }, 'CERT_NOT_YET_VALID'],
    'server-usage': [{ L6: 'fail', L11: 'fail' }, 'INVALID_PURPOSE'],
    'any-usage': [{ L6: 'warn', L11: 'fail' }, 'INVALID_PURPOSE'],
    'no-signature-usage': [{ L6: 'fail', L11: 'fail' }, 'INVALID_PURPOSE'],
    'one-intermediate': [{ L12: 'warn' }, null],
    'two-intermediates': [{ L12: 'warn' }, null],
    'name-of-ca': [{ L7: 'fail', L8: 'warn', L11: 'fail' }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    'rsa-1024': [{ L9: 'fail', L11: 'fail' }, 'EE certificate key too weak'],
  };

  test.each(CLIENT_CASES.filter((name) => name !== 'none'))('%s', async (name) => {
    const [not, code] = EXPECTED[name];
    const judged = await judge(files(name), cases.path('ca.pem'));
    expect(judged.not).toEqual(not);
    expect(judged.of('L11').observed).toBe(code);
  });

  test('without the CA file a chain is judged as far as it goes, and nothing is rehearsed', async () => {
    expect((await judge(files('good-ec'), null)).not).toEqual({ L10: 'skip', L11: 'skip' });
    const { not, of } = await judge(files('two-intermediates'), null);
    expect(not).toEqual({ L11: 'skip', L12: 'warn' });
    expect(of('L4').detail).toContain('--client-ca');
    expect(of('L12').detail).toContain('2 intermediates');
  });

  test.each([
    [
      'the leaf last',
      ['intermediate', 'one-intermediate'],
      'one-intermediate',
      { L4: 'fail', L11: 'skip', L12: 'warn' },
      'number 2',
    ],
    [
      'intermediates the wrong way round',
      ['LEAF', 'intermediate', 'intermediate-2'],
      'two-intermediates',
      { L4: 'warn', L12: 'warn' },
      'did not issue',
    ],
    [
      'a certificate that has nothing to do with it',
      ['good-ec', 'other-ca'],
      'good-ec',
      { L4: 'warn' },
      'not part of the chain',
    ],
    ['the root in the file', ['good-ec', 'ca'], 'good-ec', {}, 'the root (not needed)'],
    ['the leaf twice', ['good-ec', 'good-ec'], 'good-ec', { L4: 'warn' }, 'duplicate'],
  ] as const)('%s', async (what, parts, key, not, words) => {
    const pem = (part: string): string =>
      part === 'LEAF'
        ? (/-----BEGIN[^]*?-----END CERTIFICATE-----\n/.exec(cases.read(`${key}.pem`).toString())?.[0] ?? '')
        : cases.read(`${part}.pem`).toString();
    const cert = cases.path(`${what.replaceAll(' ', '-')}.crt`);
    writeFileSync(cert, parts.map((part) => pem(part)).join(''));
    const judged = await judge({ cert, key: cases.path(`${key}.key`) }, cases.path('ca.pem'));
    expect(judged.not).toEqual(not);
    expect(judged.of('L4').detail).toContain(words);
  });

  test('a CA of the same name and another key is told from one that is missing', async () => {
    expect((await judge(files('impostor'), cases.path('ca.pem'))).of('L4').detail).toContain('a different key');
    expect((await judge(files('wrong-ca'), cases.path('ca.pem'))).of('L4').detail).toContain(
      'neither the file nor the CA file',
    );
    expect((await judge(files('one-intermediate'), cases.path('intermediate.pem'))).not).toMatchObject({
      L4: 'fail',
      L11: 'fail',
    });
  });

  /**
   * The CA file `ca` with these beside the root, and a client's file of the leaf of two intermediates with these behind
   * it.
   */
  async function judgeGap(inCaFile: readonly string[], behindLeaf: readonly string[]): Promise<Judged> {
    const leaf =
      /-----BEGIN[^]*?-----END CERTIFICATE-----\n/.exec(cases.read('two-intermediates.pem').toString())?.[0] ?? '';
    const name = [...inCaFile, 'under', ...behindLeaf].join('+');
    const [ca, cert] = [cases.path(`${name}.ca`), cases.path(`${name}.crt`)];
    writeFileSync(ca, inCaFile.map((one) => cases.read(`${one}.pem`).toString()).join(''));
    writeFileSync(cert, [leaf, ...behindLeaf.map((one) => cases.read(`${one}.pem`).toString())].join(''));
    return judge({ cert, key: cases.path('two-intermediates.key') }, ca);
  }

  test.each([
    [
      ['ca', 'intermediate-2'],
      [],
      'the CA file contains CN=intermediate-2 but not its issuer CN=intermediate:',
      /^add CN=intermediate, and every other intermediate up to the root/,
      '1 intermediate ',
    ],
    [
      ['intermediate-2'],
      [],
      'the CA file contains CN=intermediate-2 but not its issuer CN=intermediate:',
      /^add CN=intermediate to the CA file, and every other issuer up to the root$/,
      '1 intermediate ',
    ],
    [
      ['ca'],
      [],
      'CN=intermediate-2, the issuer of CN=two-intermediates, is in neither',
      /^add CN=intermediate-2 to the file after the leaf, followed by every other intermediate/,
      '0 intermediates ',
    ],
    [
      ['ca'],
      ['intermediate-2'],
      'CN=intermediate, the issuer of CN=intermediate-2, is in neither',
      /^add CN=intermediate to the file after CN=intermediate-2, followed by/,
      '1 intermediate ',
    ],
  ])(
    'a gap in the chain is named: CA file %j, behind the leaf %j',
    async (inCaFile, behindLeaf, detail, fix, known) => {
      const { not, of } = await judgeGap(inCaFile, behindLeaf);
      expect(not).toMatchObject({ L4: 'fail', L11: 'fail', L12: 'skip' });
      expect(of('L4')).toMatchObject({
        detail: expect.stringContaining(detail),
        fix: expect.stringMatching(fix),
      });
      expect(of('L12').detail).toMatch(new RegExp(`^cannot tell how long the chain is: it has ${known}.* is missing$`));
    },
  );

  test('what the CA file adds closes the gap', async () => {
    expect((await judgeGap(['ca', 'intermediate-2', 'intermediate'], [])).not).toEqual({ L12: 'warn' });
  });

  test.each(['rsa', 'ec', 'ed25519'] as const)(
    "a signature by another key than the CA's is a verdict, with a CA of the kind %s",
    async (type) => {
      const { files: made } = await makeCertificateSet(
        { name: 'forged', hosts: ['localhost'], keyKind: { type }, days: 30, passphrase: null },
        Date.now(),
      );
      const caPem = made.find(({ name }) => name === 'ca.pem')?.text ?? '';
      const [ca, cert, key] = [
        cases.path(`${type}-real.pem`),
        cases.path(`${type}-forged.pem`),
        cases.path(`${type}-forged.key`),
      ];
      writeFileSync(ca, caPem);
      const issuerName = subjectNameOf(new X509Certificate(caPem));
      // How the padding fails is chance.
      for (let round = 0; round < 3; round += 1) {
        const shown = await makeImpostor(Date.now(), {
          issuerName,
          like: null,
          keyType: 'ec',
          caKeyType: type,
          variant: 'forged-signature',
        });
        writeFileSync(cert, shown.cert ?? '');
        writeFileSync(key, shown.key ?? '');
        const { not, of } = await judge({ cert, key }, ca);
        expect(not).toMatchObject({ L4: 'fail', L11: 'fail' });
        expect(of('L11').detail).toBe('it was not signed by the CA with that name');
      }
    },
  );

  test('a self-signed certificate is good where it is its own CA', async () => {
    expect((await judge(files('self-signed'), cases.path('self-signed.pem'))).not).toEqual({ L7: 'warn', L10: 'skip' });
  });

  test('near its end, a certificate is a warning', async () => {
    expect((await judge(files('good-ec'), null, days(31))).of('L5').status).toBe('pass');
    const { status, detail } = (await judge(files('good-ec'), null, days(29))).of('L5');
    expect([status, detail]).toEqual([
      'warn',
      expect.stringMatching(/^CN=good-ec expires \d{4}-\d\d-\d\d, in 29 days$/),
    ]);
  });
});

describe.skipIf(!hasOpenssl)('files that are odd', () => {
  let odd: OddCertificates;
  beforeAll(() => {
    odd = makeOddCertificates();
  });
  afterAll(() => odd.remove());
  const files = (name: string): { cert: string; key: string } => ({
    cert: odd.path(`${name}.pem`),
    key: odd.path(`${name}.key`),
  });

  test.each([
    ['sha1', [], { L9: 'fail', L11: 'fail' }, 'L9', 'ecdsa-with-SHA1'],
    ['agreement', [], { L6: 'warn' }, 'L6', 'keyAgreement'],
    ['below-no-ca', ['no-ca'], { L10: 'fail', L11: 'fail', L12: 'warn' }, 'L10', 'CN=no-ca is not a CA'],
    ['below-no-sign', ['no-sign'], { L10: 'fail', L11: 'fail', L12: 'warn' }, 'L10', 'may not sign'],
    [
      'below-short',
      ['short-2', 'short'],
      { L10: 'fail', L11: 'fail', L12: 'warn' },
      'L10',
      'allows 0 intermediates below it, and there is 1',
    ],
    [
      'below-server-ca',
      ['server-ca'],
      { L6: 'fail', L11: 'fail', L12: 'warn' },
      'L6',
      'CN=server-ca is limited to serverAuth',
    ],
  ])('%s', async (name, issuers, not, id, words) => {
    const cert = odd.join(`${name}.chain`, `${name}.pem`, ...issuers.map((one) => `${one}.pem`));
    const judged = await judge({ cert, key: odd.path(`${name}.key`) }, odd.path('ca.pem'));
    expect(judged.not).toEqual(not);
    expect(judged.of(id).detail).toContain(words);
  });

  test('a root of version 1 is a warning: OpenSSL takes it', async () => {
    expect((await judge(files('below-v1-ca'), odd.path('v1-ca.pem'))).not).toEqual({ L10: 'warn' });
  });

  test.each([
    ['an unprotected RSA key', () => files('rsa'), 'fail', 'not protected by a password'],
    ['an EC key', () => files('leaf'), 'fail', 'EC P-256'],
    ['a protected RSA key', () => ({ cert: odd.path('rsa.pem'), key: odd.path('aes.key') }), 'pass', 'protected'],
    [
      'a protected RSA key in the old form',
      () => ({ cert: odd.path('rsa.pem'), key: odd.path('old.key') }),
      'pass',
      'protected',
    ],
    ['a PKCS#12 file of an RSA key', () => ({ pfx: odd.path('sha1.pfx') }), 'pass', 'protected'],
    ['a PKCS#12 file of an EC key', () => ({ pfx: odd.path('modern.pfx') }), 'fail', 'EC P-256'],
  ] as const)("L2, the vendor's rule: %s", async (_, make, status, words) => {
    const { of } = await judge(make(), null, RULE);
    expect(of('L2')).toMatchObject({
      status,
      expected: 'Vendor: RSA, protected by a password [doc]',
      detail: expect.stringContaining(words),
    });
  });

  test('L1 says how the key is encrypted', async () => {
    expect((await judge({ cert: odd.path('rsa.pem'), key: odd.path('aes.key') }, null)).of('L1').detail).toBe(
      'PEM with 1 certificate and an RSA 2048 private key, encrypted with AES-256-CBC, PBKDF2',
    );
    expect((await judge({ cert: odd.path('rsa.pem'), key: odd.path('old.key') }, null)).of('L1').detail).toContain(
      "AES-128-CBC, in OpenSSL's old format",
    );
    expect((await judge({ pfx: odd.path('modern.pfx') }, null)).of('L1').detail).toContain(
      'PKCS#12 with 1 certificate and an EC P-256 private key, encrypted with AES-256-CBC, PBKDF2',
    );
    expect((await judge(files('leaf'), null)).of('L1').detail).toContain('not encrypted');
  });

  test.each([
    ['EC for EC', 'leaf', 'ca'],
    ['EC for RSA, where OpenSSL is silent', 'rsa', 'leaf'],
    ['RSA for EC', 'leaf', 'rsa'],
  ])('L3: the key of another certificate, %s', async (_, cert, key) => {
    const { not, of } = await judge({ cert: odd.path(`${cert}.pem`), key: odd.path(`${key}.key`) }, odd.path('ca.pem'));
    expect(not).toEqual({ L3: 'fail', L11: 'skip' });
    expect(of('L11').detail).toContain('do not match');
  });

  test('what is weak can still be shown, at security level 0', async () => {
    const { own } = await readClientCertificate({ ...files('sha1') }, machine);
    expect(own).toMatchObject({ unusable: null, identity: { cert: expect.anything(), key: expect.anything() } });
    expect(ciphersAtLevel(0)).toMatch(/^TLS_.*:@SECLEVEL=0$/);
  });

  test.each([
    ['PBE-MD5-DES', { cert: 'rsa.pem', key: 'des.key' }, 'outdated'],
    ['RC2', { pfx: 'legacy.pfx' }, 'outdated'],
    ['a PKCS#12 file without a key', { pfx: 'trust.pfx' }, 'private key'],
    ['DER', { cert: 'leaf.der', key: 'leaf.key' }, 'DER'],
    ['a request', { cert: 'leaf.csr', key: 'leaf.key' }, 'CERTIFICATE REQUEST'],
    ['a public key', { cert: 'leaf.pem', key: 'leaf.pub' }, 'PUBLIC KEY'],
    ['no file', { cert: 'nowhere.pem', key: 'leaf.key' }, 'does not exist'],
  ])('input: %s', async (_, names, words) => {
    const paths = Object.fromEntries(Object.entries(names).map(([flag, name]) => [flag, odd.path(name)]));
    await expect(readClientCertificate({ ...paths, passphrase: { env: 'PASS' } }, machine)).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringContaining(words),
    });
  });

  test('input: a wrong passphrase, or none', async () => {
    const wrong = { ...machine, env: { PASS: 'open barley' } };
    for (const given of [{ cert: odd.path('rsa.pem'), key: odd.path('aes.key') }, { pfx: odd.path('modern.pfx') }]) {
      await expect(readClientCertificate({ ...given, passphrase: { env: 'PASS' } }, wrong)).rejects.toMatchObject({
        kind: 'input',
        message: expect.stringContaining('does not open'),
      });
      await expect(readClientCertificate(given, machine)).rejects.toMatchObject({
        kind: 'input',
        message: expect.stringMatching(/no passphrase was given|none was given/),
      });
    }
  });

  test('input: PKCS#12 where PEM is due, before the key that is not given', async () => {
    await expect(readClientCertificate({ cert: odd.path('modern.pfx') }, machine)).rejects.toMatchObject({
      kind: 'input',
      hint: expect.stringContaining('--pfx'),
    });
  });

  test('the key of a CA has flags of its own for its passphrase', async () => {
    await expect(readCaKey(odd.path('aes.key'), {}, machine)).rejects.toMatchObject({
      kind: 'input',
      hint: 'add add --client-ca-passphrase-env NAME or --client-ca-passphrase-file FILE',
    });
    await expect(
      readCaKey(odd.path('aes.key'), { passphraseEnv: 'PASS', passphraseFile: '-' }, machine),
    ).rejects.toMatchObject({
      kind: 'usage',
      hint: 'give one of --client-ca-passphrase-env and --client-ca-passphrase-file',
    });
    expect((await readCaKey(odd.path('aes.key'), { passphraseEnv: 'PASS' }, machine)).type).toBe('private');
  });

  test('usage: a certificate without any key', async () => {
    await expect(readClientCertificate({ cert: odd.path('leaf.pem') }, machine)).rejects.toMatchObject({
      kind: 'usage',
      hint: 'add --key FILE',
    });
  });
});
