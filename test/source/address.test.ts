import { assert, bigInt, property } from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, readAddress, readPeer, hasAddress, networkAround } from '../../src/source/address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:c000:201', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['::', '::'],
])('the peer %s is %s', (text, canonical) => {
  expect(readPeer(text)?.text).toBe(canonical);
});

// Each of them is another address to some program, or an address to one and none to the next.
test.each([
  '',
  ' 192.0.2.1',
  '010.0.0.1',
  '10.1',
  '192.0.2.',
  '0x7f.0.0.1',
  '2130706433',
  '192.0.2.256',
  '::1.2.3.4',
  '1::2::3',
  '192.0.2.1/32',
  '[::1]',
  '192.0.2.1:80',
  '１９２.0.2.1',
  'localhost',
  '::ffff:010.0.0.1',
])('%j is not an address', (text) => {
  expect(readPeer(text)).toBeNull();
});

test('an IPv4 address within IPv6 stays IPv6 where it stands in a list', () => {
  expect(readAddress('::ffff:192.0.2.1')).toMatchObject({ family: 6 });
});

test('an address that was written reads as itself', () => {
  assert(
    property(bigInt({ min: 0n, max: 2n ** 128n - 1n }), (value) => {
      expect(readAddress(addressOf(6, value).text)).toEqual(addressOf(6, value));
    }),
  );
  assert(
    property(bigInt({ min: 0n, max: 2n ** 32n - 1n }), (value) => {
      expect(readAddress(addressOf(4, value).text)).toEqual(addressOf(4, value));
    }),
  );
});

test('a network reaches from its first address to its last', () => {
  const network = networkAround(addressOf(4, 0xc0_00_02_85n), 30);
  expect(network).toMatchObject({
    text: '192.0.2.132/30',
    first: { text: '192.0.2.132' },
    last: { text: '192.0.2.135' },
  });
  expect(
    ['192.0.2.131', '192.0.2.132', '192.0.2.135', '192.0.2.136', '::ffff:192.0.2.133'].map((text) =>
      hasAddress(network, readAddress(text) ?? addressOf(4, 0n)),
    ),
  ).toEqual([false, true, true, false, false]);
});

test('IPv6 is written as URLs write it (RFC 5952), and read back from every form', () => {
  const zeros = Array.from({ length: 256 }, (_, bits) =>
    Array.from({ length: 8 }, (_unused, at) => ((bits >> at) & 1 ? 0 : 0x10f + at)),
  );
  const wrong = zeros.flatMap((groups) => {
    const [short, full] = [0, 4].map((width) =>
      groups.map((group) => group.toString(16).padStart(width, '0')).join(':'),
    );
    const written = new URL(`http://[${short}]`).hostname.slice(1, -1);
    const read = [short, full, full?.toUpperCase(), written].map((text) => readAddress(text ?? '')?.text);
    return read.every((text) => text === written) ? [] : [written, ...read];
  });
  expect(wrong).toEqual([]);
});
