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

test('the parser of XML sees what is broken, in the last of many pages, too', async () => {
  const good = '<html/>';
  for (const broken of ['<html><p></html>', '<html a=b/>', '<html>\u0001</html>', '<html>&</html>'])
    expect(await problemsOfPages(good, good, broken), broken).not.toEqual([]);
});

test('what is hostile stays inside its tag and its attribute', async () => {
  const pages = HOSTILE.map(([, text]) => textOfMarkup(markup`<html title="${text}">${text}</html>`));
  for (const [index, page] of pages.entries())
    expect(tagsOf(page), HOSTILE[index]?.[0]).toEqual(['html title', '/html ']);
  expect(await problemsOfPages(...pages)).toEqual([]);
});
