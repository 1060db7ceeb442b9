import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { readPeer, readFirstColumn } from '../../../src/source/address.ts';
import { noteOnAddress } from '../../../src/source/list/special-networks.ts';
import { arpaName, chooseNames, readSuffix } from '../../../src/source/reverse-dns/host-names.ts';
import { readResolver } from '../../../src/source/reverse-dns/ask-dns.ts';

const peer = (text: string) => {
  const address = readPeer(text);
  if (address === null) throw new Error(`${text} is no address`);
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

test.each<[text: string, address: string | null]>([
  ['192.0.2.53', '192.0.2.53:53'],
  ['127.0.0.1:5353', '127.0.0.1:5353'],
  ['2001:db8::53', '[2001:db8::53]:53'],
  ['[::1]:5353', '[::1]:5353'],
  ['[::1]', '[::1]:53'],
  ['192.0.2.53:99999', null],
  ['192.0.2.53:0', null],
  ['192.0.2.53:', null],
  ['[192.0.2.53]:53', null],
  ['localhost:5353', null],
  ['dns.example', null],
  ['', null],
])('the DNS server %j is %j', (text, address) => {
  expect(readResolver(text)).toBe(address);
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

test.each<[address: string, note: RegExp | null]>([
  ['127.0.0.1', /^in 127\.0\.0\.0\/8, loopback/],
  ['10.0.0.5', /^in 10\.0\.0\.0\/8, private use \(RFC 1918\)/],
  ['fd00::1', /unique local/],
  ['fe80::1%eth0', /link-local/],
  ['100.64.0.1', /CGNAT/],
  ['185.136.200.7', null],
  ['192.0.2.1', null],
  ['2001:4860::1', null],
])('what to know of %s', (address, note) => {
  const said = noteOnAddress(peer(address));
  if (note === null) expect(said).toBeNull();
  else expect(said).toMatch(note);
});

async function columns(...chunks: (string | Uint8Array)[]): Promise<unknown[]> {
  const lines: unknown[] = [];
  const source = (async function* () {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  })();
  for await (const batch of readFirstColumn(source)) lines.push(...batch.map(({ line, text }) => [line, text]));
  return lines;
}

test('the first column of each line, whatever the chunks', async () => {
  const log = '\ufeff192.0.2.1 - - [x] "POST /hook"\r\n\n# comment\n 2001:db8::1,200\n192.0.2.2;x\n192.0.2.3';
  const expected = [
    [1, '192.0.2.1'],
    [4, '2001:db8::1'],
    [5, '192.0.2.2'],
    [6, '192.0.2.3'],
  ];
  expect(await columns(log)).toEqual(expected);
  expect(await columns(...Array.from(Buffer.from(log), (byte) => Uint8Array.of(byte)))).toEqual(expected);
});

test.each([
  ['203.0.113.9:4711', '203.0.113.9'],
  ['[2001:db8::5]:443', '2001:db8::5'],
  ['[2001:db8::5]', '2001:db8::5'],
  ['[fe80::1%eth0]:80', 'fe80::1%eth0'],
  ['[::ffff:192.0.2.1]:80', '::ffff:192.0.2.1'],
  ['2001:db8::5:443', '2001:db8::5:443'],
  ['::ffff:192.0.2.1:80', '::ffff:192.0.2.1:80'],
  ['203.0.113.9:65536', '203.0.113.9:65536'],
  ['203.0.113.9:', '203.0.113.9:'],
  ['203.0.113.9:80:80', '203.0.113.9:80:80'],
  ['[203.0.113.9', '[203.0.113.9'],
  ['10.1:80', '10.1:80'],
  ['host.example:80', 'host.example:80'],
])('address and port: %s', async (text, expected) => {
  expect(await columns(`${text} [22/Nov/2026] "POST /hook"\n${text}`)).toEqual([
    [1, expected],
    [2, expected],
  ]);
});

test('a line without an end is kept no longer than an address could be', async () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const [[, text], next] = (await columns(megabyte, megabyte, '\n192.0.2.1\n')) as [[number, string], unknown];
  expect(text.length).toBeLessThan(2 * 1024 * 1024);
  expect(next).toEqual([2, '192.0.2.1']);
});
