import { expect, test } from 'vitest';
import type { Outcome } from '../../src/model/attempt.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { RetryLadder } from '../../src/model/vendor.ts';
import { decideRetry, delaysOf, stepAfter, type NextStep } from '../../src/vendors/retry-rule.ts';

const fact = <T>(value: T): Fact<T> => ({ value, certainty: 'doc' });
const LADDER: RetryLadder = { delaysMs: fact([1000, 2000]) };

test.each<[what: string, ladder: RetryLadder, event: string | undefined, delays: number[]]>([
  ['steps', LADDER, undefined, [1000, 2000]],
  ['the same wait again and again', { delaysMs: fact({ everyMs: 5, forMs: 24 }) }, undefined, [5, 5, 5, 5]],
  ['a ladder of its own', { ...LADDER, delaysByEvent: { a: fact([7]) } }, 'a', [7]],
  ['of another event', { ...LADDER, delaysByEvent: { a: fact([7]) } }, 'b', [1000, 2000]],
  ['an event that is sent once', { ...LADDER, delaysByEvent: { a: fact([]) } }, 'a', []],
  ['an event by the name of a property', { ...LADDER, delaysByEvent: {} }, 'constructor', [1000, 2000]],
])('%s', (_, ladder, event, delays) => {
  expect(delaysOf(ladder, event)).toEqual(delays);
});

test('a ladder without end has one all the same', () => {
  expect(delaysOf({ delaysMs: fact({ everyMs: 1, forMs: Number.MAX_SAFE_INTEGER }) })).toHaveLength(10_000);
});

test.each<[what: string, rule: Partial<RetryLadder>, answer: number | null, decision: string]>([
  ['nothing said', {}, 404, 'retry'],
  ['nothing said', {}, null, 'retry'],
  ['Mailgun: 406 ends it', { neverOn: fact([406]) }, 406, 'drop'],
  ['Mailgun: 404 does not', { neverOn: fact([406]) }, 404, 'retry'],
  ['Brevo: 429 and 5xx alone', { onlyOn: fact([429, '5xx']) }, 401, 'drop'],
  ['Brevo: 429 and 5xx alone', { onlyOn: fact([429, '5xx']) }, 429, 'retry'],
  ['Brevo: 429 and 5xx alone', { onlyOn: fact([429, '5xx']) }, 503, 'retry'],
  ['Brevo: 429 and 5xx alone', { onlyOn: fact([429, '5xx']) }, null, 'drop'],
  ['no answer counts where it is said', { onlyOn: fact(['5xx', 'no-answer']) }, null, 'retry'],
  ['a class of statuses', { neverOn: fact(['4xx']) }, 499, 'drop'],
  ['what is never beats what is only', { onlyOn: fact(['4xx']), neverOn: fact([410]) }, 410, 'drop'],
  ['a header stops it', { stopHeader: fact({ name: 'X-No-Retry', value: '1' }) }, 500, 'drop'],
  ['another value does not', { stopHeader: fact({ name: 'X-No-Retry', value: '2' }) }, 500, 'retry'],
])('%s: %j after %j is a %s', (_, rule, status, decision) => {
  const outcome: Outcome = status === null ? 'unreachable' : 'refused';
  const answer = { outcome, status, responseHeaders: [['x-no-retry', ' 1 ']] as const };
  expect(decideRetry({ ...LADDER, ...rule }, answer)).toBe(decision);
});

const PATIENT: RetryLadder = { ...LADDER, deactivatesAfterMs: fact(2500) };

test.each<
  [what: string, ladder: RetryLadder, outcome: Outcome, after: { number: number; sinceFirstMs: number }, step: NextStep]
>([
  ['it is delivered', LADDER, 'delivered', { number: 1, sinceFirstMs: 0 }, { ended: 'delivered' }],
  ['the next wait', LADDER, 'refused', { number: 2, sinceFirstMs: 1000 }, { waitMs: 2000 }],
  ['no wait is left', LADDER, 'refused', { number: 3, sinceFirstMs: 3000 }, { ended: 'exhausted' }],
  [
    'such an answer ends it',
    { ...LADDER, neverOn: fact([500]) },
    'refused',
    { number: 1, sinceFirstMs: 0 },
    { ended: 'dropped' },
  ],
  ['the last wait is cut', PATIENT, 'unreachable', { number: 2, sinceFirstMs: 1000 }, { waitMs: 1500 }],
  ['the patience is over', PATIENT, 'refused', { number: 2, sinceFirstMs: 2500 }, { ended: 'deactivated' }],
])('the step after an attempt: %s', (_, ladder, outcome, after, step) => {
  const attempt = { outcome, status: outcome === 'unreachable' ? null : 500, responseHeaders: [] };
  expect(stepAfter(ladder, attempt, after)).toEqual(step);
});
