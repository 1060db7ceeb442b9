import { type Check, type Conclusion, type Finding, makeFinding } from '../../model/finding.ts';
import { CHECKS } from '../checks.ts';
import { AGAIN, HELD_BACK, mayBeRateLimit, type ProbeResult } from '../probe/probe.ts';
import type { PlainResult } from '../probe/http-post.ts';
import { type Cause, fixFor } from '../server-fixes.ts';
import type { OtherHostVisit, Visits } from '../survey/visits.ts';

/** One call, as a finding reports it. */
interface BypassCall {
  /** `another-host.invalid, self-signed` */
  who: string;
  result: ProbeResult;
  /** What it showed, or had shown when its session began. */
  isSelfSigned: boolean;
}

/** P8: a virtual host that asks for no certificate must not lead to one that does, nor serve the webhook itself. */
export function judgeOtherHost(tries: readonly OtherHostVisit[], visits: readonly Visits[]): Finding {
  const calls = tries.flatMap(({ name, direct }) =>
    direct.map((result, index): BypassCall => ({
      who: `${name ?? 'no name'}${index === 0 ? '' : ', self-signed'}`,
      result,
      isSelfSigned: index > 0,
    })),
  );
  const finding = judge(CHECKS.P8, calls, visits, 'virtual-host-bypass');
  // Those that the user named come last.
  const host = tries.findLast(({ itself }) => isAdmitted(itself));
  if (finding.status !== 'pass' || host === undefined || host.itself === null) return finding;
  const observed = host.itself.reaction.text;
  const detail = `${host.name} answers this path with ${observed} without a certificate: same application?`;
  return {
    ...finding,
    status: 'warn',
    detail,
    observed: `${finding.observed}; ${host.name} itself: ${observed}`,
    ...fixFor('virtual-host-bypass'),
  };
}

/**
 * P10: a session from another virtual host, or one in which a certificate was refused, must not stand for a
 * certificate.
 */
export function judgeSessionReuse(tries: readonly OtherHostVisit[], visits: readonly Visits[]): Finding {
  const others = tries.flatMap(({ name, direct, resumed }): BypassCall[] =>
    resumed === null
      ? []
      : [{ who: name ?? 'no name', result: resumed, isSelfSigned: direct.length > 1 && direct[1]?.session !== null }],
  );
  const own = visits.flatMap(({ resumed }): BypassCall[] =>
    resumed === null ? [] : [{ who: 'the right name, self-signed', result: resumed, isSelfSigned: true }],
  );
  const calls = [...others, ...own];
  if (calls.length === 0)
    return makeFinding(CHECKS.P10, {
      status: 'skip',
      detail: 'the server issued no session to an unauthorised caller',
    });
  return judge(CHECKS.P10, calls, visits, 'session-reuse');
}

/** For sessions it says whether the server resumed: one that it declined proves nothing. */
function describeCall(check: Check, result: ProbeResult): string {
  if (check.id !== 'P10') return result.reaction.text;
  return `${result.reaction.text} (${result.resumed ? 'session resumed' : 'session not resumed'})`;
}

const isAdmitted = (result: ProbeResult | null): boolean => result !== null && result.reaction.kind === 'admitted';

function judge(check: Check, calls: readonly BypassCall[], visits: readonly Visits[], cause: Cause): Finding {
  const durationMs = Math.max(0, ...calls.map(({ result }) => result.durationMs));
  const observed = [...new Set(calls.map(({ who, result }) => `${who}: ${describeCall(check, result)}`))].join('; ');
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(check, { durationMs, expected: 'no success', observed, ...conclusion });
  if (calls.length === 0) return conclude({ status: 'skip', detail: 'not tried', observed: null });
  if (visits.some(({ without }) => isAdmitted(without)))
    return conclude({
      status: 'skip',
      detail: 'the server already accepts callers without a certificate under the right name',
    });
  const opened = calls.find(
    ({ result, isSelfSigned }) =>
      isAdmitted(result) && !(isSelfSigned && visits.some(({ selfSigned }) => isAdmitted(selfSigned))),
  );
  if (opened !== undefined) {
    const begun = `with ${opened.who} in the handshake`;
    const who = check.id === 'P10' ? `a session started ${begun} is` : `a request ${begun} is`;
    return conclude({ status: 'fail', detail: `${who} accepted: ${opened.result.reaction.text}`, ...fixFor(cause) });
  }
  if (calls.some(({ result }) => isAdmitted(result)))
    return conclude({
      status: 'skip',
      detail: 'the server already accepts self-signed certificates under the right name',
    });
  const held = calls.find(({ result }) => mayBeRateLimit(result.status));
  if (held !== undefined)
    return conclude({ status: 'warn', detail: `${held.who}: ${held.result.reaction.text}: ${HELD_BACK}`, fix: AGAIN });
  const isAnswered = calls.some(
    ({ result }) => result.reaction.kind !== 'unclear' || result.status !== null || result.alert !== null,
  );
  return isAnswered
    ? conclude({ status: 'pass', detail: summarize(check, calls) })
    : conclude({ status: 'skip', detail: observed });
}

/** Each reaction once, however many calls had it. */
function summarize(check: Check, calls: readonly BypassCall[]): string {
  return [...new Set(calls.map(({ result }) => describeCall(check, result)))].join('; ');
}

/** P9: what a POST in plain http gets on the ports that were tried. A redirect does not serve the webhook. */
export function judgePlainHttp(results: readonly PlainResult[]): Finding {
  const durationMs = Math.max(0, ...results.map((result) => result.durationMs));
  const observed = [...new Set(results.map((result) => `port ${result.port}: ${describe(result)}`))].join('; ');
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.P9, { durationMs, expected: 'no success', observed, ...conclusion });
  const open = results.find(({ status }) => status !== null && status >= 200 && status < 300);
  // Whoever listens and says nothing in time may still have taken the event.
  if (open === undefined && results.some(({ connected, timedOut }) => connected && timedOut))
    return conclude({ status: 'warn', detail: observed, fix: 'allow more time with --max-time' });
  const held = results.find(({ status }) => mayBeRateLimit(status));
  if (open === undefined && held !== undefined)
    return conclude({ status: 'warn', detail: `port ${held.port}: ${describe(held)}: ${HELD_BACK}`, fix: AGAIN });
  if (open === undefined) return conclude({ status: 'pass', detail: observed });
  return conclude({
    status: 'fail',
    detail: `port ${open.port} accepts the POST without TLS: HTTP ${open.status}`,
    ...fixFor('plain-http'),
  });
}

function describe({ status, connected, timedOut }: PlainResult): string {
  if (status !== null) return `HTTP ${status}`;
  if (connected && timedOut) return 'no answer in time';
  return connected ? 'no HTTP answer' : 'no connection';
}
