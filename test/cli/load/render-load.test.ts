import { afterEach, expect, test } from 'vitest';
import { renderLoad } from '../../../src/cli/load/render-load.ts';
import { displayWidth } from '../../../src/cli/terminal/display-width.ts';
import { concludeLoad } from '../../../src/load/conclude-load.ts';
import { judgeExpectations, parseExpectation } from '../../../src/load/expectations.ts';
import type { LoadReport } from '../../../src/model/load-report.ts';
import { loadReport } from '../../load/load-reports.ts';
import { HOSTILE } from '../../report/reports.ts';
import { screenOf } from '../../../src/cli/terminal/stdio.ts';

const unlimited = screenOf(1).columns;
afterEach(() => {
  screenOf(1).columns = unlimited;
});

/** Everything that can be told, with large numbers. */
const LARGE = loadReport({
  target: { url: 'https://hooks.example.test:8443/a/long/path/to/the/endpoint', vendor: 'mail2many', webhook: 'shop' },
  arrival: { kind: 'ramp', fromPerSecond: 100, toPerSecond: 25_000, overMs: 60_000, maxInFlight: 1000 },
  counts: {
    started: 1_234_567,
    delivered: 1_200_000,
    refused: 30_000,
    unreachable: 4567,
    dropped: 12_345,
    retries: 99,
  },
  statuses: { 200: 1_200_000, 429: 20_000, 503: 10_000 },
  errorCodes: { ECONNREFUSED: 4000, TIMEOUT: 567 },
  throttled: { answers: 20_000, withRetryAfter: 19_999, kept: 80, broken: 19 },
  late: { count: 14_000, share: 0.0113, p99Ms: 12, maxMs: 1200 },
  generator: { isValid: false, reason: '1.1 % of the starts were late', eventLoopDelayP99Ms: 31, cpuShare: 0.997 },
  each: 12_300,
  waitedMs: 900,
});
const EXPECTATIONS = ['p99<1ms', 'delivered>99.9%', 'rate>=100/s', 'p50<1m', 'max<2s'];

const CLOSED = loadReport({ arrival: { kind: 'closed', connections: 50 }, waitedMs: 0 });

function render(report: LoadReport, expectations: readonly string[], columns: number | undefined): string {
  screenOf(1).columns = columns as number;
  const judged = judgeExpectations(expectations.map(parseExpectation), report);
  return renderLoad({
    report,
    expectations: judged,
    verdict: concludeLoad(report, judged, { allowDropped: false, allowLate: false }),
  });
}

test.each([40, 60, 80, 100, undefined])('all of it on a terminal of %s columns', (columns) => {
  const text = render(LARGE, EXPECTATIONS, columns);
  for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(columns ?? Infinity);
  if (columns !== 40) expect(text).toMatchSnapshot();
});

test('a good run in a closed loop tells no more than there is', () => {
  expect(render(CLOSED, [], 80)).toMatchSnapshot();
});

test('the verdict is the last line, and what is not met stands right above it', () => {
  const lines = render(LARGE, EXPECTATIONS, 100).split('\n');
  const kinds = lines.filter((line) => /^(not )?met /.test(line)).map((line) => line.replace(/met .*/, 'met'));
  expect(kinds).toEqual(['met', 'met', 'not met', 'not met', 'not met']);
  expect(lines.at(-1)).toMatch(/not met$/);
  expect(render(CLOSED, ['p50<1m'], 80).split('\n').at(-1)).toBe('passed      the expectation is met');
});

test('without an answer there are no times', () => {
  const none = loadReport({ times: [], counts: { started: 3, unreachable: 3 }, errorCodes: { ECONNREFUSED: 3 } });
  expect(render(none, ['p99<1s'], 80)).toMatch(/^response +– +– +– +– +–$/m);
  expect(render(none, ['p99<1s'], 80)).toMatch(/^not met +p99<1s +no answer$/m);
});

test.each(HOSTILE)('what is hostile stays on its line: %s', (_, text) => {
  const hostile = loadReport({
    target: { url: text, vendor: text, webhook: text },
    events: { [text]: 1 },
    errorCodes: { [text]: 1 },
    generator: { isValid: false, reason: text, eventLoopDelayP99Ms: 0, cpuShare: 0 },
  });
  // eslint-disable-next-line no-control-regex
  expect(render(hostile, [], 80)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]|^::|##\[/m);
  for (const line of render(hostile, [], 80).split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(80);
});

test('--verbose tells each second, too', () => {
  screenOf(1).columns = 60;
  const report = loadReport();
  const text = renderLoad({ report, expectations: [], verdict: { outcome: 'yes', reasons: [] } }, true);
  expect(text).toMatch(/^9 s +10 +0 +0 +.*108 ms/m);
  for (const line of text.split('\n')) expect(displayWidth(line), line).toBeLessThanOrEqual(60);
});

test('a fact too long for a terminal goes on under its text, also where its label has two words', () => {
  const lines = render(loadReport({ counts: { resent: 4 } }), [], 80).split('\n');
  const at = lines.findIndex((one) => one.startsWith('sent twice  4: '));
  expect(lines[at + 1]).toMatch(/^ {12}\S/);
});
