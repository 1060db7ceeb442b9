import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { explainRefusal, mendOf } from './explain-refusal.ts';
import { makeFinding, mend, type Conclusion } from './finding.ts';
import { describeReaction } from './judge-reaction.ts';
import { wasShown } from './judge-door.ts';
import { isSuccess, type SuccessRule } from './success.ts';

/** P5: the given certificate goes out, and the answer is the vendor's success. `offline`: what was concluded of its files. */
export function judgeGood(good: ProbeResult, success: SuccessRule, offline: readonly Finding[]): Finding {
  const observed = describeReaction(good);
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.P5, good.version, { expected: success.text, observed, ...conclusion }, good.durationMs);
  if (!isSuccess(good.status, success)) {
    const why = explainRefusal(good, offline, success);
    return conclude({ status: 'fail', detail: why === null ? observed : `${observed}: ${why.text}`, ...mendOf(why) });
  }
  if (wasShown(good)) return conclude({ status: 'pass', detail: observed });
  const why = good.requested === false ? 'the server did not ask for it' : 'it was not seen going out';
  return conclude({ status: 'warn', detail: `${observed}, but not because of the certificate: ${why}` });
}

/** P7: a large body gets the same success. */
export function judgeLargeBody(large: ProbeResult, success: SuccessRule, bodyBytes: number): Finding {
  const observed = describeReaction(large);
  const detail = `${Math.round(bodyBytes / 1024)} KiB: ${observed}`;
  const conclude = (conclusion: Partial<Conclusion>): Finding =>
    makeFinding(
      CHECKS.P7,
      large.version,
      { status: 'pass', detail, expected: success.text, observed, ...conclusion },
      large.durationMs,
    );
  if (isSuccess(large.status, success)) return conclude({});
  return conclude({ status: 'fail', ...mend('body-buffer') });
}
