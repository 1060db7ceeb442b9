import { expect, test } from 'vitest';
import {
  escapeUnseenBytes,
  exactNumber,
  hasMoreValues,
  shortenTexts,
  listRepeatedKeys,
  parseExactly,
  writeJsonText,
  type JsonPath,
} from '../../src/model/json.ts';

const MIB = 1024 * 1024;

test.each<[what: string, text: string, isMore: boolean]>([
  ['a hundred values', JSON.stringify(Array.from({ length: 98 }, () => 1)), false],
  ['more than a hundred', JSON.stringify(Array.from({ length: 101 }, () => 1)), true],
  ['keys', JSON.stringify(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [index, ''])), null, 2), true],
  ['lists in lists', '['.repeat(200), true],
  ['a long text with what parts values in it', JSON.stringify({ a: ',[{,\\",'.repeat(1000) }), false],
  ['a text that never ends', `{"a":"${',{['.repeat(200)}\\`, false],
  ['nothing', '', false],
])('%s', (_, text, isMore) => {
  expect(hasMoreValues(Buffer.from(text), 100)).toBe(isMore);
});

test('a mail of 25 MiB in one text is few values', () => {
  expect(
    hasMoreValues(
      Buffer.concat([Buffer.from('{"a":1,"raw":"'), Buffer.alloc(25 * MIB, ',\\"'), Buffer.from('"}')]),
      1000,
    ),
  ).toBe(false);
});

test('what is not seen is written in escapes, in text and in bytes, and means the same', () => {
  const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('');
  const text = writeJsonText({ all });
  expect(text).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u);
  expect(JSON.parse(text)).toEqual({ all });
  expect(Buffer.from(escapeUnseenBytes(Buffer.from(JSON.stringify({ all })))).toString()).toBe(text);
  const plain = Buffer.from('{"name":"Zoë – 漢字"}');
  expect(escapeUnseenBytes(plain)).toBe(plain);
});

test.each<[json: string, paths: JsonPath[]]>([
  ['{"a":1,"b":{"a":2}}', []],
  ['{"a":1,"a":2}', [['a']]],
  ['{"a":1,"\\u0061":2}', [['a']]],
  ['[{"a":1},{"a":[0,{"b":"a","c":{},"b":"b"}]}]', [[1, 'a', 1, 'b']]],
  ['{"a":"{\\"a\\":1,\\"a\\":2}","b":["a","a"]}', []],
  ['{"__proto__":1,"__proto__":2}', [['__proto__']]],
  ['{"a":{"x":1,"x":1},"a":{"x":1,"x":1}}', [['a', 'x'], ['a'], ['a', 'x']]],
  ['["a","a"]', []],
])('the repeated keys of %s', (json, paths) => {
  JSON.parse(json);
  expect(listRepeatedKeys(json)).toEqual(paths);
});

test('JSON a million levels deep has its repeated keys found', () => {
  expect(listRepeatedKeys(`${'['.repeat(1_000_000)}{"a":1,"a":2}`)).toHaveLength(1);
});

// As of an attachment. A regular expression would keep a place to return to for each of its characters.
test.each(['x', '\\n', '\\"'])('a text of 16 MiB of %s is passed over', (part) => {
  const json = `{"text":"${part.repeat((16 * MIB) / part.length)}","id":12345678901234567890,"id":2.0}`;
  expect(listRepeatedKeys(json)).toEqual([['id']]);
  expect(parseExactly(json, '#')).toMatchObject({ id: '#2' });
});

// Whoever searches for those at its end from each of its zeros needs time by the square of their number.
test('a number of a million zeros within is read in one pass', () => {
  const number = `1${'0'.repeat(MIB)}1`;
  expect(exactNumber(`${number}.0`) === number).toBe(true);
});

const LONG = 64 * 1024;

test('of long texts the beginning is kept, and the rest of the JSON as it is', () => {
  const long = `${'ü€𝄞\\"\\u00e9'.repeat(LONG / 4)}`;
  const json = Buffer.from(`{"a":"${long}","b":[1,"x",{"c":"${long}"}],"d":"\\"","${long}":null}`);
  const short = shortenTexts(json);
  expect(short.length).toBeLessThan(4 * LONG);
  const value = JSON.parse(Buffer.from(short).toString()) as { a: string; b: unknown[]; d: string };
  expect(value).toMatchObject({ b: [1, 'x', { c: value.a }], d: '"' });
  expect((JSON.parse(json.toString()) as { a: string }).a.startsWith(value.a)).toBe(true);
  expect(value.a.length).toBeGreaterThan(LONG / 4);
});

const text = 'a'.repeat(2 * LONG);
test.each<[what: string, json: string | Uint8Array]>([
  ['an escape that is none', `{"a":"${text}\\x"}`],
  ['half an escape', `{"a":"${text}\\u12g4"}`],
  ['a control character', `{"a":"${text}\n"}`],
  ['no end', `{"a":"${text}`],
  ['no end behind a backslash', `{"a":"${text}\\`],
  ['bytes that are no UTF-8', Buffer.concat([Buffer.from(`{"a":"${text}`), Buffer.from([0xff, 0x22, 0x7d])])],
  ['texts that are short', '{"a":"b"}'],
  ['no text', '[1,2]'],
  ['nothing', ''],
])('%s: left as it is', (_, json) => {
  const bytes = Buffer.from(json as string);
  expect(shortenTexts(bytes)).toBe(bytes);
});

test.each([`{"a":"${text}"`, `"${text}"x`, `["${text}",]`])(
  'what is no JSON, as %.3s, is none without its rest',
  (json) => {
    const short = Buffer.from(shortenTexts(Buffer.from(json))).toString();
    expect(() => JSON.parse(short) as unknown).toThrow(SyntaxError);
  },
);
