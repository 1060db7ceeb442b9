import { assert, constantFrom, dictionary, jsonValue, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { readTopLevelKeys } from '../../src/sign/recognise-vendors.ts';

const keysOf = (text: string | Uint8Array): string[] => [...readTopLevelKeys(Buffer.from(text))];

test.each<[what: string, text: string | Uint8Array, keys: string[]]>([
  [
    'keys further down are not among them',
    '{"a":{"b":1,"c":[{"d":1},"e"]},"f":["g",{"h":2}],"i":null}',
    ['a', 'f', 'i'],
  ],
  ['texts that hold what JSON is made of', '{"a":"\\"},{\\\\","b":"x,\\"y\\":1"}', ['a', 'b']],
  ['white space and a byte order mark', '\ufeff \r\n{ "a" : 1 ,\n\t"b":2 } \n', ['a', 'b']],
  ['escapes and other letters', '{"\\u0061b":1,"é":2,"\\"":3}', ['ab', 'é', '"']],
  ['what breaks off', '{"a":1,"b":"half of a te', ['a', 'b']],
  ['nothing in it', '{}', []],
  ['a list', '[{"a":1},"b"]', []],
  ['a text', '"a"', []],
  ['nothing', '', []],
  ['what comes behind the object', '{"a":1},"b":2', ['a']],
  ['other text before an object', 'x{"a":1}', []],
  ['no text', Buffer.alloc(100, 0xff), []],
])('%s', (_, text, keys) => {
  expect(keysOf(text)).toEqual(keys);
});

test('of any JSON the same keys as a parser finds', () => {
  assert(
    property(dictionary(string(), jsonValue(), { maxKeys: 20 }), constantFrom(0, 2), (value, indent) => {
      const parsed = JSON.parse(JSON.stringify(value)) as object;
      expect(new Set(keysOf(JSON.stringify(value, null, indent)))).toEqual(new Set(Object.keys(parsed)));
    }),
  );
});

test('of a million keys it stops at the first that are too many; a long name is cut', () => {
  const many = Buffer.from(`{${Array.from({ length: 1_000_000 }, (_, index) => `"key${index}":1`).join(',')}}`);
  expect(readTopLevelKeys(many).size).toBe(1001);
  expect(keysOf(`{"${'x'.repeat(100_000)}":1}`)[0]).toHaveLength(200);
});
