import { array, assert, bigInt, constantFrom, integer, oneof, property, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, BITS, type Family, networkAround } from '../../../src/source/address.ts';
import type { ListEntry } from '../../../src/source/list/address-list.ts';
import { readEverywhere, REFUSES } from '../../../src/source/list/read-as.ts';
import { readEntry, readList } from '../../../src/source/list/read-list.ts';

const networksOf = (text: string): string[] => readList(text, 'list').entries.map(({ network }) => network.text);

test.each([
  ['an address', '192.0.2.1', ['192.0.2.1/32']],
  ['CIDR', '192.0.2.0/24', ['192.0.2.0/24']],
  ['address/netmask', '192.0.2.0/255.255.255.0', ['192.0.2.0/24']],
  ['the widest and the narrowest mask', '0.0.0.0/0.0.0.0,192.0.2.1/255.255.255.255', ['0.0.0.0/0', '192.0.2.1/32']],
  ['IPv6', '2001:DB8::1\n2001:0db8::/32', ['2001:db8::1/128', '2001:db8::/32']],
  ['host bits', '192.0.2.5/24', ['192.0.2.0/24']],
  ['comments and blank lines', '# ours\n\n192.0.2.1 # one\n   \n#', ['192.0.2.1/32']],
  [
    'several on a line',
    '192.0.2.1, 192.0.2.2 192.0.2.3,\t192.0.2.4,',
    ['192.0.2.1/32', '192.0.2.2/32', '192.0.2.3/32', '192.0.2.4/32'],
  ],
  [
    'other ends of lines and a mark of byte order',
    '\ufeff192.0.2.1\r\n192.0.2.2\r192.0.2.3',
    ['192.0.2.1/32', '192.0.2.2/32', '192.0.2.3/32'],
  ],
  ['nothing', '', []],
])('reads %s', (_, text, networks) => {
  const list = readList(text, 'list');
  expect(list.problems).toEqual([]);
  expect(list.entries.map(({ network }) => network.text)).toEqual(networks);
});

test('tells where an entry stands, how it was written, and what was said of it', () => {
  const { entries, remarks } = readList('# Mailkit\n\n185.136.201.0/22 # their network', 'allow.txt');
  expect(entries).toMatchObject([
    {
      file: 'allow.txt',
      line: 3,
      text: '185.136.201.0/22',
      form: 'prefix',
      hasHostBits: true,
      comment: 'their network',
    },
  ]);
  expect(remarks).toEqual([{ line: 1, text: 'Mailkit' }]);
});

test.each([
  ['10.1', 'four numbers'],
  ['10.1/16', 'four numbers'],
  ['192.0.2.', 'four numbers'],
  ['192.0.2.256', 'above 255'],
  ['010.0.0.1', 'leading zero'],
  ['010.0.0.0/8', 'leading zero'],
  ['0x0a.0.0.1', 'not an address'],
  ['192.0.2.0/', 'nothing after the slash'],
  ['192.0.2.0/-1', 'prefix length or a netmask'],
  ['192.0.2.0/+24', 'prefix length or a netmask'],
  ['192.0.2.0/024', 'leading zero'],
  ['192.0.2.0/33', 'at most 32 bits'],
  ['192.0.2.0/255.0.255.0', 'not contiguous'],
  ['192.0.2.0/0.0.0.255', 'not contiguous'],
  ['192.0.2.0/255.255.255', 'prefix length or a netmask'],
  ['2001:db8::/129', 'at most 128 bits'],
  ['2001:db8::/255.255.0.0', 'netmask after'],
  ['2001:db8::/ffff::', 'prefix length after the slash'],
  ['::ffff:192.0.2.1', 'some programs read as 192.0.2.1'],
  ['::ffff:c000:201', 'some programs read as 192.0.2.1'],
  ['::ffff:0:0/96', 'some programs read as 0.0.0.0'],
  ['::1.2.3.4', 'write ::102:304'],
  ['64:ff9b::192.0.2.1', 'write 64:ff9b::c000:201'],
  ['fe80::1%eth0', 'zone'],
  ['[2001:db8::1]', 'brackets'],
  ['192.0.2.1:443', 'not an address'],
  ['192.0.2.1-192.0.2.9', 'not an address'],
  ['192.0.2.*', 'not an address'],
  ['mail-plus.com', 'not an address'],
  ['１９２.0.2.1', 'not an address'],
])('refuses %s', (text, reason) => {
  expect(readList(`192.0.2.9\n${text}`, 'allow.txt')).toMatchObject({
    entries: [{ line: 1 }],
    problems: [{ file: 'allow.txt', line: 2, text, reason: expect.stringContaining(reason) }],
  });
});

