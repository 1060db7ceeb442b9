import { expect, test } from 'vitest';
import { AppError } from '../../src/model/error.ts';
import { makeIds, parseUuid, webhookUuidFor, seededRandom, systemRandom } from '../../src/plan/ids.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('a seed gives the same bytes, however they are asked for', () => {
  const whole = seededRandom('hookproof').bytes(100);
  const piecemeal = seededRandom('hookproof');
  const pieces = [1, 31, 33, 0, 35].map((count) => piecemeal.bytes(count));
  expect(hex(Buffer.concat(pieces))).toBe(hex(whole));
  expect(hex(seededRandom('hookproof2').bytes(100))).not.toBe(hex(whole));
});

test("a seed's bytes are pinned: they are part of every golden sample", () => {
  // printf 'hookproof\0\0\0\0\0\0\0\0\0' | sha256sum
  expect(hex(seededRandom('hookproof').bytes(32))).toBe(
    '323c1dd1d7816943d2bfbb8e25dcc9634057c41a8a3c19cfc7c8c8e3d7532743',
  );
});

test('without a seed no two are alike', () => {
  const ids = makeIds(systemRandom());
  const made = Array.from({ length: 1000 }, () => ids.token(16));
  expect(new Set(made).size).toBe(made.length);
});

test('a token has the asked length and only letters and digits', () => {
  const ids = makeIds(seededRandom('token'));
  expect(ids.token(0)).toBe('');
  expect(ids.token(400)).toMatch(/^[a-z0-9]{400}$/);
});

test('uuids have the version and variant of RFC 9562', () => {
  const ids = makeIds(seededRandom('uuid'));
  expect(ids.uuidV4()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.uuidV7(Date.UTC(2025, 10, 27))).toMatch(/^019ac29c-1400-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('uuids of version 7 are pinned: a seed makes the same ones in every version', () => {
  const ids = makeIds(seededRandom('uuid'));
  expect([5, 5, Date.UTC(2025, 10, 27)].map((timeMs) => ids.uuidV7(timeMs))).toEqual([
    '00000000-0005-7376-81f7-4b36a46307a6',
    '00000000-0005-7376-81f7-4f4653451ce9',
    '019ac29c-1400-7369-b816-08a4f1378c42',
  ]);
});

test('uuids of version 7 keep growing within one millisecond and over the next', () => {
  const ids = makeIds(systemRandom());
  const made = [5, 5, 5, 5, 6, 6, 7].flatMap((timeMs) => Array.from({ length: 50 }, () => ids.uuidV7(timeMs)));
  expect(made).toEqual(made.toSorted());
  expect(new Set(made).size).toBe(made.length);
});

test('the uuid of an ad-hoc webhook depends on vendor and URL, and on nothing secret', () => {
  const url = 'https://example.com/hook?a=1';
  const uuid = webhookUuidFor('mail2many', url);
  expect(uuid).toBe('e5034262-7e87-5c8b-9361-5345f01b1819');
  expect(webhookUuidFor('mail2many', 'https://user:password@example.com/hook?a=1')).toBe(uuid);
  expect(webhookUuidFor('mailkite', url)).not.toBe(uuid);
  expect(webhookUuidFor('mail2many', 'https://example.com/hook?a=2')).not.toBe(uuid);
});

test('a URL that cannot be read is a usage error that does not repeat it', () => {
  expect(() => webhookUuidFor('mailkit', '//secret')).toThrow(expect.objectContaining({ kind: 'usage' }));
  expect(() => webhookUuidFor('mailkit', '//secret')).not.toThrow(/secret/);
});

test('a uuid is read in any letter case and version', () => {
  expect(parseUuid('123E4567-e89b-12d3-a456-426614174000')).toBe('123e4567-e89b-12d3-a456-426614174000');
});

test.each([
  '',
  '123',
  '123e4567e89b12d3a456426614174000',
  ' 123e4567-e89b-12d3-a456-426614174000',
  '123e4567-e89b-12d3-a456-42661417400g',
])('"%s" is no uuid', (text) => {
  expect(() => parseUuid(text)).toThrow(AppError);
});
