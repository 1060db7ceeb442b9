import { expect, test } from 'vitest';
import { markup, textOfMarkup, type MarkupPiece } from '../../../src/report/html/markup.ts';
import { HOSTILE } from '../reports.ts';
import { problemsOfPages, tagsOf } from './well-formed.ts';

test.each([
  ['text is escaped', `<b>&"'`, '&lt;b&gt;&amp;&quot;&#39;'],
  ['markup stands as it is', markup`<b>${'<'}</b>`, '<b>&lt;</b>'],
  ['a list is joined', ['<', markup`<i/>`, [1, null]], '&lt;<i/>1'],
  ['nothing is left out', null, ''],
  ['numbers', 1.5, '1.5'],
  [
    'controls, halves of pairs and marks that reorder are replaced',
    'a\u0000\u001b\u202e\ud800b',
    'a\ufffd\ufffd\ufffd\ufffdb',
  ],
  ['lines, tabs and letters of any kind stay', 'a\tb\nčß👩‍👩', 'a\tb\nčß👩‍👩'],
])('%s', (_, piece: MarkupPiece, text) => {
  expect(textOfMarkup(markup`<p>${piece}</p>`)).toBe(`<p>${text}</p>`);
});

test('an object that looks like markup is none', () => {
  const forged = { text: '<script>', [Symbol('markup')]: '<script>' } as unknown as MarkupPiece;
  expect(() => textOfMarkup(markup`${forged}`)).toThrow(TypeError);
});

test.each(HOSTILE)('%s stays inside its tag and its attribute', async (_, text) => {
  const page = textOfMarkup(markup`<html title="${text}">${text}</html>`);
  expect(tagsOf(page)).toEqual(['html title', '/html ']);
  expect(await problemsOfPages(page)).toEqual([]);
});
