import type { RetryCondition, Vendor } from '../../model/vendor.ts';
import { plural } from '../../model/wording.ts';
import { retryConditions } from '../../vendors/decisive-facts.ts';
import { decideRetry, delaysOf } from '../../vendors/retry-rule.ts';
import { answered, isSuccess, verdict, type CaseVerdict } from '../case-verdict.ts';
import type { CaseTemplate, SentRequest } from '../conformance-case.ts';

/** What the answers to all good events come to. */
export const LOST_EVENT_CASES: readonly CaseTemplate[] = [
  {
    id: 'lost-for-good',
    title: ({ title }) => `no good event gets an answer that makes ${title} discard it for good`,
    sender: 'vendor',
    restsOn: [retryConditions],
    appliesTo: 'drops-events',
    change: () => [],
    ofRun: judgeAnswers,
    mistake: 'an internal error or an overload is answered with what the vendor treats as a final no',
    fix: comesAgain,
  },
];

function judgeAnswers(sent: readonly SentRequest[], vendor: Vendor): CaseVerdict {
  const lost = sent.filter(({ attempt }) => !isSuccess(attempt)).filter((one) => isLost(one, vendor));
  const [first] = lost;
  if (sent.length === 0) return verdict('skip', 'no good event was sent');
  if (first === undefined) return verdict('pass', `none of ${plural(sent.length, 'good event')} is lost by its answer`);
  const answers = [...new Set(lost.map(({ attempt }) => answered(attempt)))].join(', ');
  const of = `${lost.length} of ${plural(sent.length, 'good event')}`;
  const detail = `${of} ${answers}: ${vendor.title} discards those for good`;
  return {
    ...verdict('fail', detail, { expected: 'an answer that the vendor retries', observed: answers }),
    index: sent.indexOf(first),
  };
}

/** By its answer, or because the vendor tries this event once alone. */
function isLost({ request: { event }, attempt }: SentRequest, { retries }: Vendor): boolean {
  return decideRetry(retries, attempt) === 'drop' || delaysOf(retries, event).length === 0;
}

/** After what the vendor comes again, in words. */
function comesAgain({ title, retries: { onlyOn, neverOn } }: Vendor): string {
  if (onlyOn !== undefined) return `answer what ${title} retries: ${onlyOn.value.map(conditionText).join(', ')}`;
  return `answer 503, and not ${(neverOn?.value ?? []).map(conditionText).join(', ')}, which ${title} does not retry`;
}

const conditionText = (condition: RetryCondition): string =>
  condition === 'no-answer'
    ? 'no answer at all'
    : typeof condition === 'number'
      ? String(condition)
      : `any ${condition}`;
