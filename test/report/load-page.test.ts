import { expect, test } from 'vitest';
import type { LoadSecond } from '../../src/model/load-report.ts';
import { renderLoadPage } from '../../src/report/load-page.ts';
import { loadReport } from '../load/load-reports.ts';
import { drawn, hostileLoad, type DrawnLoad } from './load-runs.ts';
import { HOSTILE } from './reports.ts';
import { problemsOfPages, tagsOf } from './html/well-formed.ts';

const pageOf = ({ load, curves }: DrawnLoad): string => renderLoadPage(load, curves);

const MIXED = drawn({
  report: loadReport({
    arrival: { kind: 'ramp', fromPerSecond: 1, toPerSecond: 20, overMs: 10_000, maxInFlight: 5 },
    counts: { delivered: 90, refused: 6, unreachable: 4, dropped: 7 },
    statuses: { 200: 90, 503: 6 },
    errorCodes: { TIMEOUT: 4 },
  }),
  expectations: [
    { expectation: 'p99<500ms', measured: 104.063, unit: 'ms', isMet: true, allowsNoDelivery: false },
    { expectation: 'delivered>99.9%', measured: 84.1121, unit: '%', isMet: false, allowsNoDelivery: false },
  ],
  verdict: { outcome: 'no', reasons: ['7 of 107 events dropped', '1 of 2 expectations were not met'] },
});

test('verdict, counts, expectations, four pictures and what they show as a table', async () => {
  const page = pageOf(MIXED);
  expect(await problemsOfPages(page)).toEqual([]);
  const text = page.replace(/\s+/g, ' ');
  expect(text).toContain(
    '<strong class="bad">✗ failed</strong> 7 of 107 events dropped; 1 of 2 expectations were not met',
  );
  expect(text).toContain('mail2many: optin 3, optout 1; from 1 to 20 events a second over 10 s, at most 5 in flight');
  expect(text).toMatch(/Delivered<\/dt> <dd class=""\s*>84\.1%/);
  expect(text).toMatch(
    /delivered&gt;99\.9%<\/th ?> ?<td class="number" ?>84\.1121%<\/td ?> ?<td[^>]*><strong class="bad">✗ not met/,
  );
  expect(page.match(/<path class="line /g)).toHaveLength(7);
  expect(page.match(/<rect\s+class="delivered"\s+x=/g)).toHaveLength(10);
  expect([...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => level).join('')).toBe('1233333');
});

test('in a closed loop the response is the service, and no timetable was to be kept', async () => {
  const page = pageOf(drawn({ report: loadReport({ arrival: { kind: 'closed', connections: 3 } }) }));
  expect(await problemsOfPages(page)).toEqual([]);
  expect(page).toContain('<strong class="good">✓ passed</strong>');
  expect(page.match(/<path class="line /g)).toHaveLength(5);
  expect(page).not.toContain('intended start</th>');
});

test('nothing answered, and nothing sent, has no picture of times', async () => {
  const unanswered = loadReport({ times: [], counts: { started: 3, unreachable: 3 }, errorCodes: { ECONNREFUSED: 3 } });
  const pages = [unanswered, loadReport({ times: [], series: [] })].map((report) => pageOf(drawn({ report })));
  expect(await problemsOfPages(...pages)).toEqual([]);
  expect(pages.map((page) => page.match(/role="img"/g)?.length ?? 0)).toEqual([2, 0]);
});

test('a picture has a title and a description of its own, a table headers with their scope', () => {
  const page = pageOf(MIXED);
  const pictures = [...page.matchAll(/<svg [^>]*role="img" aria-labelledby="([\w-]+) ([\w-]+)">/g)];
  expect(pictures).toHaveLength(4);
  for (const [, title, text] of pictures)
    expect(
      page.match(new RegExp(`<title id="${title}">[^<]+</title>\\s*<desc id="${text}">[^<]+</desc>`, 'g')),
    ).toHaveLength(1);
  for (const [svg] of page.matchAll(/<svg [^>]*>/g)) expect(svg).toMatch(/role="img"|aria-hidden="true"/);
  for (const [header] of page.matchAll(/<th[ >][^>]*>/g)) expect(header).toMatch(/ scope="(col|row)"/);
});

test('nothing is loaded and nothing run', () => {
  const page = pageOf(MIXED);
  expect(tagsOf(page).filter((tag) => /^(script|img|link|iframe|object|embed|form|base|a )/.test(tag))).toEqual([]);
  expect(page).not.toMatch(/ (?:on\w+|style|src)="/);
});

test('no number of a picture is none', () => {
  const odd = { ...(MIXED.load.report.series[0] as LoadSecond), p50Ms: 0, p99Ms: 0, maxMs: 0 };
  const one = loadReport({ series: [odd], durationMs: 0, times: [0], waitedMs: 0 });
  const far = loadReport({ series: [{ ...odd, atMs: 3e12, widthMs: 1, delivered: 0 }], times: [8e7] });
  for (const report of [one, far, loadReport()])
    expect(pageOf(drawn({ report }))).not.toMatch(/NaN|Infinity|undefined/);
});

test('what is hostile changes no tag', async () => {
  const benign = tagsOf(pageOf(hostileLoad('text')));
  const pages = HOSTILE.map(([, text]) => pageOf(hostileLoad(text)));
  for (const [index, page] of pages.entries()) expect(tagsOf(page), HOSTILE[index]?.[0]).toEqual(benign);
  expect(await problemsOfPages(...pages)).toEqual([]);
});

test('the page does not grow with the run', () => {
  const second = MIXED.load.report.series[0] as LoadSecond;
  const series = Array.from({ length: 600 }, (_, index) => ({ ...second, refused: 1, atMs: index * 1000 }));
  const page = pageOf(drawn({ report: loadReport({ series, durationMs: 600_000 }) }));
  expect(page.length).toBeLessThan(200_000);
  expect(page.match(/<rect\s+class="refused"\s+x=/g)?.length).toBeLessThanOrEqual(90);
});
