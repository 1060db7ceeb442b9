import type { Attempt } from '../model/attempt.ts';
import type { Vendor } from '../model/vendor.ts';
import { successText } from '../vendors/facts.ts';
import type { ConformanceCase, Expectation, WireRequest } from './conformance-case.ts';

/** The status that the endpoint answered with; null without a whole answer. */
export const statusOf = ({ outcome, status }: Attempt): number | null => (outcome === 'unreachable' ? null : status);

const isSuccess = ({ outcome }: Attempt): boolean => outcome === 'delivered';

/** How often each event was processed, by its key; null when nobody tells. */
export type Effects = ReadonlyMap<string, number> | null;

export interface CaseVerdict {
  status: 'pass' | 'fail' | 'warn' | 'skip';
  detail: string;
  expected: string | null;
  observed: string | null;
  /** Worse than the severity of its case: the endpoint did not recover. */
  isGrave: boolean;
  /** The request it rests on. */
  index: number;
}

const RANK: Record<CaseVerdict['status'], number> = { pass: 0, skip: 1, warn: 2, fail: 3 };

/**
 * What a case comes to: the worst of its requests. Where effects are known and the event has a key, they decide; the
 * status is judged beside them.
 */
export function judgeCase(
  one: ConformanceCase,
  requests: readonly WireRequest[],
  attempts: readonly Attempt[],
  effects: Effects,
  vendor: Vendor,
): CaseVerdict {
  const verdicts = requests.map((request, index) => {
    const attempt = attempts[index];
    if (attempt === undefined) return verdict('skip', 'not sent: an earlier request of the case had no answer');
    const told = judgeRequest(request, attempt, {
      requests,
      attempts,
      effects,
      vendor,
      slowAboveMs: one.slowAboveMs ?? null,
    });
    const isGrave = one.group === 'robust' && index > 0 && told.status === 'fail';
    return {
      ...told,
      isGrave,
      index,
      detail:
        requests.length > 1 && told.status !== 'pass'
          ? `${nameRequest(one, requests, index)}: ${told.detail}`
          : told.detail,
    };
  });
  const worst = verdicts.toSorted((a, b) => RANK[b.status] - RANK[a.status])[0] ?? verdict('skip', 'nothing was sent');
  return worst.status === 'pass' ? (verdicts.at(-1) ?? worst) : worst;
}

interface CaseCircumstances {
  requests: readonly WireRequest[];
  attempts: readonly Attempt[];
  effects: Effects;
  vendor: Vendor;
  slowAboveMs: number | null;
}

function judgeRequest(request: WireRequest, attempt: Attempt, around: CaseCircumstances): CaseVerdict {
  const count = countOf(request, around.effects);
  switch (request.expect) {
    case 'accepted':
    case 'tolerated':
    case 'repeated':
      return judgeAccepted(request, attempt, count, around);
    case 'refused':
    case 'refused-4xx':
      return judgeRefused(request, attempt, count, around);
    case 'no-effect':
      return judgeNoEffect(attempt, count);
    case 'whatever':
      return statusOf(attempt) === null ? judgeSurvived(attempt) : verdict('pass', answered(attempt));
    case 'either':
    case 'survived':
      return judgeSurvived(attempt);
    case 'same':
      return judgeSame(attempt, count, around);
    case 'shut-out':
      return judgeShutOut(attempt, count, around);
  }
}

