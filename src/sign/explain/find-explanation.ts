import { flattenParts, type MessagePart, type Signature } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { isWritable, listBodyVariants, listJsonVariants } from './body-variants.ts';
import type { BodyVariant, Deviation, KeyVariant, MessageVariant } from './deviation.ts';
import { keyIn, listKeyVariants } from './key-variants.ts';
import { listMessageVariants, type Offered } from './message-variants.ts';
import { isPublicKey } from '../scheme/sign-bytes.ts';
import { collectMessage, MissingPartError, type MessageContext } from '../scheme/message.ts';
import type { LooseDigest } from './read-loosely.ts';
import { makeTrials, type Trial, type Trials } from './trials.ts';

/** A request whose signature does not fit, and all that may explain why. */
export interface Mystery extends Offered {
  vendor: Vendor;
  spec: Signature;
  secret: string;
  /** How many secrets are tried: they share the budget. */
  secretCount: number;
  digests: readonly LooseDigest[];
  others: readonly Vendor[];
  effort: Effort;
}

/** What must be assumed for the signature to fit. */
export interface SignatureExplanation {
  /** The digest of the request that fits. */
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
  /** How many messages, the usual ones first, are also tried with every other key and body. */
  pairedMessages: number;
}

/** Larger bodies are not tried as the same JSON in other bytes. */
export const largestRewrittenBytes = (effort: Effort): number => BOUNDS[effort].jsonBytes;

const MIB = 1024 * 1024;
const BOUNDS: Readonly<Record<Effort, Bounds>> = {
  brief: { hashes: 800, hashedBytes: 48 * MIB, jsonBytes: MIB, pairedBodies: 2, pairedMessages: 20 },
  thorough: { hashes: 30_000, hashedBytes: 768 * MIB, jsonBytes: 40 * MIB, pairedBodies: 1000, pairedMessages: 200 },
};
/** With bodies fewer: they are many themselves. */
const MESSAGES_OF_BODIES = 40;

/**
 * Finds the fewest deviations under which a digest fits: none (only how it is written is off), one, or two. Throws
 * AppError `usage` for a secret that is no key of the vendor's.
 */
export function findExplanation(mystery: Mystery): SignatureExplanation | null {
  if (mystery.digests.length === 0) return null;
  const bounds = BOUNDS[mystery.effort];
  const trials = makeTrials(mystery.spec, mystery.secret, mystery.digests);
  const share = bounds.hashedBytes / mystery.secretCount;
  let hashes = bounds.hashes / trials.cost;
  let hashedBytes = share;
  for (const hypothesis of listHypotheses(mystery, trials, bounds)) {
    if (hashes <= 0 || hashedBytes <= 0) return null;
    hashes -= 1;
    hashedBytes -= hypothesis.body.length * costOf(hypothesis);
    const found = fit(mystery, hypothesis);
    if (found !== null) return found;
  }
  return null;
}

/** Writing JSON, and taking a body apart, take this many times as long as hashing it. */
const PARSING_COSTS = 8;

const costOf = ({ isWritten, parts }: Hypothesis): number => (isWritten || parts.some(isParsed) ? PARSING_COSTS : 1);

const isParsed = (part: MessagePart): boolean =>
  typeof part === 'object' &&
  ('json' in part || 'form' in part || 'fields' in part || ('of' in part && part.of.some(isParsed)));

interface Hypothesis {
  key: Uint8Array;
  parts: readonly MessagePart[];
  timestamp: string | undefined;
  body: Uint8Array;
  /** The body is text that was written for this. */
  isWritten: boolean;
  trial: Trial;
  deviations: readonly Deviation[];
}

function* listHypotheses(mystery: Mystery, trials: Trials, bounds: Bounds): Generator<Hypothesis> {
  const { vendor, spec, secret, request, timestamps, others } = mystery;
  const { body } = request;
  const base: Hypothesis = {
    // A secret that is not of the vendor's form is tried as it is.
    key: keyIn(spec, secret) ?? Buffer.from(secret, 'utf8'),
    parts: spec.message,
    timestamp: timestamps[0],
    body,
    isWritten: false,
    trial: trials.own,
    deviations: [],
  };
  // What a private key has signed, no other writing of the public one makes fit.
  const keys = isPublicKey(spec.algorithm) ? [] : listKeyVariants(secret, spec);
  const messages = listMessageVariants(spec, mystery, others);
  yield base;
  for (const key of keys) yield withKey(base, key);
  for (const message of messages) yield withMessage(base, message);
  for (const one of trials.variants) yield { ...base, trial: one.trial, deviations: [one] };
  for (const variant of listBodyVariants(body, vendor.events, bounds.jsonBytes)) yield withBody(base, variant);
  const usual = messages.slice(0, bounds.pairedMessages);
  for (const key of keys) for (const message of usual) yield withMessage(withKey(base, key), message);
  for (const one of trials.variants)
    for (const message of usual) yield withMessage({ ...base, trial: one.trial, deviations: [one] }, message);
  if (!isWritable(body, bounds.jsonBytes)) return;
  let paired = 0;
  for (const variant of listJsonVariants(body, vendor.events)) {
    if (++paired > bounds.pairedBodies) return;
    for (const key of keys) yield withBody(withKey(base, key), variant);
    for (const message of usual.slice(0, MESSAGES_OF_BODIES)) yield withBody(withMessage(base, message), variant);
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

/** What fits under a hypothesis, with its deviations, the algorithm's among them; else null. */
function fit(
  { request }: Mystery,
  { key, parts, timestamp, body, trial, deviations }: Hypothesis,
): SignatureExplanation | null {
  if (timestamp === undefined && flattenParts(parts).includes('timestamp')) return null;
  const chunks = collect(parts, { ...request, body, timestamp, secret: () => key });
  const match = chunks && trial(key, chunks);
  if (match === null) return null;
  const { digest, deviation } = match;
  return { digest, deviations: deviation === null ? deviations : [deviation, ...deviations] };
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
