import { createHash, randomBytes } from 'node:crypto';
import type { Random } from '../model/clock.ts';

/** One call to the operating system costs about 10 µs, whatever it asks for; an event needs several. */
const POOL_BYTES = 4096;

/** Chance from the operating system. */
export function systemRandom(): Random {
  let pool: Uint8Array = new Uint8Array();
  return {
    bytes(count) {
      if (count > pool.length) pool = randomBytes(Math.max(count, POOL_BYTES));
      const taken = pool.subarray(0, count);
      pool = pool.subarray(count);
      return taken;
    },
  };
}

/**
 * The same bytes for the same seed, in the same order, on every machine: SHA-256 over the seed and a counter.
 * For reproducible samples; not for secrets.
 */
export function seededRandom(seed: string): Random {
  let counter = 0n;
  let pool: Uint8Array = new Uint8Array();
  return {
    bytes(count) {
      const blocks = [pool];
      for (let size = pool.length; size < count; size += 32) blocks.push(hashBlock(seed, counter++));
      const available = Buffer.concat(blocks);
      pool = available.subarray(count);
      return available.subarray(0, count);
    },
  };
}

function hashBlock(seed: string, counter: bigint): Buffer {
  const suffix = Buffer.alloc(9);
  suffix.writeBigUInt64BE(counter, 1);
  return createHash('sha256').update(seed, 'utf8').update(suffix).digest();
}
