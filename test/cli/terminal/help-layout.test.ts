import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { layOutCommand, layOutTerms, wrapWords } from '../../../src/cli/terminal/help-layout.ts';

const LINES = [
  'webhook send --event optin --url http://127.0.0.1:3000/hook --header \'X-Of a: b  c\' --set "email=me and you"',
  "webhook test shop --only refuse,'event-*' --skip two-headers-good-first --reporter junit=hooks.xml",
  'webhook demo',
];

/** As a shell reads them. */
const words = (text: string): string =>
  execFileSync('sh', ['-c', `webhook() { for word; do printf '<%s>' "$word"; done; }\n${text}`]).toString();

test.each(LINES.flatMap((line) => [100, 60, 40].map((width) => [line, width] as const)))(
  '%s at %i columns: a shell takes what is printed for the same words',
  (line, width) => {
    const printed = layOutCommand(line, width);
    expect(words(printed.join('\n'))).toBe(words(line));
    expect(printed.filter((one) => one.length > width && one.trim().split(' ').length > 2)).toEqual([]);
  },
);

test('a word that is wider than the line stands alone', () => {
  expect(wrapWords('one two-three-four five', 8, '  ')).toEqual(['  one', '  two-three-four', '  five']);
});

test('what counts is columns, not letters', () => {
  expect(wrapWords('\u65e5\u672c \u65e5\u672c', 8)).toEqual(['\u65e5\u672c', '\u65e5\u672c']);
  expect(
    layOutTerms(
      [
        ['\u65e5\u672c', 'a'],
        ['abcd', 'b'],
      ],
      60,
    ),
  ).toEqual(['  \u65e5\u672c  a', '  abcd  b']);
});

test('texts stand beside their terms, below a long one, and below all where it is narrow', () => {
  const rows = [
    ['-a', 'the first'],
    ['--a-flag-that-is-long <value>', 'the other'],
    ['--none', ''],
  ] as const;
  expect(layOutTerms(rows, 60)).toEqual([
    '  -a      the first',
    '  --a-flag-that-is-long <value>',
    '          the other',
    '  --none',
  ]);
  expect(layOutTerms(rows.slice(0, 1), 40)).toEqual(['  -a', '      the first']);
});
