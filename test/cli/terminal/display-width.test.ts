import { expect, test } from 'vitest';
import { cutLine, displayWidth, wrapLine } from '../../../src/cli/terminal/display-width.ts';

test.each([
  ['optin', 5],
  ['größer', 6],
  ['gro\u0308ßer', 6],
  ['東京', 4],
  ['📨 mail', 7],
])('columns of %j', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test.each([
  ['between words', 'left out when unknown', 10, ['left out', 'when', 'unknown']],
  ['a long word behind a mark', 'http://127.0.0.1:3000/hook', 12, ['http://127.', '0.0.1:3000/', 'hook']],
  ['a word without a mark anywhere', 'ECONNREFUSED', 5, ['ECONN', 'REFUS', 'ED']],
  ['wide characters', '東京東京', 5, ['東京', '東京']],
  ['one that is wider than the line', '東京', 1, ['東', '京']],
  ['nothing', '', 5, ['']],
])('a line is broken: %s', (_, text, width, lines) => {
  expect(wrapLine(text, width)).toEqual(lines);
});

test('a line is cut by the columns that it takes', () => {
  expect(cutLine('東京東京', 6)).toBe('東京…');
  expect(cutLine('optin', 5)).toBe('optin');
});