function judgeAccepted(
  { expect, key }: WireRequest,
  attempt: Attempt,
  count: number | null,
  { vendor, slowAboveMs, effects }: CaseCircumstances,
): CaseVerdict {
  const expected =
    expect === 'tolerated' ? successText(vendor.success.value) : `${successText(vendor.success.value)}, processed once`;
  const observed = observe(attempt, expect === 'tolerated' ? null : count);
  if (!isSuccess(attempt)) {
    return statusOf(attempt) === null
      ? verdict('fail', attempt.error ?? 'no answer', expected, observed)
      : verdict(
          'fail',
          `${attempt.error}${count === 1 ? ', although the event was processed: the vendor sends it again' : ''}`,
          expected,
          observed,
        );
  }
  if (expect !== 'tolerated' && count !== null && count !== 1) {
    return verdict(
      'fail',
      count === 0
        ? `answered ${statusOf(attempt)}, but the event was not processed: it is lost, or comes through a queue that is slower (--effects-wait)`
        : `the event was processed ${count} times`,
      expected,
      observed,
    );
  }
  if (slowAboveMs !== null && attempt.timings.totalMs > slowAboveMs)
    return verdict(
      'warn',
      `answered after ${seconds(attempt.timings.totalMs)}; ${vendor.title} waits ${seconds(vendor.timeoutMs.value)}`,
      `within ${seconds(slowAboveMs)}`,
      observed,
    );
  const blind =
    effects !== null && key === null && expect === 'accepted'
      ? ' (by status alone: the event carries nothing to tell it by)'
      : '';
  return verdict(
    'pass',
    `${answered(attempt)}${count === 1 && expect === 'accepted' ? ', processed once' : ''}${blind}`,
  );
}

function judgeRefused(
  request: WireRequest,
  attempt: Attempt,
  count: number | null,
  { requests, effects }: CaseCircumstances,
): CaseVerdict {
  const expected = '401, 403 or another 4xx, and not processed';
  const extra =
    count === null
      ? 0
      : count - requests.filter(({ expect, key }) => expect === 'accepted' && key === request.key).length;
  const observed = observe(attempt, count === null ? null : extra);
  if (extra > 0)
    return verdict(
      'fail',
      `${answered(attempt)}, and processed the event${isSuccess(attempt) ? '' : ' all the same'}`,
      expected,
      observed,
    );
  const status = statusOf(attempt);
  if (status === null) return verdict('fail', `no answer: ${attempt.error}`, expected, observed);
  if (status >= 200 && status <= 299) {
    if (count === null || request.expect === 'refused-4xx')
      return verdict(
        'fail',
        `answered ${status}${effects === null ? '' : ', whatever became of it'}`,
        expected,
        observed,
      );
    return verdict(
      'warn',
      `answered ${status}, but did not process it: the vendor takes that for success and a mistake in the secret goes unnoticed`,
      expected,
      observed,
    );
  }
  // Not Implemented is what HTTP has for a method that is not known (RFC 9110, section 15.6.2).
  if (status === 501 && request.method !== 'POST') return verdict('pass', answered(attempt));
  if (status >= 500)
    return verdict(
      request.expect === 'refused-4xx' ? 'fail' : 'warn',
      `answered ${status}: the vendor takes that for an outage and retries`,
      expected,
      observed,
    );
  if (status >= 300 && status <= 399)
    return verdict('warn', `answered ${status}: is that a refusal, or a page to log in?`, expected, observed);
  return verdict('pass', answered(attempt));
}

function judgeNoEffect(attempt: Attempt, count: number | null): CaseVerdict {
  const expected = 'not processed';
  const observed = observe(attempt, count);
  const survived = judgeSurvived(attempt);
  if (survived.status === 'fail' && statusOf(attempt) !== 501) return survived;
  if (count !== null)
    return count === 0
      ? verdict('pass', `${answered(attempt)}, not processed`)
      : verdict('fail', `${answered(attempt)}, and processed the event`, expected, observed);
  return isSuccess(attempt)
    ? verdict(
        'skip',
        'answered with success, and only effects can tell whether it was processed (--effects-url, --effects-cmd)',
      )
    : verdict('pass', answered(attempt));
}

function judgeSurvived(attempt: Attempt): CaseVerdict {
  const expected = 'an answer below 500';
  const status = statusOf(attempt);
  if (status === null) return verdict('fail', attempt.error ?? 'no answer', expected, 'no answer');
  return status >= 500
    ? verdict('fail', `answered ${status}`, expected, String(status))
    : verdict('pass', answered(attempt));
}

