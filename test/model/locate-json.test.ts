import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonTextError, locateJson, nodeAt, placeOf } from '../../src/model/locate-json.ts';

const accepts = (read: (text: string) => unknown, text: string): boolean => {
  try {
    read(text);
    return true;
  } catch {
    return false;
  }
};

test('takes every JSON text, and points at each of its values', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 1, '\t'), (compact, indent) => {
      const value = JSON.parse(compact) as unknown;
      const text = JSON.stringify(value, null, indent);
      const root = locateJson(text);
      expect(JSON.parse(text.slice(root.start, root.end))).toEqual(value);
      for (const { key, value: node } of root.members ?? []) {
        expect(JSON.parse(text.slice(node.start, node.end))).toEqual((value as Record<string, unknown>)[key]);
      }
    }),
  );
});

test('takes a damaged text exactly when JSON.parse does', () => {
  const damage = fc.constantFrom('', ',', '"', '}', ']', '0', '\\', '\n', 'e', '-', '.', ' ');
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), damage, (text, position, inserted) => {
      const at = position % (text.length + 1);
      const damaged = text.slice(0, at) + inserted + text.slice(at + (inserted === '' ? 1 : 0));
      expect(accepts(locateJson, damaged)).toBe(accepts(JSON.parse, damaged));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['', '1:1', 'expected a value, found the end of the file'],
  ['{"a": 1,\n}', '2:1', 'expected a key in double quotes, found "}"'],
  ['{\n  "a": 1\n  "b": 2\n}', '3:3', 'expected "," or "}", found "\\""'],
  ['[1,\r\n  2\r\n', '3:1', 'expected "," or "]", found the end of the file'],
  ['{ // why\n}', '1:3', 'expected a key in double quotes or "}", found a comment, which JSON does not have'],
  ["{'a': 1}", '1:2', 'expected a key in double quotes or "}", found a single quote; JSON has double quotes'],
  ['{"secret": whsec_abc}', '1:12', 'expected a value, found text without quotes'],
  ['{"a": "never closed\n}', '1:7', 'a string that starts here is not closed on its line, or has an invalid escape'],
  ['{} {}', '1:4', 'expected the end of the file, found "{"'],
  ['"a" é', '1:5', 'expected the end of the file, found text without quotes'],
])('%j stops being JSON at %s', (text, place, message) => {
  const error = (() => {
    try {
      return locateJson(text);
    } catch (caught) {
      return caught;
    }
  })() as JsonTextError;
  expect(error).toBeInstanceOf(JsonTextError);
  expect([placeOf(text, error.offset), error.message]).toEqual([place, message]);
});

test('a text nested too deeply is refused, and not a full stack', () => {
  expect(() => locateJson('['.repeat(100_000))).toThrow('nested deeper than 64 levels');
});

test('a text of a hundred thousand values is refused, and not a minute of work', () => {
  expect(() => locateJson(`[${'1,'.repeat(100_000)}1]`)).toThrow('more than 10000 values');
});

test.each(['a', String.raw`\n`])(
  'a string of ten million %s costs no more than its length, and no stack',
  (character) => {
    const long = `"${character.repeat(10_000_000 / character.length)}`;
    expect(locateJson(`${long}"`)).toEqual({ start: 0, end: long.length + 1 });
    expect(() => locateJson(long)).toThrow('not closed');
  },
);

test('ten million blanks cost no more than their length, and no stack', () => {
  const blanks = ' '.repeat(10_000_000);
  expect(locateJson(`${blanks}1${blanks}`)).toEqual({ start: blanks.length, end: blanks.length + 1 });
});

test('a number of ten million digits is refused', () => {
  expect(() => locateJson('1'.repeat(10_000_000))).toThrow('expected the end of the file');
});

test('a path that leaves the value ends at the nearest one above', () => {
  const text = '{"a": [{"b": 1}]}';
  expect(nodeAt(locateJson(text), ['a', 0, 'c'])).toMatchObject({ start: text.indexOf('{"b"') });
});