test.each([
  ['192.0.2.0 255.255.255.0', 'write 192.0.2.0/255.255.255.0'],
  ['10.0.0.1, 192.0.2.0\t0.0.0.255', 'write 192.0.2.0/0.0.0.255'],
  ['192.0.2.0 /24', 'no spaces'],
  ['192.0.2.0/ 24', 'no spaces'],
  ['192.0.2.0 - 192.0.2.9', 'no spaces'],
  ['192.0.2.1; office', 'semicolon'],
  ['; office', 'semicolon'],
])('refuses the line %s as a whole', (line, reason) => {
  expect(readList(line, 'allow.txt')).toMatchObject({
    entries: [],
    problems: [{ line: 1, reason: expect.stringMatching(new RegExp(reason, 'i')) }],
  });
});

const refusedReadings = (text: string): Record<string, string> =>
  Object.fromEntries(
    (readList(text, null).problems[0]?.readings ?? []).map(({ program, reading }) => [program, reading]),
  );

test('a refused text comes with what each program makes of it', () => {
  expect(refusedReadings('010.0.0.1')).toEqual({
    nginx: '10.0.0.1',
    Apache: '10.0.0.1',
    'Node BlockList': REFUSES,
    'ipaddr.js': '8.0.0.1',
    netmask: '8.0.0.1',
  });
  expect(refusedReadings('10.1')).toEqual({
    nginx: REFUSES,
    Apache: '10.1.0.0/16',
    'Node BlockList': REFUSES,
    'ipaddr.js': '10.0.0.1',
    netmask: '10.0.0.1',
  });
  expect(refusedReadings('mail-plus.com')).toEqual({});
});

test('problems end at the hundredth, long texts are cut', () => {
  const { problems } = readList(`${'x '.repeat(300)}\n${'9'.repeat(5000)}`, null);
  expect(problems).toHaveLength(100);
  expect(readList('9'.repeat(5000), null).problems[0]?.text).toHaveLength(101);
});

test('more than a hundred thousand entries are a problem', () => {
  expect(readList('5.5.5.5\n'.repeat(100_000), null).problems).toEqual([]);
  expect(readList(`10.1\n${'5.5.5.5\n'.repeat(150_000)}`, null).problems).toMatchObject([
    { line: 1 },
    { line: 100_002, reason: 'more than 100000 entries' },
  ]);
});

test.each([
  ['192.0.2.1', true],
  [' 192.0.2.0/24 ', true],
  ['192.0.2.1,192.0.2.2', false],
  ['192.0.2.1 # one', false],
  ['', false],
  ['10.1', false],
  ['a\nb', false],
])('%j alone is an entry: %s', (text, isEntry) => {
  expect('network' in readEntry(text)).toBe(isEntry);
});

const network = constantFrom<Family>(4, 6)
  .chain((family) =>
    tuple(bigInt({ min: 0n, max: 2n ** BigInt(BITS[family]) - 1n }), integer({ min: 0, max: BITS[family] })).map(
      ([value, prefixLength]) => networkAround(addressOf(family, value), prefixLength),
    ),
  )
  .filter(({ first }) => first.family === 4 || first.value >> 32n !== 0xffffn);

test('every network reads as itself', () => {
  assert(
    property(array(network), (networks) => {
      expect(networksOf(networks.map(({ text }) => text).join('\n'))).toEqual(networks.map(({ text }) => text));
    }),
  );
});

/** Texts that are an address, nearly. */
const piece = oneof(
  constantFrom('0', '1', '10', '010', '192', '255', '256', '0xa', 'ffff', 'db8', '2001', '00'),
  integer({ min: 0, max: 40 }).map(String),
);
const nearlyAddress = array(tuple(piece, constantFrom('.', '.', '.', ':', '::', '/', '/', ' ', '')), {
  minLength: 1,
  maxLength: 9,
}).map((parts) =>
  parts
    .flat()
    .join('')
    .replace(/[./: ]$/, (end) => (parts.length % 2 ? end : '')),
);

test('nothing that is accepted means two networks to two programs', () => {
  let accepted = 0;
  assert(
    property(
      oneof(
        nearlyAddress,
        network.map(({ text }) => text),
        string({ unit: constantFrom(...'0125.:/f') }),
      ),
      (text) => {
        const { entries, problems } = readList(text, null);
        if (problems.length === 0) accepted += entries.length;
        for (const entry of entries)
          expect(new Set(readingsOf(entry)), entry.text).toEqual(new Set([canonical(entry)]));
      },
    ),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(500);
});

const canonical = ({ network: { text, first, family, prefixLength } }: ListEntry): string =>
  prefixLength === BITS[family] ? first.text : text;

/** Of the programs that take it. That one refuses a text outright tells its user. */
function readingsOf(entry: ListEntry): string[] {
  return [
    ...readEverywhere(entry.text)
      .map(({ reading }) => reading)
      .filter((reading) => reading !== REFUSES),
    canonical(entry),
  ];
}
