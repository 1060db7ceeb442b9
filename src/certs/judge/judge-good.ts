import type { Finding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { makeFinding } from './finding.ts';
import { describeReaction, judgeReaction } from './judge-reaction.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';

/** What the vendor counts as success. */
export interface SuccessRule {
  statuses: '2xx' | readonly number[];
  /** `Mailkit: HTTP 200`, as a person reads it. */
  text: string;
}

/** P5: the given certificate goes out, and the answer is the vendor's success. */
export function judgeGood(good: ProbeResult, success: SuccessRule): Finding {
  const observed = describeReaction(good);
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding =>
    makeFinding(CHECKS.P5, good.version, { expected: success.text, observed, ...conclusion }, good.durationMs);
  if (!isSuccess(good.status, success)) return conclude({ status: 'fail', detail: observed, advice: adviceFor(good) });
  if (good.certificateSent === true) return conclude({ status: 'pass', detail: observed });
  const why = good.requested === false && !good.renegotiated ? 'the server did not ask for it' : 'it was not seen going out';
  return conclude({ status: 'warn', detail: `${observed}, but not because of the certificate: ${why}` });
}

/** P5 where the certificate was not tried. */
export function skipGood(detail: string): Finding {
  return makeFinding(CHECKS.P5, null, { status: 'skip', detail }, 0);
}

function isSuccess(status: number | null, { statuses }: SuccessRule): boolean {
  if (status === null) return false;
  return statuses === '2xx' ? status >= 200 && status < 300 : statuses.includes(status);
}

function adviceFor(good: ProbeResult): string | null {
  const reaction = judgeReaction(good);
  if (good.requested === true && good.certificateSent === false) return 'the certificate did not go out: the server may not take keys of its type';
  if (reaction.kind !== 'refused') return null;
  if (reaction.layer === 'application') return 'the connection was accepted: look at the rules and the log of the application';
  return "compare the certificate's issuer with the server's CA file, its dates and usages, and the depth the server allows";
}
