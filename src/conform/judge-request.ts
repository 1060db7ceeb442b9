import type { Attempt } from '../model/attempt.ts';
import type { Vendor } from '../model/vendor.ts';
import { successText } from '../vendors/facts.ts';
import {
  answered,
  isRateLimited,
  isSuccess,
  observe,
  statusOf,
  verdict,
  type CaseVerdict,
  type Effects,
} from './case-verdict.ts';
import type { WireRequest } from './conformance-case.ts';
import { judgeCalledBack, judgeHandshake, judgeNotCalled } from './judge-handshake.ts';

/** The case that a request belongs to. */
export interface CaseCircumstances {
  requests: readonly WireRequest[];
  attempts: readonly Attempt[];
  effects: Effects;
  vendor: Vendor;
  slowAboveMs: number | null;
}

/**
 * Whether the answer to a request, and what was processed, is what should become of it. Where effects are known and the
 * event has a key, they decide; the status is judged beside them.
 */
export function judgeRequest(request: WireRequest, attempt: Attempt, circumstances: CaseCircumstances): CaseVerdict {
  const judged = judgeByExpectation(request, attempt, circumstances);
  return judged.status === 'pass' && request.expect !== 'whatever' && isRateLimited(attempt)
    ? judgeUnread(judged)
    : judged;
}

/** Whoever is turned away for the number of requests would be so with a good one, too: it may not be looked at. */
function judgeUnread(judged: CaseVerdict): CaseVerdict {
  return {
    ...judged,
    status: 'warn',
    detail: 'answered 429, as a rate limit answers anything: this proves nothing',
    expected: 'an answer to the request itself',
    observed: '429',
  };
}

function judgeByExpectation(request: WireRequest, attempt: Attempt, circumstances: CaseCircumstances): CaseVerdict {
  const count = countOf(request, circumstances.effects);
  switch (request.expect) {
    case 'accepted':
    case 'tolerated':
    case 'repeated':
      return judgeAccepted(request, attempt, count, circumstances);
    case 'refused':
    case 'refused-4xx':
      return judgeRefused(request, attempt, count, circumstances);
    case 'no-effect':
      return judgeNoEffect(attempt, count === null ? null : count - countAccepted(request, circumstances));
    case 'answered':
      return judgeHandshake(request, attempt);
    case 'called-back':
      return judgeCalledBack(request, attempt);
    case 'not-called':
      return judgeNotCalled(request, attempt);
    case 'whatever':
      return statusOf(attempt) === null ? judgeSurvived(attempt) : verdict('pass', answered(attempt));
    case 'either':
    case 'survived':
      return judgeSurvived(attempt);
    case 'same':
      return judgeSame(attempt, count, circumstances);
    case 'shut-out':
      return judgeShutOut(attempt, count, circumstances);
  }
}

/** How often the event was processed, of several the one that was not once; null when that is not known. */
function countOf({ key, moreKeys = [] }: WireRequest, effects: Effects): number | null {
  if (effects === null || key === null) return null;
  const counts = [key, ...moreKeys].map((one) => effects.get(one) ?? 0);
  return counts.find((count) => count !== 1) ?? 1;
}

function judgeAccepted(
  { expect, key }: WireRequest,
  attempt: Attempt,
  count: number | null,
  { vendor, slowAboveMs, effects }: CaseCircumstances,
): CaseVerdict {
  const success = successText(vendor.success.value);
  const counted = expect === 'tolerated' ? null : count;
  const observed = observe(attempt, counted);
  const compared = { expected: expect === 'tolerated' ? success : `${success}, processed once`, observed };
  if (!isSuccess(attempt)) return verdict('fail', whyNoSuccess(attempt, count), compared);
  if (counted !== null && counted !== 1) return verdict('fail', whyNotOnce(attempt, counted), compared);
  const { totalMs } = attempt.timings;
  if (slowAboveMs !== null && totalMs > slowAboveMs)
    return verdict(
      'warn',
      `answered after ${seconds(totalMs)}; ${vendor.title} waits ${seconds(vendor.timeoutMs.value)}`,
      { expected: `within ${seconds(slowAboveMs)}`, observed },
    );
  if (expect !== 'accepted') return verdict('pass', answered(attempt));
  const byStatus = effects !== null && key === null ? ' (by status alone: nothing identifies the event)' : '';
  return verdict('pass', `${answered(attempt)}${count === 1 ? ', processed once' : ''}${byStatus}`);
}

function whyNoSuccess(attempt: Attempt, count: number | null): string {
  if (statusOf(attempt) === null) return attempt.error ?? 'no answer';
  return `${attempt.error}${count === 1 ? ', although the event was processed: the vendor sends it again' : ''}`;
}

function whyNotOnce(attempt: Attempt, count: number): string {
  if (count > 0) return `the event was processed ${count} times`;
  return (
    `answered ${statusOf(attempt)}, but the event was not processed: ` +
    'it is lost, or still in a slow queue (--effects-wait)'
  );
}

