import { expect, test } from 'vitest';
import { readPeer } from '../../src/source/address.ts';
import { readList } from '../../src/source/list/read-list.ts';
import { findSpecial, noteOnAddress, SPECIAL_NETWORKS } from '../../src/source/special-networks.ts';

const special = (text: string): string | null => {
  const entry = readList(text, null).entries[0] ?? expect.fail(text);
  const found = findSpecial(entry.network);
  return found === null ? null : `${found.kind} ${found.rfc}`;
};

test.each([
  ['192.0.2.0/24', 'documentation RFC 5737'],
  ['198.51.100.1', 'documentation RFC 5737'],
  ['203.0.113.255', 'documentation RFC 5737'],
  ['172.31.255.255', 'private RFC 1918'],
  ['172.32.0.0', null],
  ['100.127.0.1', 'private RFC 6598'],
  ['100.128.0.1', null],
  ['255.255.255.255', 'unroutable RFC 919'],
  ['255.255.255.254', 'unroutable RFC 1112'],
  ['239.1.1.1', 'unroutable RFC 1112'],
  ['::1', 'unroutable RFC 4291'],
  ['fd00::1', 'private RFC 4193'],
  ['fe80::1', 'unroutable RFC 4291'],
  ['2001:db8::/32', 'documentation RFC 3849'],
  ['2001:4860::1', null],
  ['192.0.0.0/8', null],
  ['0.0.0.0/0', null],
  ['185.136.200.0/22', null],
])('%s: %s', (text, expected) => {
  expect(special(text)).toBe(expected);
});

test('none is hidden behind a wider one that comes first', () => {
  for (const one of SPECIAL_NETWORKS) expect(findSpecial(one.network)).toBe(one);
});

const peer = (text: string) => {
  const address = readPeer(text);
  if (address === null) throw new Error(`${text} is not an address`);
  return address;
};

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
