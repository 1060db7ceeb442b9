import { array, assert, bigInt, constantFrom, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, BITS, type Family, hasAddress, isWithin } from '../../../src/source/address.ts';
import { collapseList, findOverlaps, type ListEntry } from '../../../src/source/list/address-list.ts';
import { readList } from '../../../src/source/list/read-list.ts';

const entriesOf = (text: string): ListEntry[] => readList(text, null).entries;
const collapsed = (text: string): string[] => collapseList(entriesOf(text)).map(({ network }) => network.text);

test.each([
  ['5.5.5.5,5.5.5.4', ['5.5.5.4/31']],
  ['5.5.5.5,5.5.5.6', ['5.5.5.5/32', '5.5.5.6/32']],
  ['5.5.5.0/24,5.5.5.7,5.5.4.0/24,5.5.6.0/23', ['5.5.4.0/22']],
  ['::/1,8000::/1,0.0.0.0/1', ['0.0.0.0/1', '::/0']],
  ['2001:db8::1,5.5.5.5,2001:db8::', ['5.5.5.5/32', '2001:db8::/127']],
])('%s comes to %j', (text, networks) => {
  expect(collapsed(text)).toEqual(networks);
});

test('joined networks keep what was said of both', () => {
  expect(collapseList(entriesOf('5.5.5.4 # one\n5.5.5.5 # two'))).toMatchObject([
    { text: '5.5.5.4/31', comment: 'one, two' },
  ]);
});

/** The last bits of a family, so that networks meet and every address can be asked. */
const SPACE = 6;
const near = (family: Family) =>
  array(
    tuple(
      bigInt({ min: 0n, max: 2n ** BigInt(SPACE) - 1n }),
      integer({ min: BITS[family] - SPACE, max: BITS[family] }),
    ).map(([value, prefixLength]) => `${addressOf(family, BASE[family] + value).text}/${prefixLength}`),
    { maxLength: 20 },
  );
const BASE = { 4: 0x0505_0500n, 6: 0x2a01n << 112n };

test('holds the same addresses, with as few networks as there can be', () => {
  assert(
    property(
      constantFrom<Family>(4, 6).chain((family) => tuple(constantFrom(family), near(family))),
      ([family, texts]) => {
        const entries = entriesOf(texts.join('\n'));
        const fewer = collapseList(entries).map(({ network }) => network);
        const all = Array.from({ length: 2 ** SPACE }, (_, index) => addressOf(family, BASE[family] + BigInt(index)));
        for (const address of all)
          expect(fewer.filter((one) => hasAddress(one, address)).length, address.text).toBe(
            entries.some(({ network }) => hasAddress(network, address)) ? 1 : 0,
          );
        const isHeld = all.map((address) => fewer.some((one) => hasAddress(one, address)));
        expect(fewer).toHaveLength(countBlocks(isHeld));
      },
    ),
  );
});

/** The fewest blocks of a power of two that are held whole. */
function countBlocks(isHeld: readonly boolean[]): number {
  if (isHeld.every((held) => held)) return 1;
  if (!isHeld.some((held) => held)) return 0;
  return countBlocks(isHeld.slice(0, isHeld.length / 2)) + countBlocks(isHeld.slice(isHeld.length / 2));
}

test('an overlap is told of exactly the entries that admit nobody new', () => {
  assert(
    property(near(4), (texts) => {
      const entries = entriesOf(texts.join('\n'));
      const expected = entries.filter((entry, index) =>
        entries.some(
          (other, place) =>
            other !== entry &&
            isWithin(entry.network, other.network) &&
            (other.network.text !== entry.network.text || place < index),
        ),
      );
      const overlaps = findOverlaps(entries);
      expect(overlaps.map(({ entry }) => entry)).toEqual(expected);
      for (const { entry, by, isDuplicate } of overlaps)
        expect([isWithin(entry.network, by.network), entry.network.text === by.network.text]).toEqual([
          true,
          isDuplicate,
        ]);
    }),
  );
});