/** How often the same event was to be processed for other requests of the case. */
const countAccepted = ({ key }: WireRequest, { requests }: CaseCircumstances): number =>
  requests.filter((one) => one.expect === 'accepted' && one.key === key).length;

const REFUSED = '401, 403 or another 4xx, and not processed';

function judgeRefused(
  request: WireRequest,
  attempt: Attempt,
  count: number | null,
  circumstances: CaseCircumstances,
): CaseVerdict {
  const { effects } = circumstances;
  const extra = count === null ? null : count - countAccepted(request, circumstances);
  const compared = { expected: REFUSED, observed: observe(attempt, extra) };
  if (extra !== null && extra > 0)
    return verdict(
      'fail',
      `${answered(attempt)}, and processed the event${isSuccess(attempt) ? '' : ' anyway'}`,
      compared,
    );
  const status = statusOf(attempt);
  if (status === null) return verdict('fail', `no answer: ${attempt.error}`, compared);
  // Not Implemented is what HTTP has for a method that is not known (RFC 9110, section 15.6.2).
  if ((status >= 400 && status <= 499) || status < 200 || (status === 501 && request.method !== 'POST'))
    return verdict('pass', answered(attempt));
  const mustBe4xx = request.expect === 'refused-4xx';
  if (status >= 500)
    return verdict(
      mustBe4xx ? 'fail' : 'warn',
      `answered ${status}: the vendor treats that as an outage and retries`,
      compared,
    );
  if (status >= 300) return verdict('warn', `answered ${status}: is that a refusal, or a login page?`, compared);
  if (count === null || mustBe4xx)
    return verdict('fail', `answered ${status}${effects === null ? '' : ', processed or not'}`, compared);
  return verdict(
    'warn',
    `answered ${status}, but did not process it: ` +
      'the vendor treats that as success, and a wrong secret goes unnoticed',
    compared,
  );
}

function judgeNoEffect(attempt: Attempt, count: number | null): CaseVerdict {
  const survived = judgeSurvived(attempt);
  if (survived.status === 'fail' && statusOf(attempt) !== 501) return survived;
  if (count === null && isSuccess(attempt))
    return verdict(
      'skip',
      'answered with success, and only effects show whether it was processed (--effects-url, --effects-cmd)',
    );
  if (count === null) return verdict('pass', answered(attempt));
  if (count <= 0) return verdict('pass', `${answered(attempt)}, not processed`);
  const compared = { expected: 'not processed', observed: observe(attempt, count) };
  return verdict('fail', `${answered(attempt)}, and processed the event`, compared);
}

function judgeSurvived(attempt: Attempt): CaseVerdict {
  const expected = 'an answer below 500';
  const status = statusOf(attempt);
  if (status === null) return verdict('fail', attempt.error ?? 'no answer', { expected, observed: 'no answer' });
  if (status >= 500) return verdict('fail', `answered ${status}`, { expected, observed: String(status) });
  return verdict('pass', answered(attempt));
}

/** The first request marked `same` makes no claim in a header; the others must be treated as it was. */
function judgeSame(
  attempt: Attempt,
  count: number | null,
  { requests, attempts, effects }: CaseCircumstances,
): CaseVerdict {
  const at = requests.findIndex(({ expect }) => expect === 'same');
  const [plain, first] = [requests[at], attempts[at]];
  if (first === undefined || statusOf(first) === null)
    return verdict('fail', `no answer: ${attempt.error}`, { expected: 'an answer', observed: 'no answer' });
  const compared = { expected: `as without the header: ${answered(first)}`, observed: answered(attempt) };
  const isAccepted = isSuccess(attempt);
  if (isAccepted !== isSuccess(first))
    return verdict(
      'fail',
      isAccepted
        ? 'refused without the header, accepted with it'
        : 'accepted without the header, refused with it: the endpoint trusts it',
      compared,
    );
  const firstCount = plain === undefined ? null : countOf(plain, effects);
  if (count !== null && firstCount !== null && count > 0 !== firstCount > 0)
    return verdict(
      'fail',
      count > 0
        ? 'not processed without the header, processed with it'
        : 'processed without the header, not processed with it: the endpoint trusts it',
      { expected: `as without the header: ${observe(first, firstCount)}`, observed: observe(attempt, count) },
    );
  if (statusOf(attempt) === null) return verdict('fail', `no answer: ${attempt.error}`, compared);
  return verdict('pass', isAccepted ? 'accepted with and without the header' : 'refused with and without the header');
}

function judgeShutOut(attempt: Attempt, count: number | null, { vendor }: CaseCircumstances): CaseVerdict {
  const expected = 'not let in';
  if (count !== null && count > 0)
    return verdict('fail', `${answered(attempt)}, and processed the event`, {
      expected,
      observed: observe(attempt, count),
    });
  if (isSuccess(attempt))
    return verdict('fail', `${answered(attempt)}: ${vendor.title}'s success`, {
      expected,
      observed: answered(attempt),
    });
  return verdict('pass', statusOf(attempt) === null ? 'not let in' : answered(attempt));
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`);
