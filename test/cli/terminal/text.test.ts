import { expect, test } from 'vitest';
import { renderReport } from '../../../src/cli/terminal/findings.ts';
import { plainReport } from '../../../src/cli/terminal/reporters.ts';
import { plainLine, plainText, indentJson } from '../../../src/cli/terminal/text.ts';
import { renderJunit } from '../../../src/report/junit.ts';
import { renderJson } from '../../../src/report/reporters.ts';
import { renderTap } from '../../../src/report/tap.ts';
import { HOSTILE, hostileReport, report } from '../../report/reports.ts';

/** What GitHub's runner finds in a line: the newer form when it begins the line, the older one anywhere. */
const commandsIn = (text: string): string[] =>
  text
    .split(/\r\n|\r|\n/)
    .flatMap((line) => /^::[A-Za-z][\w-]*(?:\s.*)?::/.exec(line.trim()) ?? /##\[[A-Za-z][\w-]*.*\]/.exec(line) ?? []);

test.each([
  ['##[stop-commands]x', '# #[stop-commands]x'],
  ['###[error]x', '## #[error]x'],
  ['#\u001b[0m#[error]x', '# #[error]x'],
  ['::error::x', ': :error::x'],
  ['a\n \u00a0::set-output name=a::b', 'a\n \u00a0: :set-output name=a::b'],
  ['it says ::error::x', 'it says : :error::x'],
  ['::add-mask::x', ': :add-mask::x'],
  ['::1: nobody listens there; ::ffff:127.0.0.1: nobody', '::1: nobody listens there; ::ffff:127.0.0.1: nobody'],
  ['std::string [a] # b', 'std::string [a] # b'],
])('%j is shown as %j', (text, shown) => {
  expect(plainText(text)).toBe(shown);
});

const WORDS = `${'word '.repeat(14)}::error file=a::boo ##[error]boo`;

test.each([...HOSTILE, ['a command where a line is wrapped', WORDS] as const])(
  'no report on stdout holds a command: %s',
  (_, text) => {
    for (let words = 0; words < 20; words += 1) {
      const one = hostileReport(`${'word '.repeat(words)}${text}`.slice(0, 5000));
      const plain = plainReport(one);
      expect([renderReport(one), renderTap(plain), renderJunit(plain), renderJson(one, 1)].flatMap(commandsIn)).toEqual(
        [],
      );
    }
  },
);

test('on one line, too', () => {
  expect(commandsIn(plainLine('##\n[error]a]\n::error::x'))).toEqual([]);
});

test('the report for a screen: every text in the facts, however deep', () => {
  const facts = {
    files: [{ parts: [{ subject: 'CN=\u009b2J\u202e', names: ['a\u0007'], length: 3, none: null, isCa: true }] }],
    verdict: '\u0000',
  };
  expect(plainReport(report([], { facts })).facts).toEqual({
    files: [
      {
        parts: [
          {
            subject: expect.not.stringMatching(/[\u009b\u202e]/) as string,
            names: ['a\ufffd'],
            length: 3,
            none: null,
            isCa: true,
          },
        ],
      },
    ],
    verdict: '\ufffd',
  });
});

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
