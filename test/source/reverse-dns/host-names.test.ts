import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { readPeer } from '../../../src/source/address.ts';
import { arpaName, chooseNames, readSuffix } from '../../../src/source/reverse-dns/host-names.ts';

const peer = (text: string) => {
  const address = readPeer(text);
  if (address === null) throw new Error(`${text} is not an address`);
  return address;
};

test.each<[record: string, matches: boolean]>([
  ['out1.mail-plus.com', true],
  ['a.b.mail-plus.com', true],
  ['X.MAIL-PLUS.COM.', true],
  ['mail-plus.com', true],
  ['evilmail-plus.com', false],
  ['tempmail-plus.com', false],
  ['x.evilmail-plus.com', false],
  ['mail-plus.com.example', false],
  ['mail-plus.org', false],
  ['plus.com', false],
  [String.raw`x\.mail-plus.com`, false],
  ['.mail-plus.com', false],
  ['x..mail-plus.com', false],
  [`${'a'.repeat(64)}.mail-plus.com`, false],
  [`${'a.'.repeat(125)}mail-plus.com`, false],
  ['', false],
])('the name %j is one of mail-plus.com: %s', (record, matches) => {
  expect(chooseNames([record], 'mail-plus.com').matching).toHaveLength(matches ? 1 : 0);
});

test('a name that matches is the suffix, or ends with a dot and the suffix', () => {
  assert(
    property(string(), (before) => {
      for (const name of chooseNames([`${before}mail-plus.com`], 'mail-plus.com').matching)
        expect(name === 'mail-plus.com' || /^([a-z0-9_-]+\.)+mail-plus\.com$/.test(name)).toBe(true);
    }),
  );
});

test('a name counts once, however it is written, and an eleventh not at all', () => {
  const many = Array.from({ length: 11 }, (_, index) => `h${index}.example`);
  expect(chooseNames(['A.example', 'a.example.', ...many], 'example')).toMatchObject({
    names: ['a.example', ...many.slice(0, 9)],
    leftOut: 2,
  });
});

test.each([
  ['192.0.2.10', '10.2.0.192.in-addr.arpa'],
  ['::ffff:192.0.2.10', '10.2.0.192.in-addr.arpa'],
  ['2001:db8::567:89ab', 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
])('the PTR of %s is at %s', (text, name) => {
  expect(arpaName(peer(text))).toBe(name);
});

test.each<[text: string, suffix: string | null]>([
  ['mail-plus.com', 'mail-plus.com'],
  ['*.Mail-Plus.COM.', 'mail-plus.com'],
  ['.mail-plus.com', 'mail-plus.com'],
  ['münchen.example', 'xn--mnchen-3ya.example'],
  ['internal', 'internal'],
  ['', null],
  ['.', null],
  ['a..b', null],
  ['192.0.2.1', null],
  ['mail plus.com', null],
])('the suffix %j is %j', (text, suffix) => {
  expect(readSuffix(text)).toBe(suffix);
});
