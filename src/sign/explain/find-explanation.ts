import { createHash, createHmac } from 'node:crypto';
import type { MessagePart, Signature } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { isWritable, listBodyVariants, listJsonVariants } from './body-variants.ts';
import {
  type BodyVariant,
  type Deviation,
  type KeyVariant,
  type MessageVariant,
  listKeyVariants,
  describeMessage,
  listMessageVariants,
} from './variants.ts';
import { keyBytes } from '../scheme/keys.ts';
import { collectMessage, MissingPartError, type MessageContext, type SignedSubject } from '../scheme/message.ts';
import type { LooseDigest } from './read-loosely.ts';

/** A request whose signature does not fit, and all that may explain why. */
export interface Mystery {
  vendor: Vendor;
  spec: Signature;
  secret: string;
  /** How many secrets are tried: they share the budget. */
  secretCount: number;
  request: SignedSubject;
  digests: readonly LooseDigest[];
  timestamps: readonly string[];
  /** Of Standard Webhooks' header `webhook-id`. */
  webhookId: string | undefined;
  others: readonly Vendor[];
  effort: Effort;
}

/** What must be assumed for the signature to fit. */
export interface SignatureExplanation {
  /** The digest of the header that fits. */
  digest: LooseDigest;
  deviations: readonly Deviation[];
}

/** `brief`: a few milliseconds, for a server at every forged request. `thorough`: for a person who waits. */
export type Effort = 'brief' | 'thorough';

interface Bounds {
  hashes: number;
  hashedBytes: number;
  /** Larger JSON is not written again: each writing costs memory several times its size. */
  jsonBytes: number;
  /** How many writings of the JSON are also tried with every other key and message. */
  pairedBodies: number;
}

/** Larger bodies are not tried as the same JSON in other bytes. */
export const largestRewrittenBytes = (effort: Effort): number => BOUNDS[effort].jsonBytes;

const MIB = 1024 * 1024;
const BOUNDS: Readonly<Record<Effort, Bounds>> = {
  brief: { hashes: 400, hashedBytes: 48 * MIB, jsonBytes: MIB, pairedBodies: 2 },
  thorough: { hashes: 6000, hashedBytes: 768 * MIB, jsonBytes: 40 * MIB, pairedBodies: 1000 },
};

const ALGORITHMS: Readonly<Record<number, string>> = {
  16: 'md5',
  20: 'sha1',
  32: 'sha256',
  48: 'sha384',
  64: 'sha512',
};

type Hashing = (algorithm: string, key: Uint8Array, chunks: readonly Uint8Array[]) => Buffer;

const HASHINGS: readonly (Deviation & { hashing: Hashing })[] = [
  {
    hashing: (algorithm, key, chunks) => hashOf(algorithm, [key, ...chunks]),
    cause: 'hash-for-hmac',
    fits: 'a plain hash over secret and message',
    fix: 'compute an HMAC with the secret as its key (crypto.createHmac, hash_hmac, hmac.new)',
  },
  {
    hashing: (algorithm, key, chunks) => hashOf(algorithm, [...chunks, key]),
    cause: 'hash-for-hmac',
    fits: 'a plain hash over message and secret',
    fix: 'compute an HMAC with the secret as its key (crypto.createHmac, hash_hmac, hmac.new)',
  },
  {
    hashing: (algorithm, _, chunks) => hashOf(algorithm, chunks),
    cause: 'hash-for-hmac',
    fits: 'a plain hash without the secret',
    fix: 'compute an HMAC with the secret as its key (crypto.createHmac, hash_hmac, hmac.new)',
  },
];

/** Finds the fewest deviations under which a digest fits: none (only the header's form is off), one, or two. */
export function findExplanation(mystery: Mystery): SignatureExplanation | null {
  const bounds = BOUNDS[mystery.effort];
  let { hashes } = bounds;
  let hashedBytes = bounds.hashedBytes / mystery.secretCount;
  for (const digest of mystery.digests) {
    for (const hypothesis of listHypotheses(mystery, bounds)) {
      if (hashes <= 0 || hashedBytes <= 0) return null;
      hashes -= 1;
      hashedBytes -= hypothesis.body.length * (hypothesis.isWritten ? WRITING_COSTS : 1);
      const deviations = fit(mystery, digest, hypothesis);
      if (deviations !== null) return { digest, deviations };
    }
  }
  return null;
}

