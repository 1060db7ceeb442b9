import { constants, createHash, createHmac, sign, timingSafeEqual, verify, type KeyObject } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import type { Encoding, PublicKeyAlgorithm, Signature, SignatureAlgorithm } from '../../model/signature.ts';
import { decodeValue, describeEncoding, encodeValue } from './encoding.ts';
import { keyBytes, privateKeyOf, publicKeyOf, secretKeyOf } from './keys.ts';
import { collectMessage, type SignedSubject } from './message.ts';

const HEX: readonly Encoding[] = ['hex'];

/** How the bytes of a signature are written. A token is written as it is. */
export const encodingOf = ({ encoding, algorithm }: Signature): readonly Encoding[] =>
  encoding ?? (algorithm === 'token' ? [] : HEX);

/**
 * Computes the encoded signature of a request: the only place, for signing and for verifying.
 * `timestamp`: its text as it stands in the request.
 * @throws MissingPartError for a part that the request does not have, AppError `usage` for a secret of no use
 */
export function computeSignature(spec: Signature, secret: string, subject: SignedSubject, timestamp?: string): string {
  return encodeValue(signatureBytes(spec, secret, messageOf(spec, secret, subject, timestamp)), encodingOf(spec));
}

/** Does the encoded signature belong to this request? In constant time. Throws as `computeSignature`. */
export function fitsSignature(
  spec: Signature,
  secret: string,
  subject: SignedSubject,
  timestamp: string | undefined,
  given: string,
): boolean {
  return fitsAny(spec, secret, subject, timestamp, [given]);
}

/** Does one of them? The message is made once, however many there are: anybody may have sent them. */
export function fitsAny(
  spec: Signature,
  secret: string,
  subject: SignedSubject,
  timestamp: string | undefined,
  given: readonly string[],
): boolean {
  if (!isPublicKey(spec.algorithm)) {
    const expected = computeSignature(spec, secret, subject, timestamp);
    return given.map((one) => isEqual(one, expected)).includes(true);
  }
  const { hash, withKey } = PUBLIC_KEYS[spec.algorithm];
  const key = withKey(publicKeyOf(spec, secret));
  const message = Buffer.concat(messageOf(spec, secret, subject, timestamp));
  return given.some((one) => {
    const bytes = decodeValue(one, encodingOf(spec));
    return bytes !== null && verify(hash, message, key, bytes);
  });
}

const messageOf = (
  spec: Signature,
  secret: string,
  subject: SignedSubject,
  timestamp: string | undefined,
): Uint8Array[] => {
  const { method, url, urlText, headers, body, event, idHeader } = subject;
  // Written out: for every request that is judged, a spread takes longer than the rest.
  const context = {
    method,
    url,
    urlText,
    headers,
    body,
    event,
    idHeader,
    timestamp,
    secret: () => keyBytes(spec, secret),
  };
  return collectMessage(spec.message, context);
};

function signatureBytes(spec: Signature, secret: string, message: readonly Uint8Array[]): Uint8Array {
  const { algorithm } = spec;
  if (algorithm === 'token') return Buffer.concat(message);
  if (isPublicKey(algorithm)) {
    const { hash, withKey } = PUBLIC_KEYS[algorithm];
    return sign(hash, Buffer.concat(message), withKey(privateKeyOf(spec, secret)));
  }
  const hashing = algorithm.startsWith('hmac-')
    ? createHmac(algorithm.slice('hmac-'.length), secretKeyOf(spec, secret))
    : createHash(algorithm);
  for (const chunk of message) hashing.update(chunk);
  return hashing.digest();
}

interface PublicKeySigning {
  hash: string | null;
  withKey: (key: KeyObject) => KeyObject | { key: KeyObject; padding: number; saltLength: number };
}

const asIs = (key: KeyObject): KeyObject => key;

const PUBLIC_KEYS: Readonly<Record<PublicKeyAlgorithm, PublicKeySigning>> = {
  ed25519: { hash: null, withKey: asIs },
  // In DER, as OpenSSL and every vendor's SDK write it.
  'ecdsa-p256-sha256': { hash: 'sha256', withKey: asIs },
  'rsa-sha1': { hash: 'sha1', withKey: asIs },
  'rsa-sha256': { hash: 'sha256', withKey: asIs },
  'rsa-sha512': { hash: 'sha512', withKey: asIs },
  'rsa-pss-sha512': {
    hash: 'sha512',
    withKey: (key) => ({
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    }),
  },
};

export const isPublicKey = (algorithm: SignatureAlgorithm): algorithm is PublicKeyAlgorithm =>
  Object.hasOwn(PUBLIC_KEYS, algorithm);

/** Of each hash: no two have as many. */
export const DIGEST_BYTES: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** How many characters the encoded signature has; null where that varies. */
function signatureLength(spec: Signature): number | null {
  const bytes = DIGEST_BYTES[spec.algorithm.replace('hmac-', '')];
  const chain = encodingOf(spec);
  if (bytes === undefined || chain.includes('percent')) return null;
  return encodeValue(Buffer.alloc(bytes), chain).length;
}

/** `64 lower-case hex digits`, `44 characters of base64`; for a token `the secret itself`. */
export function describeValue(spec: Signature): string {
  if (spec.algorithm === 'token') return 'the secret itself';
  const [length, name] = [signatureLength(spec), describeEncoding(encodingOf(spec))];
  if (length === null) return name;
  return name.endsWith('hex') ? `${length} ${name} digits` : `${length} characters of ${name}`;
}

/** Has the text the form of a signature, whatever it is worth? */
export function isSignatureText(spec: Signature, text: string): boolean {
  if (spec.algorithm === 'token') return text !== '';
  const length = signatureLength(spec);
  return (length === null || text.length === length) && decodeValue(text, encodingOf(spec)) !== null;
}

/** The time a comparison takes must not reveal how much was right. */
function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given, 'utf8'), Buffer.from(expected, 'utf8')];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Why this secret is no key of the vendor's; null where it is one. */
export function findUnusable(spec: Signature, secret: string): AppError | null {
  try {
    if (isPublicKey(spec.algorithm)) publicKeyOf(spec, secret);
    else keyBytes(spec, secret);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
