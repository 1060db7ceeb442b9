import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** A certificate with the key that it is for. */
export interface Made {
  certificate: X509Certificate;
  key: KeyObject;
}

export interface MadeExtension {
  oid: string;
  critical?: boolean;
  /** DER. */
  value: Buffer;
}

export interface MadeSpec {
  /** Its Common Name. */
  name: string;
  /** Absent: signed by its own key. */
  by?: Made;
  /** Absent: a new P-256 key. */
  key?: KeyObject;
  /** Of the key that signs, where that is not the key of `by`. */
  signedWith?: KeyObject;
  /** Default: 3. */
  version?: 1 | 3;
  /** Days from now. */
  days?: [from: number, until: number];
  extensions?: readonly MadeExtension[];
}

const DAY_MS = 86_400_000;

/** Any certificate, however odd: what openssl and libraries would not write is written here byte by byte. */
export function makeCertificate(spec: MadeSpec): Made {
  const { name, by, version = 3, days = [-1, 100], extensions = [] } = spec;
  const key = spec.key ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const signer = spec.signedWith ?? by?.key ?? key;
  const algorithm = algorithmOf(signer);
  const body = sequence(
    ...(version === 3 ? [tagged(0xa0, integer(Buffer.from([2])))] : []),
    integer(Buffer.concat([Buffer.from([0x40]), randomBytes(8)])),
    algorithm,
    by === undefined ? nameOf(name) : nameOf(commonNameOf(by.certificate)),
    sequence(...days.map((day) => time(Date.now() + day * DAY_MS))),
    nameOf(name),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    ...(version === 3 && extensions.length > 0 ? [tagged(0xa3, sequence(...extensions.map(extensionOf)))] : []),
  );
  const hash = signer.asymmetricKeyType?.startsWith('ed') === true ? null : 'sha256';
  const bits = tagged(0x03, Buffer.concat([Buffer.from([0]), sign(hash, body, signer)]));
  return { certificate: new X509Certificate(sequence(body, algorithm, bits)), key };
}

export const pemOf = ({ key }: Made): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const commonNameOf = ({ subject }: X509Certificate): string => /CN=(.*)/.exec(subject)?.[1] ?? '';

export const tagged = (tag: number, ...contents: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  const size = content.length.toString(16);
  const length = Buffer.from(size.padStart(size.length + (size.length % 2), '0'), 'hex');
  return content.length < 128
    ? Buffer.concat([Buffer.from([tag, content.length]), content])
    : Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
};
export const sequence = (...contents: readonly Buffer[]): Buffer => tagged(0x30, ...contents);
export const integer = (content: Buffer): Buffer => tagged(0x02, content);
const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text));
const yes = tagged(0x01, Buffer.from([0xff]));

export function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [40 * first + second, ...rest].flatMap((number) => {
    const digits = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return tagged(0x06, Buffer.from(bytes));
}

const nameOf = (commonName: string): Buffer => sequence(tagged(0x31, sequence(objectId('2.5.4.3'), utf8(commonName))));

const time = (ms: number): Buffer =>
  tagged(0x18, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]|\..*/g, '')}Z`));

function algorithmOf(key: KeyObject): Buffer {
  const ids: Record<string, string> = {
    ec: '1.2.840.10045.4.3.2',
    rsa: '1.2.840.113549.1.1.11',
    ed25519: '1.3.101.112',
  };
  return sequence(
    objectId(ids[key.asymmetricKeyType ?? ''] ?? ''),
    ...(key.asymmetricKeyType === 'rsa' ? [tagged(5)] : []),
  );
}

const extensionOf = ({ oid, critical = false, value }: MadeExtension): Buffer =>
  sequence(objectId(oid), ...(critical ? [yes] : []), tagged(0x04, value));

/** Pieces of a certificate by the names that openssl has for them. */
export const basicConstraints = (ca: boolean, pathLength?: number): MadeExtension => ({
  oid: '2.5.29.19',
  critical: true,
  value: sequence(...(ca ? [yes] : []), ...(pathLength === undefined ? [] : [integer(Buffer.from([pathLength]))])),
});

const USAGE_BITS = { digitalSignature: 0x80, keyAgreement: 0x08, keyCertSign: 0x04, cRLSign: 0x02 } as const;

export const keyUsage = (...usages: (keyof typeof USAGE_BITS)[]): MadeExtension => ({
  oid: '2.5.29.15',
  critical: true,
  value: tagged(0x03, Buffer.from([1, usages.reduce((sum, usage) => sum | USAGE_BITS[usage], 0)])),
});

const PURPOSES = { clientAuth: '1.3.6.1.5.5.7.3.2', serverAuth: '1.3.6.1.5.5.7.3.1', any: '2.5.29.37.0' } as const;

export const extendedKeyUsage = (...purposes: (keyof typeof PURPOSES)[]): MadeExtension => ({
  oid: '2.5.29.37',
  value: sequence(...purposes.map((purpose) => objectId(PURPOSES[purpose]))),
});

const keyIdOf = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update((key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' }))
    .digest();

export const subjectKeyId = (key: KeyObject): MadeExtension => ({
  oid: '2.5.29.14',
  value: tagged(0x04, keyIdOf(key)),
});
export const authorityKeyId = (key: KeyObject): MadeExtension => ({
  oid: '2.5.29.35',
  value: sequence(tagged(0x80, keyIdOf(key))),
});

export const dnsNames = (...names: string[]): MadeExtension => ({
  oid: '2.5.29.17',
  value: sequence(...names.map(dnsName)),
});
const dnsName = (name: string): Buffer => tagged(0x82, Buffer.from(name));

/** By names of DNS, below which a certificate's must (not) be. OpenSSL knows no `kind` such as 0x88. */
export const nameConstraints = (
  which: 'permitted' | 'excluded',
  names: readonly string[],
  kind = 0x82,
): MadeExtension => ({
  oid: '2.5.29.30',
  critical: true,
  value: sequence(
    tagged(which === 'permitted' ? 0xa0 : 0xa1, ...names.map((name) => sequence(tagged(kind, Buffer.from(name))))),
  ),
});
