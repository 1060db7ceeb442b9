import { constants, createHmac, verify, type KeyObject } from 'node:crypto';
import type { Signature } from '../../model/signature.ts';
import { DIGEST_BYTES } from '../scheme/compute.ts';
import { isPublicKey } from '../scheme/sign-bytes.ts';
import { publicKeyOf } from '../scheme/keys.ts';
import { digestOf } from '../scheme/message.ts';
import { describeMessage } from './describe-message.ts';
import type { Deviation } from './deviation.ts';
import type { LooseDigest } from './read-loosely.ts';

/** A digest that fits, and whether its algorithm is another. */
export interface TrialMatch {
  digest: LooseDigest;
  deviation: Deviation | null;
}

/** Looks for a digest that belongs to the key and message; null where none does. */
export type Trial = (key: Uint8Array, chunks: readonly Uint8Array[]) => TrialMatch | null;

export interface TrialVariant extends Deviation {
  trial: Trial;
}

/** How the vendor's signature is tried, and what is mistaken for it. */
export interface Trials {
  own: Trial;
  variants: readonly TrialVariant[];
  /** Compared with HMAC of a short message, what one costs. */
  cost: number;
}

type Hashing = (hash: string, key: Uint8Array, chunks: readonly Uint8Array[]) => Buffer;

/** By how many bytes a digest has. */
const HASHES: ReadonlyMap<number, string> = new Map(Object.entries(DIGEST_BYTES).map(([hash, bytes]) => [bytes, hash]));

/** Throws AppError `usage` for a secret that is no key of the vendor's. */
export function makeTrials(spec: Signature, secret: string, digests: readonly LooseDigest[]): Trials {
  if (isPublicKey(spec.algorithm)) return publicKeyTrials(spec, publicKeyOf(spec, secret), digests);
  return spec.algorithm.startsWith('hmac-') ? hmacTrials(spec, digests) : hashTrials(spec, digests);
}

function hmacTrials(spec: Signature, digests: readonly LooseDigest[]): Trials {
  const fix = 'compute an HMAC with the secret as its key (crypto.createHmac, hash_hmac, hmac.new)';
  const variant = (fits: string, hashing: Hashing): TrialVariant => ({
    trial: hashTrial(spec, digests, hashing),
    cause: 'hash-for-hmac',
    fits,
    fix,
  });
  return {
    own: hashTrial(spec, digests, hmacOf),
    variants: [
      variant('a plain hash over secret and message', (hash, key, chunks) => digestOf(hash, [key, ...chunks])),
      variant('a plain hash over message and secret', (hash, key, chunks) => digestOf(hash, [...chunks, key])),
      variant('a plain hash without the secret', (hash, _, chunks) => digestOf(hash, chunks)),
    ],
    cost: 1,
  };
}

/** Of a message that holds the secret. */
function hashTrials(spec: Signature, digests: readonly LooseDigest[]): Trials {
  return {
    own: hashTrial(spec, digests, (hash, _, chunks) => digestOf(hash, chunks)),
    variants: [
      {
        trial: hashTrial(spec, digests, hmacOf),
        cause: 'hmac-for-hash',
        fits: 'an HMAC with the secret as its key, over the message with the secret',
        fix: 'compute a plain hash over the message, which holds the secret',
      },
    ],
    cost: 1,
  };
}

/** The length of a digest tells its hash. */
function hashTrial(spec: Signature, digests: readonly LooseDigest[], hashing: Hashing): Trial {
  const own = spec.algorithm.replace(/^hmac-/, '');
  const hashes = [...new Set(digests.map(({ bytes }) => HASHES.get(bytes.length)))].filter(
    (hash) => hash !== undefined,
  );
  return (key, chunks) => {
    for (const hash of hashes) {
      const computed = hashing(hash, key, chunks);
      const digest = digests.find(({ bytes }) => computed.equals(bytes));
      if (digest !== undefined) return { digest, deviation: hash === own ? null : otherAlgorithm(spec, hash, own) };
    }
    return null;
  };
}

