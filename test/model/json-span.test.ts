import { assert, constantFrom, dictionary, jsonValue, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonSpan, listJsonMembers, readJsonText, readJsonTexts } from '../../src/model/json-span.ts';

/** With nothing behind it: what reads on would throw. */
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

test.each<[what: string, body: string, path: string, text: string | null]>([
  ['a text without its escapes', '{"a":"x\\"\\u00fc"}', 'a', 'x"ü'],
  ['a number as it is written', '{"a":19421777835146490}', 'a', '19421777835146490'],
  ['a value further down', '{"b":{"a":1},"a":{"b":[0,{"c":true}]}}', 'a.b.1.c', 'true'],
  ['of a key that repeats the last', '{"a":1,"a":2}', 'a', '2'],
  ['an escaped key', '{"\\u0061":1}', 'a', '1'],
  ['a key like __proto__', '{"__proto__":{"a":1}}', '__proto__.a', '1'],
  ['a key that every object has', '{"a":1}', 'constructor', null],
  ['a byte order mark before it', '\ufeff {"a":1}', 'a', '1'],
  ['nothing where a value belongs', '{"a":}', 'a', null],
  ['a key that breaks off', '{"abc', 'abc', null],
  ['a key that ends in a backslash', '{"abc\\', 'abc', null],
  ['a text that breaks off', '{"a":"b', 'a', null],
  ['no end', '{"a":1', 'a', '1'],
  ['no comma', '{"a":1 "b":2}', 'b', null],
  ['a list that is closed wrongly', '[}', '1', null],
  ['an index that is none', '[1,2]', '-1', null],
  ['depth', `{"a":${'['.repeat(500_000)}`, 'b', null],
  ['nothing', '', 'a', null],
])('%s', (_, body, path, text) => {
  expect(readJsonText(bytes(body), path)).toBe(text);
  expect(readJsonTexts(bytes(body), ['no', path, `${path}.no`]).get(path) ?? null).toBe(text);
});

test('of many paths at once the same texts as of one after the other', () => {
  const body = bytes('{"a":{"b":1,"c":{"d":[{"e":"x"},{"e":"y"}]},"b":2},"f":null,"a.b":3,"a":{"b":4,"c":5}}');
  const paths = ['f', 'a.b', 'a', 'a.c', 'a.c.d.1.e', 'a.b.c', ''];
  const texts = readJsonTexts(body, paths);
  expect(paths.map((path) => texts.get(path) ?? null)).toEqual(paths.map((path) => readJsonText(body, path)));
});

test('of any JSON the same values as a parser finds', () => {
  assert(
    property(dictionary(string(), jsonValue(), { maxKeys: 8 }), constantFrom(0, 2), (value, indent) => {
      const body = bytes(JSON.stringify(value, null, indent));
      const members = [...listJsonMembers(body)].map(([key, { start, end }]) => [
        key,
        JSON.parse(Buffer.from(body.subarray(start, end)).toString()),
      ]);
      expect(members).toEqual(Object.entries(JSON.parse(JSON.stringify(value)) as object));
    }),
  );
});

test('a path of many steps into a deep body takes a moment', () => {
  const depth = 2000;
  const body = bytes(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
  expect(findJsonSpan(body, Array.from({ length: depth }, () => 'a').join('.'))).toEqual({
    start: 5 * depth,
    end: 5 * depth + 1,
  });
});
