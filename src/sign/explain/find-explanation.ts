import { createHash, createHmac } from 'node:crypto';
import type { MessagePart, Signature, Vendor } from '../../model/vendor.ts';
import { listBodyVariants } from './body-variants.ts';
import type { BodyVariant, Deviation, KeyVariant, MessageVariant } from './deviation.ts';
import { listKeyVariants } from './key-variants.ts';
import { describeMessage, listMessageVariants } from './message-variants.ts';
import type { LooseDigest } from './read-loosely.ts';

/** A request whose signature does not fit, and all that may tell why. */
export interface Mystery {
  vendor: Vendor;
  spec: Signature;
  secret: string;
  body: Uint8Array;
  digests: readonly LooseDigest[];
  timestamps: readonly string[];
  /** Of Standard Webhooks' header `webhook-id`. */
  webhookId: string | undefined;
  others: readonly Vendor[];
}

/** What must be assumed for the signature to fit. */
export interface Explanation {
  /** The digest of the header that fits. */
  digest: LooseDigest;
  deviations: readonly Deviation[];
}

/** Bounds of one search: a forged request must not cost more than a large genuine one. */
const MAX_HASHES = 3000;
const MAX_HASHED_BYTES = 64 * 1024 * 1024;

const ALGORITHMS: Readonly<Record<number, string>> = { 16: 'md5', 20: 'sha1', 32: 'sha256', 48: 'sha384', 64: 'sha512' };

type Hashing = (algorithm: string, key: Uint8Array, chunks: readonly Uint8Array[]) => Buffer;

const HASHINGS: readonly (Deviation & { hashing: Hashing })[] = [
  { hashing: (algorithm, key, chunks) => hashOf(algorithm, [key, ...chunks]), cause: 'hash-for-hmac', fits: 'a plain hash over secret and message', fix: 'compute an HMAC with the secret as its key (crypto.createHmac, hash_hmac, hmac.new)' },
  { hashing: (algorithm, key, chunks) => hashOf(algorithm, [...chunks, key]), cause: 'hash-for-hmac', fits: 'a plain hash over message and secret', fix: 'compute an HMAC with the secret as its key (crypto.createHmac, hash_hmac, hmac.new)' },
  { hashing: (algorithm, _, chunks) => hashOf(algorithm, chunks), cause: 'hash-for-hmac', fits: 'a plain hash without the secret', fix: 'compute an HMAC with the secret as its key (crypto.createHmac, hash_hmac, hmac.new)' },
];

/** The fewest deviations under which one of the digests fits: none (the header's form alone is off), one, or two. */
export function findExplanation(mystery: Mystery): Explanation | null {
  const budget = { hashes: MAX_HASHES, bytes: MAX_HASHED_BYTES };
  for (const digest of mystery.digests) {
    for (const hypothesis of listHypotheses(mystery)) {
      budget.hashes -= 1;
      budget.bytes -= hypothesis.body.length;
      if (budget.hashes < 0 || budget.bytes < 0) return null;
      const deviations = fit(mystery, digest, hypothesis);
      if (deviations !== null) return { digest, deviations };
    }
  }
  return null;
}

interface Hypothesis {
  key: Uint8Array;
  parts: readonly MessagePart[];
  timestamp: string | undefined;
  body: Uint8Array;
  hashing: Hashing;
  deviations: readonly Deviation[];
}

function* listHypotheses({ vendor, spec, secret, body, timestamps, webhookId, others }: Mystery): Generator<Hypothesis> {
  const base: Hypothesis = { key: Buffer.from(secret, 'utf8'), parts: spec.message, timestamp: timestamps[0], body, hashing: hmacOf, deviations: [] };
  const keys = listKeyVariants(secret, spec);
  const messages = listMessageVariants(spec, timestamps, webhookId, others);
  yield base;
  for (const key of keys) yield withKey(base, key);
  for (const message of messages) yield withMessage(base, message);
  for (const one of HASHINGS) yield { ...base, hashing: one.hashing, deviations: [one] };
  for (const variant of listBodyVariants(body, vendor.events)) yield withBody(base, variant);
  for (const key of keys) for (const message of messages) yield withMessage(withKey(base, key), message);
  for (const one of HASHINGS) for (const message of messages) yield withMessage({ ...base, hashing: one.hashing, deviations: [one] }, message);
  for (const variant of listBodyVariants(body, vendor.events)) {
    for (const key of keys) yield withBody(withKey(base, key), variant);
    for (const message of messages) yield withBody(withMessage(base, message), variant);
  }
}

const withKey = (from: Hypothesis, variant: KeyVariant): Hypothesis => ({ ...from, key: variant.key, deviations: [...from.deviations, variant] });
const withBody = (from: Hypothesis, variant: BodyVariant): Hypothesis => ({ ...from, body: variant.body, deviations: [...from.deviations, variant] });
const withMessage = (from: Hypothesis, variant: MessageVariant): Hypothesis => ({ ...from, parts: variant.parts, timestamp: variant.timestamp, deviations: [...from.deviations, variant] });

/** The deviations of a hypothesis that is right, the algorithm's among them; else null. */
function fit({ spec }: Mystery, digest: LooseDigest, { key, parts, timestamp, body, hashing, deviations }: Hypothesis): readonly Deviation[] | null {
  const algorithm = ALGORITHMS[digest.bytes.length];
  if (algorithm === undefined || (parts.includes('timestamp') && timestamp === undefined)) return null;
  const chunks = parts.map((part) => (part === 'body' ? body : Buffer.from(part === 'timestamp' ? (timestamp as string) : part.text, 'utf8')));
  if (!hashing(algorithm, key, chunks).equals(digest.bytes)) return null;
  return algorithm === spec.algorithm ? deviations : [otherAlgorithm(spec, algorithm), ...deviations];
}

function otherAlgorithm(spec: Signature, algorithm: string): Deviation {
  return {
    cause: 'other-algorithm',
    fits: `${algorithm.toUpperCase().replace('SHA', 'SHA-')} instead of ${spec.algorithm.toUpperCase().replace('SHA', 'SHA-')}`,
    fix: `compute HMAC-${spec.algorithm.toUpperCase()} over ${describeMessage(spec.message)}`,
  };
}

function hmacOf(algorithm: string, key: Uint8Array, chunks: readonly Uint8Array[]): Buffer {
  const hmac = createHmac(algorithm, key);
  for (const chunk of chunks) hmac.update(chunk);
  return hmac.digest();
}

function hashOf(algorithm: string, chunks: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}
