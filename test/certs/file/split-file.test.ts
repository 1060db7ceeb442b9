import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDetails } from '../../../src/certs/file/certificate-details.ts';
import { splitFile, type FilePart } from '../../../src/certs/file/split-file.ts';
import { makeOddCertificates, type OddCertificates } from '../../helpers/odd-certificates.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';

const split = (bytes: Uint8Array | string): ReturnType<typeof splitFile> =>
  splitFile({ path: 'x.pem', bytes: Buffer.from(bytes) });
const certificateOf = (part: FilePart | undefined): Parameters<typeof readDetails>[0] => {
  if (part?.kind !== 'certificate') throw new Error('no certificate');
  return part.certificate;
};

describe.skipIf(!hasOpenssl)('files that openssl writes', () => {
  let odd: OddCertificates;
  beforeAll(() => {
    odd = makeOddCertificates();
  });
  afterAll(() => odd.remove());

  test.each([
    ['leaf.pem', 'PEM', ['certificate']],
    ['leaf.der', 'DER', ['certificate']],
    ['leaf.csr', 'PEM', ['request']],
    ['leaf.csr.der', 'DER', ['request']],
    ['leaf.key', 'PEM', ['private-key']],
    ['leaf-key.der', 'DER', ['private-key']],
    ['leaf.pub', 'PEM', ['public-key']],
    ['leaf.p7b', 'PEM', ['other']],
    ['modern.pfx', 'PKCS#12', ['pkcs12']],
    ['legacy.pfx', 'PKCS#12', ['pkcs12']],
  ])('%s is %s', (name, format, kinds) => {
    const { format: seen, parts } = split(odd.read(name));
    expect([seen, parts.map(({ kind }) => kind)]).toEqual([format, kinds]);
  });

  test.each([
    ['aes.key', 'AES-256-CBC, PBKDF2'],
    ['old.key', "AES-128-CBC, in OpenSSL's old format"],
    ['des.key', 'PBE-MD5-DES'],
    ['rsa.key', null],
  ])('%s is encrypted with %s', (name, encryption) => {
    expect(split(odd.read(name)).parts).toMatchObject([{ kind: 'private-key', encryption }]);
  });

  test('a PKCS#12 file says in clear what it is encrypted with', () => {
    expect(split(odd.read('modern.pfx')).parts).toMatchObject([{ schemes: ['AES-256-CBC, PBKDF2'] }]);
    expect(split(odd.read('legacy.pfx')).parts).toMatchObject([
      { schemes: expect.arrayContaining(['PBE-SHA1-RC2-40']) },
    ]);
  });

  test('a request is read as openssl wrote it, and its signature checked', () => {
    const request = split(odd.read('leaf.csr.der')).parts[0];
    expect(request).toMatchObject({
      request: { subject: 'CN=leaf', names: [], signature: 'ecdsa-with-SHA256', isSignatureGood: true },
    });
    const forged = odd.read('leaf.csr.der');
    forged.write('ear2', forged.indexOf('leaf'));
    expect(split(forged).parts[0]).toMatchObject({ request: { subject: 'CN=ear2', isSignatureGood: false } });
  });

  test('what Node does not tell of a certificate', () => {
    const details = (name: string) => readDetails(certificateOf(split(odd.read(name)).parts[0]));
    expect(details('short.pem')).toMatchObject({
      version: 3,
      basicConstraints: { ca: true, pathLength: 0 },
      extendedKeyUsage: null,
    });
    expect(details('leaf.pem')).toMatchObject({
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'],
      isSignatureWeak: false,
    });
    expect(details('v1-ca.pem')).toMatchObject({ version: 1, basicConstraints: null, keyUsage: null });
    expect(details('sha1.pem')).toMatchObject({ signature: 'ecdsa-with-SHA1', isSignatureWeak: true });
    const certificate = certificateOf(split(odd.read('leaf.pem')).parts[0]);
    expect([readDetails(certificate).notBefore, readDetails(certificate).notAfter]).toEqual([
      Date.parse(certificate.validFrom),
      Date.parse(certificate.validTo),
    ]);
  });

  test.each<[string, string, number | null]>([
    ['month 93', '269311120000Z', null],
    ['the 30th of February', '260230120000Z', null],
    ['the 29th of February in a leap year', '280229120000Z', Date.UTC(2028, 1, 29, 12)],
    ["24 o'clock", '260211240000Z', null],
    ['a second 60', '260211235960Z', null],
    ['1999', '991231235959Z', Date.UTC(1999, 11, 31, 23, 59, 59)],
  ])('dates of a certificate: %s', (_, date, ms) => {
    const der = odd.read('leaf.der');
    der.write(date, [...der.toString('latin1').matchAll(/\d{12}Z/g)][1]?.index ?? 0);
    expect(readDetails(certificateOf(split(der).parts[0])).notAfter).toBe(ms ?? Number.NaN);
  });

  test('text around PEM, CRLF, a byte-order mark, and a key after its parameters', () => {
    const text =
      `\uFEFF subject=…\n${odd.read('leaf.pem').toString()}junk\n-----BEGIN EC PARAMETERS-----\n` +
      `BggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${odd.read('leaf.key').toString()}`;
    expect(split(text.replaceAll('\n', '\r\n')).parts.map(({ kind }) => kind)).toEqual([
      'certificate',
      'other',
      'private-key',
    ]);
  });

  test('certificate bytes with any one of them changed are read or refused, never worse', () => {
    const names = ['leaf.der', 'leaf.csr.der', 'modern.pfx', 'leaf-key.der'];
    for (const good of names.map((name) => odd.read(name))) {
      for (let index = 0; index < good.length; index += 3) {
        const bytes = Buffer.from(good);
        bytes[index] = (bytes[index] ?? 0) ^ 0xff;
        for (const part of partsOrNone(bytes)) if (part.kind === 'certificate') readDetails(part.certificate);
      }
    }
  });
});