function judgeSame(
  attempt: Attempt,
  count: number | null,
  { requests, attempts, effects }: CaseCircumstances,
): CaseVerdict {
  const at = requests.findIndex(({ expect }) => expect === 'same');
  const [plain, first] = [requests[at], attempts[at]];
  if (first === undefined || statusOf(first) === null)
    return verdict('fail', `no answer: ${attempt.error}`, 'an answer', 'no answer');
  const firstCount = plain === undefined ? null : countOf(plain, effects);
  if (
    isSuccess(first) === isSuccess(attempt) &&
    count !== null &&
    firstCount !== null &&
    count > 0 !== firstCount > 0
  ) {
    return verdict(
      'fail',
      count > 0
        ? 'not processed without the header, processed with it'
        : 'processed without the header, not processed with it: the endpoint believes it',
      `as without the header: ${observe(first, firstCount)}`,
      observe(attempt, count),
    );
  }
  if (isSuccess(first) === isSuccess(attempt) && statusOf(attempt) === null)
    return verdict(
      'fail',
      `no answer: ${attempt.error}`,
      `as without the header: ${answered(first)}`,
      answered(attempt),
    );
  if (isSuccess(first) === isSuccess(attempt))
    return verdict(
      'pass',
      isSuccess(attempt) ? 'taken with and without the header' : 'refused with and without the header',
    );
  return verdict(
    'fail',
    isSuccess(attempt)
      ? 'refused without the header, taken with it'
      : 'taken without the header, refused with it: the endpoint believes it',
    `as without the header: ${answered(first)}`,
    answered(attempt),
  );
}

function judgeShutOut(attempt: Attempt, count: number | null, { vendor }: CaseCircumstances): CaseVerdict {
  if (count !== null && count > 0)
    return verdict('fail', `${answered(attempt)}, and processed the event`, 'not let in', observe(attempt, count));
  return isSuccess(attempt)
    ? verdict('fail', `${answered(attempt)}: ${vendor.title}'s success`, 'not let in', answered(attempt))
    : verdict('pass', statusOf(attempt) === null ? 'not let in' : answered(attempt));
}

const EFFECTLESS: ReadonlySet<Expectation> = new Set([
  'repeated',
  'refused',
  'refused-4xx',
  'no-effect',
  'same',
  'shut-out',
]);

/** Whether an effect that comes late, through a queue, changes the verdict on this request. */
export function forbidsEffect({ expect }: WireRequest): boolean {
  return EFFECTLESS.has(expect);
}

/** How often the event was processed; null when that cannot be told. */
function countOf({ key }: WireRequest, effects: Effects): number | null {
  return effects === null || key === null ? null : (effects.get(key) ?? 0);
}

function nameRequest({ isBurst, group }: ConformanceCase, requests: readonly WireRequest[], index: number): string {
  if (isBurst) return `number ${index + 1} of ${requests.length}`;
  return group === 'robust' && index > 0
    ? 'a good request afterwards'
    : (requests[index]?.label ?? `request ${index + 1} of ${requests.length}`);
}

function verdict(
  status: CaseVerdict['status'],
  detail: string,
  expected: string | null = null,
  observed: string | null = null,
): CaseVerdict {
  return { status, detail, expected, observed, isGrave: false, index: 0 };
}

const answered = (attempt: Attempt): string =>
  statusOf(attempt) === null ? 'no answer' : `answered ${statusOf(attempt)}`;

function observe(attempt: Attempt, count: number | null): string {
  const processed =
    count === null ? '' : count === 0 ? ', not processed' : count === 1 ? ', processed' : `, processed ${count} times`;
  return `${statusOf(attempt) ?? 'no answer'}${processed}`;
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`);
