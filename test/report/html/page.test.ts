import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { writePage } from '../../../src/report/html/page.ts';
import { problemsOfPages } from './well-formed.ts';

const page = writePage({ topic: 'topic', title: 'a title', made: 'now', lead: null, body: 'body', footer: 'footer' });

test('the policy allows nothing but the one style sheet, by the hash of its characters', () => {
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const [, sheet = ''] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
  const hash = createHash('sha256').update(sheet).digest('base64');
  expect(policy.replaceAll('&#39;', "'")).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
  // Before it nothing could be loaded: https://html.spec.whatwg.org/multipage/semantics.html#attr-meta-http-equiv
  expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
});

test('one document, closed as XML wants it', async () => {
  expect(await problemsOfPages(page)).toEqual([]);
  expect(page).toContain('<title>topic: a title</title>');
});
