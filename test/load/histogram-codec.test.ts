import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import hdr from 'hdr-histogram-js';
import { expect, test } from 'vitest';
import { decodeHistogram, encodeHistogram } from '../../src/load/histogram-codec.ts';
import { LatencyHistogram } from '../../src/load/latency.ts';

const COUNTS = fc.array(fc.tuple(fc.double({ min: 0, max: 10.9, noNaN: true }), fc.nat(5000)), { maxLength: 60 });

/** Each goes through every count of several histograms. */
const RUNS = { numRuns: 30 };

const sameCounts = (one: LatencyHistogram, other: LatencyHistogram): boolean =>
  Buffer.from(one.counts.buffer).equals(Buffer.from(other.counts.buffer));

/** The same times in our histogram and in that of the library: whole microseconds below 24 hours. */
function fill(powers: readonly (readonly [power: number, count: number])[]) {
  const ours = new LatencyHistogram();
  const theirs = hdr.build({ highestTrackableValue: 86_400_000_000, numberOfSignificantValueDigits: 3 });
  for (const [power, count] of powers) {
    const us = Math.floor(10 ** power);
    for (let n = 0; n < Math.min(count, 200); n++) ours.record(us / 1000);
    if (count > 0) theirs.recordValueWithCount(us, Math.min(count, 200));
  }
  return { ours, theirs };
}

test('what is written is read', () => {
  fc.assert(
    fc.property(COUNTS, (powers) => {
      const { ours } = fill(powers);
      const read = decodeHistogram(encodeHistogram(ours));
      expect(sameCounts(read, ours)).toBe(true);
      expect(read.total).toBe(ours.total);
    }),
    RUNS,
  );
});

test('HdrHistogram reads what we write, and we read what it writes', () => {
  fc.assert(
    fc.property(COUNTS, (powers) => {
      const { ours, theirs } = fill(powers);
      const seenByThem = hdr.decodeFromCompressedBase64(encodeHistogram(ours));
      const seenByUs = decodeHistogram(hdr.encodeIntoCompressedBase64(theirs));
      expect(seenByThem.totalCount).toBe(ours.total);
      expect(sameCounts(seenByUs, ours)).toBe(true);
      for (const percent of [1, 50, 90, 99, 99.9, 100]) {
        const expected = ours.percentileMs(percent) ?? 0;
        expect(seenByThem.getValueAtPercentile(percent) / 1000).toBe(expected);
        expect(theirs.getValueAtPercentile(percent) / 1000).toBe(expected);
      }
    }),
    RUNS,
  );
});

test('counts of any size come back', () => {
  const large = new LatencyHistogram();
  [127, 128, 2 ** 21, 2 ** 28 - 1, 2 ** 35, 2 ** 42 + 1, 2 ** 49, 2 ** 52].forEach((count, index) => {
    large.counts[index * 3] = count;
  });
  expect(sameCounts(decodeHistogram(encodeHistogram(large)), large)).toBe(true);
});

/** A header and a payload of our choice, packed as they should be. */
function pack(payload: readonly number[], { length = payload.length, digits = 3, cookie = 0x1c849313 } = {}): string {
  const header = Buffer.alloc(40);
  header.writeUInt32BE(cookie, 0);
  header.writeUInt32BE(length, 4);
  header.writeUInt32BE(digits, 12);
  header.writeBigUInt64BE(1n, 16);
  const packed = deflateSync(Buffer.concat([header, Buffer.from(payload)]));
  const outer = Buffer.alloc(8);
  outer.writeUInt32BE(0x1c849314, 0);
  outer.writeUInt32BE(packed.length, 4);
  return Buffer.concat([outer, packed]).toString('base64');
}

const BILLION_ZEROS = [0xff, 0xff, 0xff, 0xff, 0x7f];

test.each([
  ['nothing', '', /does not start like one/],
  ['a text', 'hello world', /does not start like one/],
  ['a cut one', pack([2, 4]).slice(0, 30), /damaged/],
  ['a bomb', pack(Array.from({ length: 1_000_000 }, () => 1)), /larger than a histogram/],
  ['another header', pack([2], { cookie: 0x1c849303 }), /header is not valid/],
  ['five digits', pack([2], { digits: 5 }), /resolution differs: only/],
  ['a payload that ends early', pack([2], { length: 9 }), /end is missing/],
  ['a number that ends early', pack([0x80]), /end is missing/],
  ['times beyond the last count', pack([...BILLION_ZEROS, 2]), /above 24 hours/],
  ['more than can be counted', pack(Array.from({ length: 9 }, () => 0xfe)), /more than 2⁵³ times/],
])('%s is refused', (_, text, message) => {
  expect(() => decodeHistogram(text)).toThrow(message);
  expect(() => decodeHistogram(text)).toThrow(expect.objectContaining({ kind: 'input' }));
});

test('a changed byte is read or refused, and nothing else', () => {
  const whole = Buffer.from(encodeHistogram(fill([[3, 5]]).ours), 'base64');
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
      const changed = Buffer.from(whole);
      changed[at] = byte;
      try {
        expect(decodeHistogram(changed.toString('base64')).total).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toMatchObject({ kind: 'input' });
      }
    }),
  );
});
