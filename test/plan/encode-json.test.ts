import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../src/model/json.ts';
import { encodeJson } from '../../src/plan/encode-json.ts';

const text = (value: JsonValue, style: 'compact' | 'php'): string => Buffer.from(encodeJson(value, style)).toString();

// The PHP column: php -r 'echo json_encode(…);'
test.each<[JsonValue, string, string]>([
  [{ a: 1, b: [1, 2], c: null }, '{"a":1,"b":[1,2],"c":null}', String.raw`{"a":1,"b":[1,2],"c":null}`],
  ['https://example.com/', '"https://example.com/"', String.raw`"https:\/\/example.com\/"`],
  ['Müller', '"Müller"', String.raw`"M\u00fcller"`],
  ['Plzeň 1/2', '"Plzeň 1/2"', String.raw`"Plze\u0148 1\/2"`],
  ['🎉', '"🎉"', String.raw`"\ud83c\udf89"`],
  [{ ü: 'é' }, '{"ü":"é"}', String.raw`{"\u00fc":"\u00e9"}`],
  ['"\\\n\t\b\u0001\u007f', String.raw`"\"\\\n\t\b\u0001` + '\u007f"', String.raw`"\"\\\n\t\b\u0001` + '\u007f"'],
  ['\u2028\u00ad', '"\u2028\u00ad"', String.raw`"\u2028\u00ad"`],
  [0.1, '0.1', '0.1'],
])('%j', (value, compact, php) => {
  expect(text(value, 'compact')).toBe(compact);
  expect(text(value, 'php')).toBe(php);
});

test('PHP style is ASCII, and means the same', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const php = text(value as JsonValue, 'php');
      expect(php).toMatch(/^[\u0020-\u007f]*$/);
      expect(JSON.parse(php)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 200 },
  );
});

test.each([65_535, 65_536, 65_537])(
  'a long text is encoded in slices that cut no pair of surrogates: after %i characters',
  (length) => {
    const value = {
      head: [1, null],
      long: `${'x'.repeat(length)}🎉/"é\ud800${'🎉'.repeat(70_000)}`,
      list: ['y'.repeat(70_000), { a: true }],
    };
    expect(text(value, 'compact') === JSON.stringify(value)).toBe(true);
    const php = text(value, 'php');
    expect(/^[\u0020-\u007f]*$/.test(php) && JSON.stringify(JSON.parse(php)) === JSON.stringify(value)).toBe(true);
  },
);
