import {
  constants,
  createHash,
  createHmac,
  sign,
  timingSafeEqual,
  verify,
  type Hash,
  type Hmac,
  type KeyObject,
} from 'node:crypto';
import {
  jwtOf,
  type Encoding,
  type PublicKeyAlgorithm,
  type Signature,
  type SignatureAlgorithm,
} from '../../model/signature.ts';
import { encodeValue } from './encoding.ts';
import { privateKeyOf, publicKeyOf, secretKeyOf } from './keys.ts';

type PublicKeySignature = Signature & { algorithm: PublicKeyAlgorithm };

/** The signature of these bytes, not yet encoded. Throws AppError `usage` for a secret of no use. */
export function signBytes(spec: Signature, secret: string, message: readonly Uint8Array[]): Uint8Array {
  const { algorithm } = spec;
  if (algorithm === 'token') return Buffer.concat(message);
  if (hasPublicKey(spec))
    return sign(
      PUBLIC_KEYS[spec.algorithm].hash,
      Buffer.concat(message),
      withOptions(spec, privateKeyOf(spec, secret)),
    );
  return hashOf(spec, secret, message).digest();
}

/** The same, encoded. Throws as `signBytes`. */
export function signEncoded(
  spec: Signature,
  secret: string,
  message: readonly Uint8Array[],
  chain: readonly Encoding[],
): string {
  const [only, further] = chain;
  // A hash that writes its digest itself takes a quarter less time than one whose bytes are written afterwards.
  const isWrittenByHash = further === undefined && (only === 'hex' || only === 'base64');
  return isWrittenByHash && spec.algorithm !== 'token' && !hasPublicKey(spec)
    ? hashOf(spec, secret, message).digest(only)
    : encodeValue(signBytes(spec, secret, message), chain);
}

function hashOf(spec: Signature, secret: string, message: readonly Uint8Array[]): Hash | Hmac {
  const { algorithm } = spec;
  const hashing = algorithm.startsWith('hmac-')
    ? createHmac(algorithm.slice('hmac-'.length), secretKeyOf(spec, secret))
    : createHash(algorithm);
  for (const chunk of message) hashing.update(chunk);
  return hashing;
}

/** Verifies any of several by the public key: it and the message are made ready once. Throws as `signBytes`. */
export function verifierOf(
  spec: PublicKeySignature,
  secret: string,
  message: readonly Uint8Array[],
): (signature: Uint8Array) => boolean {
  const { hash } = PUBLIC_KEYS[spec.algorithm];
  const [key, bytes] = [withOptions(spec, publicKeyOf(spec, secret)), Buffer.concat(message)];
  return (signature) => verify(hash, bytes, key, signature);
}

/** Is it the signature of these bytes? In constant time. Throws as `signBytes`. */
export function fitsBytes(
  spec: Signature,
  secret: string,
  message: readonly Uint8Array[],
  signature: Uint8Array,
): boolean {
  if (hasPublicKey(spec)) return verifierOf(spec, secret, message)(signature);
  const expected = signBytes(spec, secret, message);
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}

const PUBLIC_KEYS: Readonly<Record<PublicKeyAlgorithm, { hash: string | null; options?: object }>> = {
  ed25519: { hash: null },
  'ecdsa-p256-sha256': { hash: 'sha256' },
  'rsa-sha1': { hash: 'sha1' },
  'rsa-sha256': { hash: 'sha256' },
  'rsa-sha512': { hash: 'sha512' },
  'rsa-pss-sha512': {
    hash: 'sha512',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
};

/** An elliptic curve's signature is DER, as OpenSSL and every vendor's SDK write it; in a JWT it is 64 bytes. */
function withOptions(spec: PublicKeySignature, key: KeyObject): KeyObject | { key: KeyObject } {
  const { options } = PUBLIC_KEYS[spec.algorithm];
  if (spec.algorithm === 'ecdsa-p256-sha256' && jwtOf(spec) !== null) return { key, ...RAW };
  return options === undefined ? key : { key, ...options };
}

const RAW = { dsaEncoding: 'ieee-p1363' };

export const isPublicKey = (algorithm: SignatureAlgorithm): algorithm is PublicKeyAlgorithm =>
  Object.hasOwn(PUBLIC_KEYS, algorithm);

export const hasPublicKey = (spec: Signature): spec is PublicKeySignature => isPublicKey(spec.algorithm);