/** Anything but an AppError `input` is a failure. */
function partsOrNone(bytes: Uint8Array): readonly FilePart[] {
  try {
    return split(bytes).parts;
  } catch (error) {
    expect(error).toMatchObject({ name: 'AppError', kind: 'input' });
    return [];
  }
}

const CERT = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

test.each([
  ['nothing', '', 'is empty'],
  ['garbage', 'hello', 'no certificate'],
  [
    'a beginning without an end',
    '-----BEGIN CERTIFICATE-----\nAAAA\n',
    'the certificate in x.pem (number 1) has no -----END CERTIFICATE----- line',
  ],
  [
    'a beginning where the end is due',
    `-----BEGIN CERTIFICATE-----\nAAAA\n${CERT('AAAA')}`,
    'x.pem (number 1) has no -----END',
  ],
  ['a beginning within a line', 'It starts with -----BEGIN CERTIFICATE-----.', 'no certificate'],
  ['a damaged certificate', CERT('AAAA'), 'the certificate in x.pem (number 1) is damaged'],
  ['a damaged request', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n', 'damaged'],
  ['a damaged public key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'damaged'],
  ['more than a thousand', CERT('AAAA').repeat(1001), 'more than 1000'],
  ['DER that never ends', Buffer.from('3084ffffffff', 'hex'), 'no certificate'],
  ['DER of sequences within sequences', nest(5000), 'no certificate'],
])('%s is refused', (_, bytes, words) => {
  expect(() => split(bytes)).toThrow(
    expect.objectContaining({ name: 'AppError', kind: 'input', message: expect.stringContaining(words) }),
  );
});

test('beginnings alone, four MiB of them, are read in one pass', () => {
  expect(() => split(' -----BEGIN CERTIFICATE-----'.repeat(145_000))).toThrow(/no certificate/);
  expect(() => split('-----BEGIN '.repeat(380_000))).toThrow(/no certificate/);
});

test('random bytes are nothing', () => {
  for (let round = 0; round < 200; round += 1)
    expect(partsOrNone(Buffer.concat([Buffer.from([0x30]), randomBytes(200)]))).toEqual([]);
});

test('a DER private key of each form is known', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  for (const type of ['pkcs1', 'pkcs8'] as const)
    expect(split(privateKey.export({ type, format: 'der' })).parts).toMatchObject([
      { kind: 'private-key', encryption: null },
    ]);
  const encrypted = privateKey.export({ type: 'pkcs8', format: 'der', cipher: 'aes-128-cbc', passphrase: 'x' });
  expect(split(encrypted).parts).toMatchObject([{ kind: 'private-key', encryption: 'AES-128-CBC, PBKDF2' }]);
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  expect(split(ec.export({ type: 'sec1', format: 'der' })).parts).toMatchObject([{ kind: 'private-key' }]);
});

/** A sequence that holds a sequence that holds a sequence … */
function nest(depth: number): Buffer {
  let bytes: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level += 1) {
    const { length } = bytes;
    bytes = Buffer.concat([
      Buffer.from([
        0x30,
        ...(length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]),
      ]),
      bytes,
    ]);
  }
  return bytes;
}
