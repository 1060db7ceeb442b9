import { array, assert, bigInt, constantFrom, integer, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, BITS, readAddress, type Address, type Family, hasAddress } from '../../../src/source/address.ts';
import { type ListEntry, makeMatcher } from '../../../src/source/list/address-list.ts';
import { readList } from '../../../src/source/list/read-list.ts';

const entriesOf = (text: string): ListEntry[] => readList(text, null).entries;
const address = (text: string): Address => readAddress(text) ?? expect.fail(`${text} is not an address`);

test.each([
  ['192.0.2.133', '192.0.2.132/30'],
  ['192.0.2.136', '192.0.2.0/24'],
  ['192.0.3.1', undefined],
  ['198.51.100.7', '198.51.100.7'],
  ['2001:db8::7', '2001:db8::/32'],
  ['::ffff:192.0.2.133', undefined],
  ['::c000:285', undefined],
])('%s is held by %s', (text, entry) => {
  const match = makeMatcher(entriesOf('192.0.2.0/24\n192.0.2.132/30\n198.51.100.7\n2001:db8::/32'));
  expect(match(address(text))?.text).toBe(entry);
});

test('of twins the first answers', () => {
  expect(makeMatcher(entriesOf('192.0.2.0/24 # one\n192.0.2.9/24 # two'))(address('192.0.2.1'))?.comment).toBe('one');
});

test('a network that is the whole family holds that family alone', () => {
  const match = makeMatcher(entriesOf('0.0.0.0/0'));
  expect(['255.255.255.255', '0.0.0.0', '::'].map((text) => match(address(text)) !== null)).toEqual([
    true,
    true,
    false,
  ]);
});

/** Few different bits, so that networks meet. */
const near = constantFrom<Family>(4, 6).chain((family) =>
  tuple(bigInt({ min: 0n, max: 63n }), integer({ min: 0, max: 6 })).map(([bits, above]) => ({
    address: addressOf(family, ((bits % 4n) << BigInt(BITS[family] - 2)) | (bits >> 2n)),
    prefixLength: constantLength(family, above),
  })),
);
const constantLength = (family: Family, above: number): number => (above < 3 ? above : BITS[family] + above - 6);

test('answers as a search through all entries does', () => {
  let held = 0;
  assert(
    property(array(near, { maxLength: 12 }), array(near, { minLength: 1 }), (networks, asked) => {
      const entries = entriesOf(networks.map((one) => `${one.address.text}/${one.prefixLength}`).join('\n'));
      const match = makeMatcher(entries);
      for (const one of asked) {
        const expected =
          entries
            .filter(({ network }) => hasAddress(network, one.address))
            .toSorted((a, b) => b.network.prefixLength - a.network.prefixLength)[0] ?? null;
        if (expected !== null) held += 1;
        expect(match(one.address)).toBe(expected);
      }
    }),
  );
  expect(held).toBeGreaterThan(20);
});
