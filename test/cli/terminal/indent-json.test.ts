import { expect, test } from 'vitest';
import { indentJson } from '../../../src/cli/terminal/indent-json.ts';

test.each<[string, string, string[]]>([
  [
    'objects and arrays',
    '{"a":1,"b":[true,null],"c":{}}',
    ['{', '  "a": 1,', '  "b": [', '    true,', '    null', '  ],', '  "c": {}', '}'],
  ],
  [
    'numbers, escapes and doubled keys as they came',
    '{"n":12345678901234567890.10,"n":"\\u00e4\\"{,"}',
    ['{', '  "n": 12345678901234567890.10,', '  "n": "\\u00e4\\"{,"', '}'],
  ],
  ['white space of its own', ' [ 1 ,\n 2 , { } ] ', ['[', '  1,', '  2,', '  {}', ']']],
  ['text that is no JSON', 'hello }]', ['hello', '}', ']']],
  ['a string that does not end', '{"a":"b', ['{', '  "a": "b']],
])('%s', (_, text, lines) => {
  expect(indentJson(text, 100)).toEqual({ lines, isWhole: true });
});

test('a hundred thousand brackets and lines are bounded', () => {
  const deep = indentJson('['.repeat(100_000), 30);
  expect(deep.lines).toHaveLength(30);
  expect(deep.isWhole).toBe(false);
  expect(Math.max(...deep.lines.map((line) => line.length))).toBeLessThan(100);
});
