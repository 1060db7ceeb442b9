import { createHash, createHmac, createSecretKey, type Hash as HashState } from 'node:crypto';
import type { KeyCandidate } from './key-candidates.ts';
import type { Hash, KeyForm, PublicKeyAlgorithm, SignatureAlgorithm } from '../../model/signature.ts';
import type { SignatureSlot } from './slots.ts';

/** A value that is looked for, and every place where it stands. */
export interface SoughtValue {
  bytes: Buffer;
  slots: SignatureSlot[];
}

/** An algorithm with a key: takes messages piece by piece and says which of the targets belongs to them. */
export interface Probe {
  algorithm: SignatureAlgorithm;
  form?: KeyForm;
  /** Of the likeliest target: 0 first. */
  rank: number;
  /** It waits until the likely ones have had their turn. */
  isUnlikely: boolean;
  /** A hash of something without the secret in it is a checksum and proves nothing. */
  needsSecret: boolean;
  /** Of one more message and of a byte of it, in nanoseconds, roughly. */
  cost: { message: number; byte: number };
  start(): ProbeState;
}

export interface ProbeState {
  /** The state behind some more bytes; this one stays as it is, so that messages of the same beginning share it. */
  add(bytes: Uint8Array): ProbeState;
  match(): SoughtValue | undefined;
}

const BYTE_COST: Readonly<Record<Hash, number>> = { md5: 1.8, sha1: 0.7, sha256: 0.75, sha384: 1.65, sha512: 1.65 };
export const HASH_OF_LENGTH: Readonly<Record<number, Hash>> = {
  16: 'md5',
  20: 'sha1',
  32: 'sha256',
  48: 'sha384',
  64: 'sha512',
};
const BLOCK: Readonly<Record<Hash, number>> = { md5: 64, sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

/** A letter for each byte, also called latin1: without a buffer between, a digest takes a third less time. */
const AS_KEY = 'binary';

type TargetsByDigest = ReadonlyMap<string, SoughtValue>;
const byDigest = (targets: readonly SoughtValue[]): TargetsByDigest =>
  new Map(targets.map((target) => [target.bytes.toString(AS_KEY), target]));
const bestRank = (targets: readonly SoughtValue[]): number =>
  Math.min(...targets.flatMap(({ slots }) => slots.map(({ rank }) => rank)));

/** Of a plain digest; `digestOf` opens signatures that are one under a key. */
export function plainProbe(
  hash: Hash,
  targets: readonly SoughtValue[],
  opened?: { algorithm: PublicKeyAlgorithm; digestOf: (target: SoughtValue) => Buffer },
): Probe {
  const wanted = byDigest(
    targets.map((target) => (opened === undefined ? target : { ...target, bytes: opened.digestOf(target) })),
  );
  return {
    algorithm: opened?.algorithm ?? hash,
    rank: bestRank(targets),
    needsSecret: opened === undefined,
    isUnlikely: false,
    cost: { message: 3200, byte: BYTE_COST[hash] },
    start: () =>
      hashState({
        fresh: () => createHash(hash),
        finish: (state) => wanted.get(state.digest(AS_KEY)),
        whole: (message) => wanted.get(createHash(hash).update(message).digest(AS_KEY)),
      }),
  };
}

/**
 * Short messages go to Node's own HMAC. Of that no state can be copied, so that long ones go over two hashes, as RFC
 * 2104 has it.
 */
export function hmacProbe(
  hash: Hash,
  { bytes: key, form, isUnlikely }: KeyCandidate,
  targets: readonly SoughtValue[],
): Probe {
  const wanted = byDigest(targets);
  const secretKey = createSecretKey(key);
  const block = Buffer.alloc(BLOCK[hash]);
  block.set(key.length > block.length ? createHash(hash).update(key).digest() : key);
  const inner = createHash(hash).update(block.map((byte) => byte ^ 0x36));
  const outer = createHash(hash).update(block.map((byte) => byte ^ 0x5c));
  const hashing: MessageHashing = {
    fresh: () => inner.copy(),
    finish: (state) => wanted.get(outer.copy().update(state.digest()).digest(AS_KEY)),
    whole: (message) => wanted.get(createHmac(hash, secretKey).update(message).digest(AS_KEY)),
  };
  return {
    algorithm: `hmac-${hash}`,
    ...(form && { form }),
    rank: bestRank(targets),
    needsSecret: false,
    isUnlikely,
    cost: { message: 4000, byte: BYTE_COST[hash] },
    start: () => hashState(hashing),
  };
}

interface MessageHashing {
  fresh(): HashState;
  finish(state: HashState): SoughtValue | undefined;
  whole(message: Uint8Array): SoughtValue | undefined;
}

/** From here on a state is kept, rather than the bytes themselves. */
const LONG_BYTES = 1024;
const NOTHING = Buffer.alloc(0);

/** `base` has seen everything but `rest`. */
function hashState(hashing: MessageHashing, base: HashState | null = null, rest: Buffer = NOTHING): ProbeState {
  return {
    add: (bytes) => {
      if (rest.length + bytes.length < LONG_BYTES) return hashState(hashing, base, Buffer.concat([rest, bytes]));
      const state = base === null ? hashing.fresh() : base.copy();
      return hashState(hashing, state.update(rest).update(bytes));
    },
    match: () => (base === null ? hashing.whole(rest) : hashing.finish(base.copy().update(rest))),
  };
}

/** Of a signature that only a verification can tell: each message anew. */
export function verifyProbe(
  algorithm: PublicKeyAlgorithm,
  targets: readonly SoughtValue[],
  verifies: (message: Uint8Array, signature: Buffer) => boolean,
): Probe {
  const state = (chunks: readonly Uint8Array[]): ProbeState => ({
    add: (bytes) => state([...chunks, bytes]),
    match: () => {
      const message = Buffer.concat(chunks);
      return targets.find(({ bytes }) => verifies(message, bytes));
    },
  });
  return {
    algorithm,
    rank: bestRank(targets),
    needsSecret: false,
    isUnlikely: false,
    cost: { message: 130_000 * targets.length, byte: 2.5 * targets.length },
    start: () => state([]),
  };
}
