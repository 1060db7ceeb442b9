import { expect, test } from 'vitest';
import { judgeExpectations, parseExpectation } from '../../src/load/expectations.ts';
import type { LoadReport } from '../../src/model/load-report.ts';
import { loadReport } from './load-reports.ts';

const judge = (text: string, report: LoadReport) => judgeExpectations([parseExpectation(text)], report)[0];

/** 100 events, answered in 1 to 100 ms, each 5 ms after its intended start; 10 answers a second. */
const GOOD = loadReport();
/** Nine of ten are answered; the others are not, or are dropped. */
const HOLES = loadReport({
  times: Array.from({ length: 90 }, () => 1),
  counts: { started: 95, unreachable: 5, dropped: 5 },
  errorCodes: { TIMEOUT: 4, ECONNREFUSED: 1 },
});
const REFUSED = loadReport({
  counts: { delivered: 97, refused: 3, retries: 7, forgotten: 1 },
  statuses: { 200: 97, 429: 2, 503: 1 },
  throttled: { answers: 2, withRetryAfter: 1, kept: 0, broken: 0 },
  late: { count: 1, share: 0.01, p99Ms: 20, maxMs: 30 },
});

test.each([
  ['p50<56ms', GOOD, 55.007, 'ms', true],
  ['p50 < 0.06s', GOOD, 55.007, 'ms', true],
  ['p50(service)<50.1ms', GOOD, 50.015, 'ms', true],
  ['p99<=104ms', GOOD, 104.063, 'ms', false],
  ['P99.9<1m', GOOD, 105.023, 'ms', true],
  ['p12.5<20000us', GOOD, 18.015, 'ms', true],
  ['max<106ms', GOOD, 105.023, 'ms', true],
  ['mean(response)>1ms', GOOD, expect.closeTo(55.5, 1), 'ms', true],
  ['delivered>99.9%', GOOD, 100, '%', true],
  ['delivered=100', GOOD, 100, '', true],
  ['delivered>97%', REFUSED, 97, '%', false],
  ['delivered>=97%', REFUSED, 97, '%', true],
  ['refused<4', REFUSED, 3, '', true],
  ['retries=7', REFUSED, 7, '', true],
  ['retries<=100%', REFUSED, 7, '%', true],
  ['p99>=0ms', GOOD, 104.063, 'ms', true],
  ['forgotten=0', REFUSED, 1, '', false],
  ['late<0.9%', REFUSED, 0.934579439252, '%', false],
  ['throttled=0', REFUSED, 2, '', false],
  ['status(503)<1%', REFUSED, 1, '%', false],
  ['status(4xx)=2', REFUSED, 2, '', true],
  ['status(404)=0', REFUSED, 0, '', true],
  ['rate>=10/s', GOOD, 10, '/s', true],
  ['rate>10', GOOD, 10, '/s', false],
  ['dropped=0', HOLES, 5, '', false],
  ['delivered>=90%', HOLES, 90, '%', true],
  ['unreachable<=5%', HOLES, 5, '%', true],
  ['slow=4', HOLES, 4, '', true],
] as const)('%s', (text, report, measured, unit, isMet) => {
  expect(judge(text, report)).toMatchObject({ expectation: text.replaceAll(' ', ''), measured, unit, isMet });
});

test.each([
  ['delivered<5', true],
  ['refused>0', true],
  ['status(503)=100', true],
  ['throttled>=1%', true],
  ['unreachable>0', true],
  ['refused<100%', false],
  ['status(503)=0', false],
  ['status(2xx)=100%', false],
  ['p99<1s', false],
  ['dropped>0', false],
  ['rate>1', false],
])('whether a run may pass with it that delivered nothing: %s', (text, allowsNoDelivery) => {
  expect(parseExpectation(text)).toMatchObject({ allowsNoDelivery });
});

test.each([
  ['p90(service)<1s', 1],
  ['p95(service)<1s', null],
  ['p90<1s', 6.003],
  ['p91<1s', null],
  ['max<1m', null],
  ['mean<1m', null],
  ['p99>1ms', null],
])('what had no answer is slower than any limit: %s', (text, measured) => {
  expect(judge(text, HOLES)).toMatchObject({ measured, isMet: measured !== null });
});

test('what was given up before the time-out of the vendor may have been slow: nobody knows', () => {
  const slow = { timeoutMs: 5000, waitedMs: 300, aboveTimeoutShare: 0, above2sShare: 0 };
  const report = loadReport({ errorCodes: { TIMEOUT: 1 }, slow });
  expect(judge('slow=0', report)).toMatchObject({ measured: null, isMet: false });
  expect(judge('slow=0', { ...report, errorCodes: {} })).toMatchObject({ measured: 0, isMet: true });
});

test.each(['p99<1s', 'mean<1s', 'delivered>0%', 'p50>0ms', 'throttled<50%', 'rate>0/s'])(
  'of nothing nothing is met: %s',
  (text) => {
    expect(judge(text, loadReport({ times: [] }))?.isMet).toBe(false);
  },
);

test.each([
  ['p99', 'the limit is missing', `--expect 'p99<500ms'`],
  ['delivered', 'the limit is missing', `--expect 'delivered>99.9%'`],
  ['p99<', 'the limit is missing', `--expect 'p99<500ms'`],
  ['p99<500', 'the limit of p99 is a time with a unit: us, ms, s or m', `--expect 'p99<500ms'`],
  ['p99(server)<1s', 'a time is (response) or (service)', `--expect 'p99(service)<500ms'`],
  ['p99<-1ms', 'the limit of p99 is', `--expect 'p99<500ms'`],
  ['dropped<0.5', 'the limit of dropped is a whole number, or a share such as 99.9%', `--expect 'dropped<1%'`],
  ['delivered>99,9%', 'the limit of delivered is', `--expect 'delivered>99.9%'`],
  ['delivered(5xx)>1', 'delivered takes nothing in brackets', 'delivered'],
  ['rate>100rps', 'the limit of rate is a number of answers per second', `--expect 'rate>=100/s'`],
  ['status<1%', 'status needs a status', `--expect 'status(5xx)<1%'`],
  ['status(0xx)<1%', 'status needs a status', `--expect 'status(5xx)<1%'`],
  ['500ms>p99', 'not a figure with a limit', `--expect 'p99<500ms'`],
  ['', 'not a figure with a limit', 'p99'],
  ['p99!=1s', 'not a figure with a limit', 'p99'],
  ['delivered>=0', 'it holds whatever happens', `--expect 'delivered>99.9%'`],
  ['delivered>=0%', 'it holds whatever happens', 'delivered'],
  ['refused<=100%', 'it holds whatever happens', `--expect 'refused<1%'`],
  ['status(5xx)<101%', 'it holds whatever happens', 'status(5xx)'],
  ['rate>=0/s', 'it holds whatever happens', `--expect 'rate>=100/s'`],
])('%j is refused', (text, message, hint) => {
  const attempt = (): unknown => parseExpectation(text);
  expect(attempt).toThrow(message);
  expect(attempt).toThrow(expect.objectContaining({ kind: 'usage', hint: expect.stringContaining(hint) }));
});

test.each(['deliverd>99%', 'p101<1s', 'p0<1s', 'toString<1', 'constructor>1%'])(
  'a figure that there is not is an error that knows the others: %s',
  (text) => {
    expect(() => parseExpectation(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        unknown: expect.objectContaining({ among: expect.arrayContaining(['p99', 'delivered', 'status']) }),
      }),
    );
  },
);
