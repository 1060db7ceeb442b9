import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import type { Cause } from '../server-fixes.ts';
import { explainRefusal, mendOf } from './explain-refusal.ts';
import { makeFinding, mend, mendOpenDoor, type Conclusion } from './finding.ts';
import { judgeReaction } from './judge-reaction.ts';
import type { SuccessRule } from './success.ts';
import { isEnforced, VERDICT_TEXT, type Verdict } from './judge-verdict.ts';
import type { Visits } from '../survey/visits.ts';

const OPEN: Partial<Record<Verdict, Cause>> = {
  'never-asks': 'not-asked',
  optional: 'optional',
  'admits-anyone': 'not-verified',
};

export interface Evidence {
  visits: readonly Visits[];
  /** Failing findings of calls that got in without passing the door. */
  waysAround: readonly Finding[];
  /** What was concluded of the certificate's files. */
  offline: readonly Finding[];
  success: SuccessRule;
}

/** R2: the verdict as a finding, with its cause and what to change. It fails for whatever is not proved, too. */
export function judgeEnforcement(verdict: Verdict, { visits, waysAround, offline, success }: Evidence): Finding {
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.R2, null, { expected: 'enforced', observed: verdict, ...conclusion }, 0);
  const [way] = waysAround;
  if (way !== undefined)
    return conclude({
      status: 'fail',
      detail: `${verdict === 'admits-anyone' ? 'a way leads around the certificate' : `${VERDICT_TEXT[verdict]}, but a way leads around it`} (${way.id}): ${way.detail}`,
      fix: way.fix,
      serverFixes: way.serverFixes,
    });
  if (isEnforced(verdict)) return conclude({ status: 'pass', detail: VERDICT_TEXT[verdict] });
  const open = OPEN[verdict];
  if (open !== undefined)
    return conclude({
      status: 'fail',
      detail: VERDICT_TEXT[verdict],
      ...(open === 'not-asked' ? mend(open) : mendOpenDoor(open)),
    });
  const goods = visits.flatMap(({ good }) => (good === null ? [] : [good]));
  if (verdict === 'refuses-everybody') {
    const why = goods.map((good) => explainRefusal(good, offline, success)).find((one) => one !== null);
    return conclude({
      status: 'fail',
      detail: why ? `${VERDICT_TEXT[verdict]}: ${why.text}` : VERDICT_TEXT[verdict],
      ...mendOf(why ?? null),
    });
  }
  return conclude({ status: 'fail', detail: VERDICT_TEXT[verdict], fix: adviceForUnproved(visits) });
}

function adviceForUnproved(visits: readonly Visits[]): string {
  const vague = visits
    .map(({ without }) => without)
    .find((result) => result.status !== null && judgeReaction(result).kind === 'unclear');
  if (vague !== undefined)
    return `refuse callers without a certificate in TLS, or answer them 401 or 403: HTTP ${vague.status} may mean anything`;
  return visits.every(({ good }) => good === null)
    ? 'give a good certificate with --cert and --key: what it gets is compared with what the others get'
    : 'see P1, P2 and P5: what they observed leaves more than one explanation';
}
