import type { Finding } from '../../model/finding.ts';
import { CHECKS, type Check } from '../checks.ts';
import type { Cause } from '../fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { makeFinding, mend, type Conclusion } from './finding.ts';
import type { Visits } from './judge-door.ts';
import { describeReaction, judgeReaction } from './judge-reaction.ts';

/** A caller who names another host in the handshake (SNI) and ours in the request (Host). */
export interface OtherHostVisit {
  /** The name in the handshake; null for none. */
  name: string | null;
  /** The calls that began under that name: without a certificate and, where one was asked for, with a self-signed one. */
  direct: readonly ProbeResult[];
  /** A call under our own name that resumes the session of one of them; null when no session was offered. */
  resumed: ProbeResult | null;
}

/** P8: a virtual host that asks for no certificate must not lead to one that does. */
export function judgeOtherHost(tries: readonly OtherHostVisit[], visits: readonly Visits[]): Finding {
  const calls = tries.flatMap(({ name, direct }) => direct.map((result) => ({ name, result })));
  return judge(CHECKS.P8, calls, visits, 'virtual-host-bypass');
}

/** P10: a session from another virtual host must not stand for a certificate at ours. */
export function judgeSessionReuse(tries: readonly OtherHostVisit[], visits: readonly Visits[]): Finding {
  const calls = tries.flatMap(({ name, resumed }) => (resumed === null ? [] : [{ name, result: resumed }]));
  if (calls.length === 0) return makeFinding(CHECKS.P10, null, { status: 'skip', detail: 'no session was offered under another name' }, 0);
  return judge(CHECKS.P10, calls, visits, 'session-reuse');
}

/** A session that the server does not take up proves nothing of what it would have opened: that is told. */
function describeCall(check: Check, result: ProbeResult): string {
  if (check.id !== 'P10') return describeReaction(result);
  return `${describeReaction(result)} (${result.resumed ? 'the session was taken up' : 'the session was not taken up'})`;
}

function judge(check: Check, calls: readonly { name: string | null; result: ProbeResult }[], visits: readonly Visits[], cause: Cause): Finding {
  const durationMs = Math.max(0, ...calls.map(({ result }) => result.durationMs));
  const observed = [...new Set(calls.map(({ name, result }) => `${name ?? 'no name'}: ${describeCall(check, result)}`))].join('; ');
  const conclude = (conclusion: Conclusion): Finding => makeFinding(check, null, { expected: 'no success', observed, ...conclusion }, durationMs);
  if (calls.length === 0) return conclude({ status: 'skip', detail: 'not tried', observed: null });
  if (visits.some(({ without }) => judgeReaction(without).kind === 'admitted')) {
    return conclude({ status: 'skip', detail: 'callers without a certificate are let in under the right name already' });
  }
  const opened = calls.find(({ result }) => judgeReaction(result).kind === 'admitted');
  if (opened !== undefined) {
    const name = `with ${opened.name ?? 'no name'} in the handshake`;
    const who = check.id === 'P10' ? `a session that began ${name} is` : `${name} it is`;
    return conclude({ status: 'fail', detail: `${who} let in: ${describeReaction(opened.result)}`, ...mend(cause) });
  }
  const isAnswered = calls.some(({ result }) => judgeReaction(result).kind !== 'unclear' || result.status !== null || result.alert !== null);
  return isAnswered ? conclude({ status: 'pass', detail: observed }) : conclude({ status: 'skip', detail: observed });
}