function otherAlgorithm(spec: Signature, hash: string, own: string): Deviation {
  return {
    cause: 'other-algorithm',
    fits: `${nameHash(hash)} instead of ${nameHash(own)}`,
    fix: `compute ${spec.algorithm.toUpperCase()} over ${describeMessage(spec.message)}`,
  };
}

/** `SHA-256` */
const nameHash = (hash: string): string => hash.toUpperCase().replace('SHA', 'SHA-');

function hmacOf(hash: string, key: Uint8Array, chunks: readonly Uint8Array[]): Buffer {
  const hmac = createHmac(hash, key);
  for (const chunk of chunks) hmac.update(chunk);
  return hmac.digest();
}

/** How a key pair may sign. */
interface PublicKeyWay {
  name: string;
  hash: string | null;
  options?: { padding?: number; saltLength?: number; dsaEncoding?: 'ieee-p1363' };
}

const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
const RSA_WAYS: readonly PublicKeyWay[] = [
  { name: 'rsa-sha256', hash: 'sha256' },
  { name: 'rsa-sha1', hash: 'sha1' },
  { name: 'rsa-sha512', hash: 'sha512' },
  { name: 'rsa-pss-sha256', hash: 'sha256', options: PSS },
  { name: 'rsa-pss-sha512', hash: 'sha512', options: PSS },
];
const EC_WAYS: readonly PublicKeyWay[] = [
  { name: 'ecdsa-p256-sha256', hash: 'sha256' },
  { name: 'ecdsa-p256-sha256 as 64 bytes', hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  { name: 'ecdsa-p256-sha384', hash: 'sha384' },
  { name: 'ecdsa-p256-sha512', hash: 'sha512' },
  { name: 'ecdsa-p256-sha1', hash: 'sha1' },
];

/** An elliptic curve takes some fifty times as long as a hash. */
const PUBLIC_KEY_COST = 20;

function publicKeyTrials(spec: Signature, key: KeyObject, digests: readonly LooseDigest[]): Trials {
  const ways = waysOf(spec);
  const own = ways.find(({ name }) => name === spec.algorithm);
  const trialOf = (way: PublicKeyWay, change: (message: Buffer) => Buffer = (message) => message): Trial => {
    return (_, chunks) => {
      const message = change(Buffer.concat(chunks));
      const digest = digests.find(({ bytes }) => verify(way.hash, message, { key, ...way.options }, bytes));
      return digest === undefined ? null : { digest, deviation: null };
    };
  };
  if (own === undefined) return { own: () => null, variants: [], cost: PUBLIC_KEY_COST };
  const fix = `sign ${describeMessage(spec.message)} with ${spec.algorithm}`;
  const others = ways.filter((way) => way !== own);
  return {
    own: trialOf(own),
    variants: [
      ...others.map((way) => ({
        trial: trialOf(way),
        cause: way.options?.dsaEncoding === undefined ? 'other-algorithm' : 'raw-signature-for-der',
        fits: `${way.name} instead of ${spec.algorithm}`,
        fix: way.options?.dsaEncoding === undefined ? fix : 'write the signature in DER, as OpenSSL does',
      })),
      ...['sha256', 'sha512'].map((hash) => ({
        trial: trialOf(own, (message) => digestOf(hash, [message])),
        cause: 'hashed-message',
        fits: `the ${nameHash(hash)} of the message in its place`,
        fix: `${fix}: the algorithm does its own hashing`,
      })),
    ],
    cost: PUBLIC_KEY_COST,
  };
}

function waysOf({ algorithm }: Signature): readonly PublicKeyWay[] {
  if (algorithm === 'ed25519') return [{ name: 'ed25519', hash: null }];
  return algorithm.startsWith('rsa') ? RSA_WAYS : EC_WAYS;
}
