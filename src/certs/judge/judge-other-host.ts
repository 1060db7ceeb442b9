import type { Finding } from '../../model/finding.ts';
import { CHECKS, type Check } from '../checks.ts';
import type { Cause } from '../server-fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { makeFinding, mend, type Conclusion } from './finding.ts';
import { describeReaction, judgeReaction } from './judge-reaction.ts';
import type { OtherHostVisit, Visits } from '../survey/visits.ts';

/** One call, as a finding tells it. */
interface Call {
  /** `another-host.invalid, self-signed` */
  who: string;
  result: ProbeResult;
  /** What it showed, or had shown when its session began. */
  isSelfSigned: boolean;
}

/** P8: a virtual host that asks for no certificate must not lead to one that does, nor serve the webhook itself. */
export function judgeOtherHost(tries: readonly OtherHostVisit[], visits: readonly Visits[]): Finding {
  const calls = tries.flatMap(({ name, direct }) =>
    direct.map((result, index): Call => ({
      who: `${name ?? 'no name'}${index === 0 ? '' : ', self-signed'}`,
      result,
      isSelfSigned: index > 0,
    })),
  );
  const finding = judge(CHECKS.P8, calls, visits, 'virtual-host-bypass');
  // Those that the user named come last.
  const host = tries.findLast(({ itself }) => isAdmitted(itself));
  if (finding.status !== 'pass' || host === undefined || host.itself === null) return finding;
  const observed = describeReaction(host.itself);
  const detail = `a request for ${host.name} on the same path gets ${observed} without a certificate: is that the same application?`;
  return {
    ...finding,
    status: 'warn',
    detail,
    observed: `${finding.observed}; ${host.name} itself: ${observed}`,
    ...mend('virtual-host-bypass'),
  };
}

/** P10: a session from another virtual host, or one in which a certificate was refused, must not stand for a certificate. */
export function judgeSessionReuse(tries: readonly OtherHostVisit[], visits: readonly Visits[]): Finding {
  const others = tries.flatMap(({ name, direct, resumed }): Call[] =>
    resumed === null
      ? []
      : [{ who: name ?? 'no name', result: resumed, isSelfSigned: direct.length > 1 && direct[1]?.session !== null }],
  );
  const own = visits.flatMap(({ resumed }): Call[] =>
    resumed === null ? [] : [{ who: 'the right name, self-signed', result: resumed, isSelfSigned: true }],
  );
  const calls = [...others, ...own];
  if (calls.length === 0)
    return makeFinding(CHECKS.P10, null, { status: 'skip', detail: 'no session was offered to a stranger' }, 0);
  return judge(CHECKS.P10, calls, visits, 'session-reuse');
}

/** A session that the server does not take up proves nothing of what it would have opened: that is told. */
function describeCall(check: Check, result: ProbeResult): string {
  if (check.id !== 'P10') return describeReaction(result);
  return `${describeReaction(result)} (${result.resumed ? 'the session was taken up' : 'the session was not taken up'})`;
}

const isAdmitted = (result: ProbeResult | null): boolean =>
  result !== null && judgeReaction(result).kind === 'admitted';

function judge(check: Check, calls: readonly Call[], visits: readonly Visits[], cause: Cause): Finding {
  const durationMs = Math.max(0, ...calls.map(({ result }) => result.durationMs));
  const observed = [...new Set(calls.map(({ who, result }) => `${who}: ${describeCall(check, result)}`))].join('; ');
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(check, null, { expected: 'no success', observed, ...conclusion }, durationMs);
  if (calls.length === 0) return conclude({ status: 'skip', detail: 'not tried', observed: null });
  if (visits.some(({ without }) => isAdmitted(without)))
    return conclude({
      status: 'skip',
      detail: 'callers without a certificate are let in under the right name already',
    });
  const opened = calls.find(
    ({ result, isSelfSigned }) =>
      isAdmitted(result) && !(isSelfSigned && visits.some(({ selfSigned }) => isAdmitted(selfSigned))),
  );
  if (opened !== undefined) {
    const begun = `with ${opened.who} in the handshake`;
    const who = check.id === 'P10' ? `a session that began ${begun} is` : `${begun} it is`;
    return conclude({ status: 'fail', detail: `${who} let in: ${describeReaction(opened.result)}`, ...mend(cause) });
  }
  if (calls.some(({ result }) => isAdmitted(result)))
    return conclude({
      status: 'skip',
      detail: 'callers with a self-signed certificate are let in under the right name already',
    });
  const isAnswered = calls.some(
    ({ result }) => judgeReaction(result).kind !== 'unclear' || result.status !== null || result.alert !== null,
  );
  return isAnswered
    ? conclude({ status: 'pass', detail: summarize(check, calls) })
    : conclude({ status: 'skip', detail: observed });
}

/** Each reaction once, however many calls had it. */
function summarize(check: Check, calls: readonly Call[]): string {
  return [...new Set(calls.map(({ result }) => describeCall(check, result)))].join('; ');
}
