import { expect, test } from 'vitest';
import { isLoadDocument, readLoadDocument } from '../../src/load/read-load-report.ts';
import type { LoadReport } from '../../src/model/load-report.ts';
import { loadReport } from './load-reports.ts';

const write = (report: object): string =>
  JSON.stringify({ schemaVersion: 2, ...report, allowDropped: false, allowLate: false, expectations: [], ...report });
const read = (text: string): LoadReport => readLoadDocument(text, 'a.json', 2).report;

const FULL = loadReport({
  counts: { started: 110, delivered: 95, refused: 5, unreachable: 8, dropped: 3, retries: 2, resent: 4 },
  statuses: { 200: 95, 500: 5 },
  errorCodes: { TIMEOUT: 8, TLS_ALERT_116: 0 },
  events: { 'customer.created': 1, ['__proto__']: 2 },
  late: { count: 1, share: 1 / 112, p99Ms: 3, maxMs: 9 },
});
const HASTY = { ...FULL, slow: { timeoutMs: 5000, waitedMs: 300, aboveTimeoutShare: 0, above2sShare: 0 } };

test.each([
  ['an open loop', FULL],
  ['a closed loop', loadReport({ arrival: { kind: 'closed', connections: 50 } })],
  ['shared connections', loadReport({ arrival: { kind: 'poisson', perSecond: 0.5, maxInFlight: 9, connections: 2 } })],
  ['attempts given up before the time-out of the vendor', HASTY],
  ['nothing', loadReport({ times: [], series: [] })],
])('what was written is read: %s', (_, report) => {
  expect(read(write({ ...report, verdict: {} }))).toEqual(report);
});

test('an older report does not say which runs are in it', () => {
  const { runs, ...older } = { ...FULL, runs: ['a', 'b'] };
  expect(read(write({ ...older, runs })).runs).toEqual(runs);
  expect(read(JSON.stringify({ ...JSON.parse(write(FULL)), runs: undefined })).runs).toEqual([]);
});

test('an older report, which did not count requests sent twice, has none', () => {
  const { resent, ...counts } = FULL.counts;
  expect(resent).toBe(4);
  expect(read(write({ ...FULL, counts })).counts).toEqual({ ...counts, resent: 0 });
});

test('what follows from counts and histograms is computed, and not believed', () => {
  const praised = {
    ...FULL,
    perSecond: 1e6,
    service: { ...FULL.service, p99Ms: 0.1 },
    slow: { timeoutMs: 5000, waitedMs: 5000 },
  };
  expect(read(write(praised))).toEqual(FULL);
});

test.each([
  ['late', { late: { ...FULL.late, count: 11 } }, '9.8% of the attempts started more than 10 ms late'],
  ['out of sockets', { errorCodes: { EMFILE: 8 } }, '8 attempts failed on this machine (EMFILE)'],
])('a generator that was %s is not valid because the file says so', (_, change, reason) => {
  expect(read(write({ ...FULL, ...change })).generator).toEqual({ ...FULL.generator, isValid: false, reason });
});

test('a generator that the file calls invalid stays it', () => {
  const generator = { ...FULL.generator, isValid: false, reason: 'a.json: too slow' };
  expect(read(write({ ...FULL, generator })).generator).toEqual(generator);
});

test('what it was judged by is read, too', () => {
  const judged = [{ expectation: 'p99<1s', measured: 3, unit: 'ms', isMet: true }];
  const text = write({ ...FULL, allowDropped: true, expectations: judged });
  expect(readLoadDocument(text, 'a.json', 2)).toMatchObject({
    allowed: { allowDropped: true, allowLate: false },
    expectations: ['p99<1s'],
  });
});

test.each([
  [write(FULL), true],
  ['{"kind":"load"}', true],
  ['{"findings":[]}', false],
  ['null', false],
  ['load', false],
])('is %.30s … meant to be one? %s', (text, isOne) => {
  expect(isLoadDocument(text)).toBe(isOne);
});

const changed = (change: object): string => write({ ...FULL, ...change });

test.each([
  ['no JSON', '{', /JSON/],
  ['null', 'null', /not a JSON object/],
  ['a run that is a number', changed({ runs: ['a', 1] }), /runs is \["a",1\]/],
  ['a run of many letters', changed({ runs: ['a'.repeat(201)] }), /runs is /],
  ['a list', '[]', /not a JSON object/],
  ['findings', '{"schemaVersion":2,"findings":[]}', /not what webhook load writes/],
  ['a later version', write({ ...FULL, schemaVersion: 3 }), /another version \(schemaVersion 3\)/],
  ['a missing part', changed({ late: undefined }), /late is not an object/],
  ['a count below 0', changed({ counts: { ...FULL.counts, refused: -1 } }), /counts\.refused is -1/],
  ['half an event', changed({ counts: { ...FULL.counts, refused: 0.5 } }), /counts\.refused is 0\.5/],
  ['a text for a number', changed({ durationMs: '9' }), /durationMs is "9"/],
  ['a time without end', changed({ durationMs: 1e300 }), /durationMs is 1e\+300/],
  ['no time', changed({ startedAt: 'yesterday' }), /startedAt is "yesterday"/],
  ['an odd status', changed({ statuses: { '2xx': 1 } }), /statuses\.2xx is 1/],
  ['an odd error code', changed({ errorCodes: { 'a b': 1 } }), /errorCodes\.a b is 1/],
  ['another arrival', changed({ arrival: { kind: 'burst' } }), /arrival\.kind is "burst"|arrival\.maxInFlight is null/],
  ['an odd second', changed({ series: [{ ...FULL.series[0], p99Ms: 'x' }] }), /series\[0\]\.p99Ms is "x"/],
  ['a second of no time', changed({ series: [{ ...FULL.series[0], widthMs: 0 }] }), /series\[0\]\.widthMs is 0/],
  ['a series too long', changed({ series: Array.from({ length: 10_001 }, () => ({})) }), /series is \[\{\},/],
  ['a broken histogram', changed({ service: { histogram: 'AAAA' } }), /service\.histogram: cannot read the histogram/],
  ['an odd expectation', changed({ expectations: ['p99'] }), /expectations\[0\] is not an object/],
  ['more answers than events', changed({ counts: { ...FULL.counts, started: 5 } }), /counts contradict each other/],
  [
    'fewer times than answers',
    changed({ service: loadReport({ times: [1] }).service }),
    /counts contradict each other/,
  ],
  ['fewer response times', changed({ response: loadReport({ times: [1] }).response }), /counts contradict each other/],
  ['more refused than answered', changed({ counts: { ...FULL.counts, refused: 6 } }), /counts contradict each other/],
  ['unreachable without a cause', changed({ errorCodes: {} }), /counts contradict each other/],
  ['more attempts than there were', changed({ errorCodes: { TIMEOUT: 99 } }), /counts contradict each other/],
  ['more late than sent', changed({ late: { ...FULL.late, count: 113 } }), /counts contradict each other/],
  ['429 that is not counted', changed({ statuses: { 200: 95, 429: 5 } }), /counts contradict each other/],
  ['more delivered than answered', changed({ statuses: { 200: 3 } }), /counts contradict each other/],
])('%s is refused', (_, text, message) => {
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).toThrow(/^a\.json is not a load report: /);
  expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'input' }));
});
