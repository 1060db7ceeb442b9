import { expect, test } from 'vitest';
import { renderHtml } from '../../src/report/findings-page.ts';
import { EXPLAINED, finding, HOSTILE, hostileReport, MIXED, report } from './reports.ts';
import { problemsOfPages, tagsOf } from './html/well-formed.ts';

const BENIGN = renderHtml(hostileReport('text'));

test('one of each', async () => {
  const page = renderHtml(MIXED);
  expect(await problemsOfPages(page)).toEqual([]);
  expect(page).toContain('<strong class="bad">✗ not passed</strong> a client certificate is optional');
  expect(page).toContain('<pre>client_max_body_size 5m;\nssl_verify_client on;</pre>');
  expect(page).toContain('2026-11-22 16:05 UTC, took 1.6 s');
  expect(page).toMatch(/<summary>3 passed<\/summary>[\s\S]*a POST is refused \(TLS 1\.3\)/);
  expect(renderHtml(report([finding('pass')]))).toContain('<strong class="good">✓ passed</strong>');
});

test('what a cause explains is folded below it', async () => {
  const page = renderHtml(EXPLAINED);
  expect(await problemsOfPages(page)).toEqual([]);
  expect([...page.matchAll(/<article/g)]).toHaveLength(2);
  expect(page).toContain('<summary>2 explained by a cause above</summary>');
  expect(page).toContain('<small>1 proves nothing</small>');
});

test('a change that several ask for is told once', () => {
  const change = { fix: 'verify', serverFixes: [{ server: 'nginx' as const, change: 'ssl_verify_client on;' }] };
  const page = renderHtml(report(['N1', 'P1', 'R2'].map((id) => finding('fail', { id, title: id, ...change }))));
  expect(page.match(/ssl_verify_client on;/g)).toHaveLength(1);
  expect(page.match(/the same as for N1/g)).toHaveLength(2);
});

test('several reports have a section each', async () => {
  const parts = [MIXED, report([], { target: 'other', conclusion: 'nothing was checked', isGood: false })];
  const page = renderHtml(report([], { parts }));
  expect(await problemsOfPages(page)).toEqual([]);
  expect([...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)).toEqual([MIXED.target, 'other']);
});

test('a page for everyone: language, one h1, landmarks, headers with their scope', () => {
  const page = renderHtml(MIXED);
  expect(page).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
  expect(page.match(/<h1>/g)).toHaveLength(1);
  for (const landmark of ['header', 'main', 'footer'])
    expect(page.match(new RegExp(`<${landmark}[ >]`, 'g'))).toHaveLength(1);
  for (const [header] of page.matchAll(/<th[ >][^>]*>/g)) expect(header).toMatch(/ scope="(col|row)"/);
  expect(levelsOf(page)).toEqual([1, 2, 3, 3]);
});

function levelsOf(page: string): number[] {
  return [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
}

test('nothing is loaded and nothing run', () => {
  const page = renderHtml(MIXED);
  expect(page).toMatch(
    /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-/,
  );
  expect(tagsOf(page).filter((tag) => /^(script|img|link|iframe|object|embed|form|base|a .*target)/.test(tag))).toEqual(
    [],
  );
  expect(page).not.toMatch(/ (?:on\w+|style|src)="/);
});

test('what is hostile changes no tag', async () => {
  const pages = HOSTILE.map(([, text]) => renderHtml(hostileReport(text)));
  for (const [index, page] of pages.entries()) {
    const what = HOSTILE[index]?.[0];
    // Whether a reference is a link depends on it.
    expect(
      tagsOf(page).filter((tag) => !/^\/?a /.test(tag)),
      what,
    ).toEqual(tagsOf(BENIGN));
    expect(page, what).not.toMatch(/<a [^>]*href="(?!https?:)/);
  }
  expect(await problemsOfPages(...pages)).toEqual([]);
});

test('texts of a megabyte and a thousand failures are cut, and that is said', async () => {
  const page = renderHtml(hostileReport('é<'.repeat(500_000)));
  expect(page.length).toBeLessThan(600_000);
  expect(page).toContain('more characters)');
  const many = renderHtml(report(Array.from({ length: 1000 }, (_, index) => finding('fail', { title: `t${index}` }))));
  expect(many).toContain('and 800 more');
  expect(await problemsOfPages(page, many)).toEqual([]);
});
