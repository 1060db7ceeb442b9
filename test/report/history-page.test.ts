import { expect, test } from 'vitest';
import type { AttemptOutcome } from '../../src/model/attempt.ts';
import { renderHistoryPage, type HistoryPage } from '../../src/report/history-page.ts';
import { summariseHistory } from '../../src/report/statistics/history-summary.ts';
import { drawn, hostileLoad } from './load-runs.ts';
import { hostileReport, HOSTILE, MIXED } from './reports.ts';
import { attemptAt, chunksOf, START } from './statistics/attempts.ts';
import { problemsOfPages, tagsOf } from './html/well-formed.ts';

const HOUR = 3_600_000;

const ATTEMPTS = [
  ...Array.from({ length: 40 }, (_, index) => attemptAt(index * HOUR, { durationMs: 10 + index * 7 })),
  attemptAt(3 * HOUR, { outcome: 'refused', status: 500, errorCode: 'HTTP_500', error: 'answered 500' }),
  attemptAt(4 * HOUR, { outcome: 'unreachable', status: null, errorCode: 'TIMEOUT', error: 'no answer', number: 2 }),
  attemptAt(5 * HOUR, { direction: 'in', vendor: 'unknown', event: 'unknown' }),
];

async function pageOf(attempts: AttemptOutcome[], changes: Partial<HistoryPage> = {}): Promise<string> {
  const directions = await summariseHistory(chunksOf(attempts));
  return renderHistoryPage({
    madeAt: START,
    chosen: [],
    reports: [],
    loads: [],
    nameOf: () => null,
    ...changes,
    directions,
  });
}

test('a section for what was sent and one for what was received, with pictures and tables', async () => {
  const page = await pageOf(ATTEMPTS, {
    chosen: ['webhook shop'],
    nameOf: () => 'shop',
    reports: [{ ...MIXED, name: 'certificate.json', madeAt: START }],
  });
  expect(await problemsOfPages(page)).toEqual([]);
  expect([...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)).toEqual(['Sent', 'Received', MIXED.target]);
  expect(page.replace(/\s+/g, ' ')).toContain(
    '42 attempts sent from 2026-11-02 00:00 UTC to 2026-11-03 15:00 UTC; 95.2% were delivered.',
  );
  expect(page).toContain('Chosen: webhook shop<');
  expect(page).toContain('from certificate.json of 2026-11-02 00:00 UTC');
  expect(page).toContain('HTTP_500 <span class="quiet">answered 500</span>');
});

test('a picture has a title and a description of its own, a table headers with their scope', async () => {
  const page = await pageOf(ATTEMPTS);
  const pictures = [...page.matchAll(/<svg [^>]*role="img" aria-labelledby="([\w-]+) ([\w-]+)">/g)];
  expect(pictures).toHaveLength(4);
  for (const [, title, text] of pictures) {
    expect(
      page.match(new RegExp(`<title id="${title}">[^<]+</title>\\s*<desc id="${text}">[^<]+</desc>`, 'g')),
    ).toHaveLength(1);
  }
  for (const [svg] of page.matchAll(/<svg [^>]*>/g)) expect(svg).toMatch(/role="img"|aria-hidden="true"/);
  for (const [header] of page.matchAll(/<th[ >][^>]*>/g)) expect(header).toMatch(/ scope="(col|row)"/);
  for (const [, header] of page.matchAll(/<th [^>]*>([^<]*)/g)) expect(header).not.toBe('');
});

test('load runs have a section each, and pictures of their own', async () => {
  const loads = ['a.json', 'b.json'].map((name) => ({ ...drawn(), name, madeAt: START }));
  const page = await pageOf(ATTEMPTS, { loads });
  expect(await problemsOfPages(page)).toEqual([]);
  expect(page.match(/<h2>Load on http:\/\/127\.0\.0\.1:8080\/hook<\/h2>/g)).toHaveLength(2);
  expect(page).toContain('from b.json of 2026-11-02 00:00 UTC');
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(ids.length).toBe(24);
  expect(new Set(ids).size).toBe(ids.length);
});

test('the same attempts are the same bytes', async () => {
  expect(await pageOf(ATTEMPTS)).toBe(await pageOf(ATTEMPTS.toReversed()));
});

test('nothing recorded is said', async () => {
  const page = await pageOf([]);
  expect(page).toContain('No attempt was recorded.');
  expect(await problemsOfPages(page)).toEqual([]);
});

const hostile = (text: string): Promise<string> =>
  pageOf(
    [
      attemptAt(0, { vendor: text, event: text, outcome: 'refused', errorCode: text, error: text }),
      attemptAt(1, { vendor: text, event: text, direction: 'in' }),
    ],
    {
      chosen: [text],
      nameOf: () => text,
      reports: [{ ...hostileReport(text), name: text, madeAt: START }],
      loads: [{ ...hostileLoad(text), name: text, madeAt: START }],
    },
  );

/** Which references are links, and where a name may be broken, depends on the text. */
const fixedTags = (page: string): string[] => tagsOf(page).filter((tag) => !/^(\/?a|wbr) /.test(tag));

test('what is hostile changes no tag', async () => {
  const benign = fixedTags(await hostile('text'));
  const pages = await Promise.all(HOSTILE.map(([, text]) => hostile(text)));
  for (const [index, page] of pages.entries()) expect(fixedTags(page), HOSTILE[index]?.[0]).toEqual(benign);
  expect(await problemsOfPages(...pages)).toEqual([]);
});

test('the page does not grow with what it tells of', async () => {
  const page = await hostile('<&'.repeat(500_000));
  expect(page.length).toBeLessThan(600_000);
  const many = await pageOf(
    Array.from({ length: 20_000 }, (_, index) =>
      attemptAt(index * HOUR, { event: `e${index}`, outcome: 'refused', errorCode: `C${index}`, durationMs: index }),
    ),
  );
  expect(many.length).toBeLessThan(200_000);
  expect(many).toContain('of other events');
  expect(many).toContain('failed for other reasons');
});
