import { expect, test } from 'vitest';
import { overrideHeaders } from '../../src/plan/headers.ts';
import type { Header } from '../../src/model/plan.ts';

const HEADERS: Header[] = [
  ['Content-Type', 'application/json'],
  ['User-Agent', 'Demo'],
];

test.each<[lines: string[], expected: Header[]]>([
  [[], HEADERS],
  [['X-A: 1'], [...HEADERS, ['X-A', '1']]],
  [
    ['user-agent: Mine'],
    [
      ['Content-Type', 'application/json'],
      ['user-agent', 'Mine'],
    ],
  ],
  [['user-agent:'], [['Content-Type', 'application/json']]],
  [['X-Empty;'], [...HEADERS, ['X-Empty', '']]],
  [
    ['X-A: 1', 'X-A: 2'],
    [...HEADERS, ['X-A', '1'], ['X-A', '2']],
  ],
  [['X-A:b: c '], [...HEADERS, ['X-A', 'b: c']]],
  [['X-A: ✓ Größe 😀'], [...HEADERS, ['X-A', '✓ Größe 😀']]],
  [['X-A: a\tb'], [...HEADERS, ['X-A', 'a\tb']]],
])('%j', (lines, expected) => {
  expect(overrideHeaders(HEADERS, lines)).toEqual(expected);
});

test.each([
  'no colon',
  ': x',
  'bad name: x',
  'X-A: a\r\nX-B: b',
  'X-A: a\u0000',
  'X-A: a\u007fb',
  'X-A: a\u0085b',
  'X-A: \ud83d',
])('%j is a usage error', (line) => {
  expect(() => overrideHeaders(HEADERS, [line])).toThrow(expect.objectContaining({ kind: 'usage' }));
});

test('an error never repeats what may be a credential', () => {
  expect(() => overrideHeaders(HEADERS, ['Authorization: Bearer s3cret\n'.replace('\n', '\u0001')])).not.toThrow(
    /s3cret/,
  );
  expect(() => overrideHeaders(HEADERS, ['Authorization Bearer s3cret'])).not.toThrow(/s3cret/);
});
