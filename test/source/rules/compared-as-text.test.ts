import { assert, constantFrom, integer, property, tuple, array } from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, hasAddress } from '../../../src/source/address.ts';
import { findAddress, networksOfExpression } from '../../../src/source/rules/compared-as-text.ts';

const ALONE = { before: '', after: '' };

const networks = (source: string, family: 4 | 6 = 4, around = ALONE): string[] | null =>
  networksOfExpression(source, false, around, family)?.map(({ text }) => text) ?? null;

test.each<[source: string, found: string[] | null]>([
  [String.raw`^185\.136\.20[0-3]\.`, ['185.136.200.0/22']],
  [String.raw`^185\.136\.(200|203)\.`, ['185.136.200.0/24', '185.136.203.0/24']],
  ['^185', ['185.0.0.0/8']],
  ['^18', ['18.0.0.0/8', '180.0.0.0/6', '184.0.0.0/6', '188.0.0.0/7']],
  [String.raw`^18[56]\.136\.`, ['185.136.0.0/16', '186.136.0.0/16']],
  [String.raw`^185\.136\.200\.25$`, ['185.136.200.25/32']],
  [String.raw`^185\.136\.200\.25`, ['185.136.200.25/32', '185.136.200.250/31', '185.136.200.252/30']],
  [String.raw`^10\.\d{1,2}\.0\.`, expect.arrayContaining(['10.0.0.0/24', '10.99.0.0/24']) as unknown as string[]],
  ['^', ['0.0.0.0/0']],
  [String.raw`^\d+\.`, ['0.0.0.0/0']],
  ['^999', []],
  ['2001:', []],
  [String.raw`^185\.136\.200\.0(?=x)`, null],
  [String.raw`^(1)\1\.`, null],
  [String.raw`^185\b`, null],
  [String.raw`\.5$`, null],
  ['^[[:constructor:]]', null],
])('%s is found in %j', (source, found) => {
  expect(networks(source)).toEqual(found);
});

test.each<[source: string, found: string[] | null]>([
  ['^2001:db8:', ['2001:db8::/32']],
  ['^2001:db8::1$', ['2001:db8::1/128']],
  [String.raw`^185\.`, []],
  ['^127', []],
  ['^::1$', ['::1/128']],
  ['^::', ['::1/128']],
  ['^.', []],
  ['^2', null],
])('%s is found in these of IPv6: %j', (source, found) => {
  expect(networks(source, 6)).toEqual(found);
});

test('what stands around the address counts', () => {
  const around = { before: '/hook ', after: ' x' };
  expect(networks('^185', 4, around)).toEqual([]);
  expect(networks(String.raw`^/hook 185\.`, 4, around)).toEqual(['185.0.0.0/8']);
  expect(networks(String.raw` 185\.136\.200\.1 x$`, 4, around)).toEqual(['185.136.200.1/32']);
  expect(findAddress('::ffff:192.0.2.1', addressOf(4, 0xc0_00_02_01n))).toEqual({ before: '::ffff:', after: '' });
});

const OCTET = integer({ min: 0, max: 255 });
const PIECE = constantFrom('1', '2', '8', '0', '5', '[0-3]', '[^5]', String.raw`\d`, '.', '(1|20|3)', '(?:5|)');
const QUANTIFIED = tuple(PIECE, constantFrom('', '', '?', '*', '+', '{2}', '{1,2}')).map((parts) => parts.join(''));
const EXPRESSION = tuple(
  constantFrom('', '^'),
  array(
    tuple(QUANTIFIED, constantFrom('', String.raw`\.`, '[.]')).map((parts) => parts.join('')),
    { maxLength: 4 },
  ),
  constantFrom('', '$'),
).map(([begin, parts, end]) => `${begin}${parts.join('')}${end}`);

test('of every expression the networks hold the addresses that it is found in, and no other', () => {
  assert(
    property(EXPRESSION, array(tuple(OCTET, OCTET, OCTET, OCTET), { minLength: 20, maxLength: 20 }), (source, all) => {
      const found = networksOfExpression(source, false, ALONE, 4);
      if (found === null) return;
      for (const octets of all) {
        const text = octets.join('.');
        const address = addressOf(4, BigInt(octets.reduce((value, octet) => value * 256 + octet, 0)));
        expect([text, found.some((network) => hasAddress(network, address))]).toEqual([
          text,
          new RegExp(source).test(text),
        ]);
      }
    }),
    { numRuns: 100 },
  );
});