/** Writing JSON takes this many times as long as hashing it. */
const WRITING_COSTS = 8;

/** A secret that is not of the vendor's form is tried as it is. */
function keyOf(spec: Signature, secret: string): Uint8Array {
  try {
    return keyBytes(spec, secret);
  } catch {
    return Buffer.from(secret, 'utf8');
  }
}

interface Hypothesis {
  key: Uint8Array;
  parts: readonly MessagePart[];
  timestamp: string | undefined;
  body: Uint8Array;
  /** The body is JSON that was written for this. */
  isWritten: boolean;
  hashing: Hashing;
  deviations: readonly Deviation[];
}

function* listHypotheses(
  { vendor, spec, secret, request: { body }, timestamps, webhookId, others }: Mystery,
  { jsonBytes, pairedBodies }: Bounds,
): Generator<Hypothesis> {
  const base: Hypothesis = {
    key: keyOf(spec, secret),
    parts: spec.message,
    timestamp: timestamps[0],
    body,
    isWritten: false,
    hashing: hmacOf,
    deviations: [],
  };
  const keys = listKeyVariants(secret, spec);
  const messages = listMessageVariants(spec, timestamps, webhookId, others);
  yield base;
  for (const key of keys) yield withKey(base, key);
  for (const message of messages) yield withMessage(base, message);
  for (const one of HASHINGS) yield { ...base, hashing: one.hashing, deviations: [one] };
  for (const variant of listBodyVariants(body, vendor.events, jsonBytes)) yield withBody(base, variant);
  for (const key of keys) for (const message of messages) yield withMessage(withKey(base, key), message);
  for (const one of HASHINGS)
    for (const message of messages) yield withMessage({ ...base, hashing: one.hashing, deviations: [one] }, message);
  if (!isWritable(body, jsonBytes)) return;
  let paired = 0;
  for (const variant of listJsonVariants(body, vendor.events)) {
    if (++paired > pairedBodies) return;
    for (const key of keys) yield withBody(withKey(base, key), variant);
    for (const message of messages) yield withBody(withMessage(base, message), variant);
  }
}

const withKey = (from: Hypothesis, variant: KeyVariant): Hypothesis => ({
  ...from,
  key: variant.key,
  deviations: [...from.deviations, variant],
});
const withBody = (from: Hypothesis, variant: BodyVariant): Hypothesis => ({
  ...from,
  body: variant.body,
  isWritten: variant.cause === 'reserialised-body',
  deviations: [...from.deviations, variant],
});
const withMessage = (from: Hypothesis, variant: MessageVariant): Hypothesis => ({
  ...from,
  parts: variant.parts,
  timestamp: variant.timestamp,
  deviations: [...from.deviations, variant],
});

/** Returns the deviations of a hypothesis that fits, the algorithm's among them; else null. */
function fit(
  { spec, request }: Mystery,
  digest: LooseDigest,
  { key, parts, timestamp, body, hashing, deviations }: Hypothesis,
): readonly Deviation[] | null {
  const algorithm = ALGORITHMS[digest.bytes.length];
  if (algorithm === undefined || (parts.includes('timestamp') && timestamp === undefined)) return null;
  const chunks = collect(parts, { ...request, body, timestamp, secret: () => key });
  if (chunks === null || !hashing(algorithm, key, chunks).equals(digest.bytes)) return null;
  return algorithm === hashIn(spec) ? deviations : [otherAlgorithm(spec, algorithm), ...deviations];
}

/** The bytes that this message has in the request; null where one of its parts is not there. */
function collect(parts: readonly MessagePart[], context: MessageContext): Uint8Array[] | null {
  try {
    return collectMessage(parts, context);
  } catch (error) {
    if (error instanceof MissingPartError) return null;
    throw error;
  }
}

/** `sha256` of `hmac-sha256`. */
const hashIn = ({ algorithm }: Signature): string => algorithm.replace(/^hmac-/, '');

function otherAlgorithm(spec: Signature, algorithm: string): Deviation {
  return {
    cause: 'other-algorithm',
    fits: `${nameAlgorithm(algorithm)} instead of ${nameAlgorithm(hashIn(spec))}`,
    fix: `compute ${spec.algorithm.toUpperCase()} over ${describeMessage(spec.message)}`,
  };
}

/** `SHA-256` */
function nameAlgorithm(algorithm: string): string {
  return algorithm.toUpperCase().replace('SHA', 'SHA-');
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
