import { expect, test } from 'vitest';
import { concludeLoad } from '../../src/load/conclude-load.ts';
import { judgeExpectations, parseExpectation } from '../../src/load/expectations.ts';
import type { LoadReport } from '../../src/model/load-report.ts';
import { loadReport } from './load-reports.ts';

const NOTHING = { allowDropped: false, allowLate: false };

const conclude = (report: LoadReport, expectations: readonly string[] = [], allowed = NOTHING) =>
  concludeLoad(report, judgeExpectations(expectations.map(parseExpectation), report), allowed);

const UNANSWERED = loadReport({ times: [], counts: { started: 7, unreachable: 7 }, errorCodes: { ECONNREFUSED: 7 } });
const REFUSED = loadReport({ counts: { delivered: 90, refused: 6, unreachable: 3 }, statuses: { 200: 90, 500: 6 } });
const RESENT = loadReport({ counts: { resent: 9 } });
const DROPPED = loadReport({ counts: { dropped: 20 } });
const LATE = loadReport({ generator: { isValid: false, reason: '12 % late', eventLoopDelayP99Ms: 40, cpuShare: 1 } });

const REJECTED = loadReport({ counts: { delivered: 0, refused: 100 }, statuses: { 401: 100 } });
const RESENT_TEXT =
  "9 requests sent twice: the endpoint closed the connection without answering (accept it with --expect 'delivered=100%')";
const DROPPED_TEXT =
  '20 of 120 events dropped: 1000 were in flight (raise --max-in-flight, or accept it with --allow-dropped)';
const LATE_TEXT = 'results invalid: 12 % late (use a lower --rate or another machine, or accept it with --allow-late)';
const VAIN = "nothing was delivered: 100 refused (if that is right, add --expect 'delivered=0')";

test.each([
  ['all delivered', loadReport(), [], 'yes', []],
  ['every expectation met', REFUSED, ['delivered>=90%', 'p50<1s'], 'yes', []],
  ['one of two not met', loadReport(), ['p50<1ms', 'delivered=100'], 'no', ['1 of 2 expectations not met']],
  ['the only one not met', loadReport(), ['p50<1ms'], 'no', ['the expectation is not met']],
  ['some not delivered', REFUSED, [], 'no', ['6 refused, 3 unreachable, 1 still under way']],
  ['sent twice', RESENT, [], 'no', [RESENT_TEXT]],
  ['sent twice, and that allowed', RESENT, ['delivered=100%'], 'yes', []],
  ['sent twice, and that forbidden', RESENT, ['resent=0'], 'no', ['the expectation is not met']],
  ['no answer', UNANSWERED, [], 'no-answer', ['none of 7 events had an answer']],
  ['no answer, and that expected', UNANSWERED, ['unreachable=7'], 'no-answer', ['none of 7 events had an answer']],
  ['all refused, and quickly', REJECTED, ['p99<500ms'], 'no', [VAIN]],
  ['all refused, and the limits are for other failures', REJECTED, ['status(5xx)<1%', 'unreachable=0'], 'no', [VAIN]],
  ['all refused, and none was to be delivered', REJECTED, ['p99<500ms', 'delivered=0'], 'yes', []],
  ['all refused, as expected', REJECTED, ['p99<500ms', 'status(401)=100%'], 'yes', []],
  ['all refused, and all were to be delivered', REJECTED, ['delivered=100%'], 'no', ['the expectation is not met']],
  ['nothing sent', loadReport({ times: [] }), [], 'no', ['nothing was sent']],
  ['nothing sent, and that expected', loadReport({ times: [] }), ['dropped=0'], 'no', ['nothing was sent']],
  ['dropped', DROPPED, [], 'no', [DROPPED_TEXT]],
  ['an interrupted run', loadReport({ isInterrupted: true }), ['p50<1s'], 'no', ['the run was interrupted']],
  ['a late generator', LATE, ['p50<1s'], 'no', [LATE_TEXT]],
  [
    'late connections',
    { ...LATE, arrival: { kind: 'closed', connections: 9 } },
    ['p50<1s'],
    'no',
    [LATE_TEXT.replace('a lower --rate', 'fewer --connections')],
  ],
  [
    'unrecorded',
    loadReport({ counts: { unrecorded: 1 }, isInterrupted: true }),
    [],
    'unrecorded',
    ['1 answered event could not be recorded'],
  ],
  [
    'forgotten',
    loadReport({ counts: { forgotten: 2 } }),
    ['p50<1s'],
    'no',
    ['2 failed events could not be retried: too many were waiting'],
  ],
] as const)('%s', (_, report, expectations, outcome, reasons) => {
  expect(conclude(report, expectations)).toEqual({ outcome, reasons });
});

test.each([
  ['dropped', DROPPED, { ...NOTHING, allowDropped: true }],
  ['late', LATE, { ...NOTHING, allowLate: true }],
])('events that are %s may be allowed, and nothing else is by that', (_, report, allowed) => {
  expect(conclude(report, [], allowed)).toEqual({ outcome: 'yes', reasons: [] });
  for (const other of [DROPPED, LATE]) if (other !== report) expect(conclude(other, [], allowed).outcome).toBe('no');
});

test('that events may be late excuses nothing that failed on this machine', () => {
  const generator = { isValid: false, reason: 'no sockets', eventLoopDelayP99Ms: 40, cpuShare: 1 };
  const report = loadReport({ generator, counts: { started: 101, unreachable: 1 }, errorCodes: { EMFILE: 1 } });
  const verdict = conclude(report, ['delivered>90%'], { ...NOTHING, allowLate: true });
  expect(verdict).toEqual({
    outcome: 'no',
    reasons: ['results invalid: no sockets (use a lower --rate or another machine)'],
  });
});
