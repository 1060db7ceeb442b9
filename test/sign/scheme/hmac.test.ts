import { createHmac, createSecretKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { hmacText } from '../../../src/sign/scheme/hmac.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length).map((_, index) => (index * 7 + length) % 256);

/** Around the block and the digest of each hash. */
const KEY_BYTES = [1, 16, 20, 32, 63, 64, 65, 127, 128, 129, 1000];
const MESSAGES = [[], [0], [1], [63, 1], [64], [300, 0, 55], [64 * 1024], [64 * 1024, 1], [200_000]];

test.each(['md5', 'sha1', 'sha256', 'sha384', 'sha512'])(
  'hmac-%s is that of Node for every key and message',
  (name) => {
    for (const keyBytes of KEY_BYTES) {
      const key = createSecretKey(bytes(keyBytes));
      for (const lengths of MESSAGES) {
        const message = lengths.map(bytes);
        const whole = Buffer.concat(message);
        for (const encoding of ['hex', 'base64'] as const)
          expect([keyBytes, lengths, hmacText(name, key, message, encoding)]).toEqual([
            keyBytes,
            lengths,
            createHmac(name, key).update(whole).digest(encoding),
          ]);
      }
    }
  },
);

test('one key serves several hashes', () => {
  const key = createSecretKey(bytes(70));
  for (const name of ['sha1', 'sha512', 'sha1'])
    expect(hmacText(name, key, [bytes(9)], 'hex')).toBe(createHmac(name, key).update(bytes(9)).digest('hex'));
});
