import { type Check, type Conclusion, type Finding, makeFinding } from '../../model/finding.ts';
import type { NamedSuccessRule } from '../../vendors/facts.ts';
import { CHECKS, makeProbeFinding } from '../checks.ts';
import { AGAIN, mayBeRateLimit, type Layer, type ProbeResult } from '../probe/probe.ts';
import { type Cause, fixFor, fixForOpenAdmission } from '../server-fixes.ts';
import { resultsOf, type Visits } from '../survey/visits.ts';
import { type AdmissionVerdict, VERDICT_TEXT, isEnforced, judgeAdmission, wasShown } from './admission.ts';
import { explainRefusal, fixOf } from './refusal.ts';

/** P1: what a caller without a certificate gets on the real path. */
export function judgeNoCertificate(visits: Visits): Finding {
  const { without } = visits;
  const asks = without.requested !== false || without.renegotiated;
  return judgeRefusal(CHECKS.P1, without, visits, asks ? 'optional' : 'not-asked');
}

/** P2: what a caller with a certificate of his own making gets. It must have gone out to count. */
export function judgeSelfSigned(visits: Visits): Finding {
  return judgeUnauthorised(CHECKS.P2, visits.selfSigned, visits, 'not tried');
}

/**
 * P3: the same for those whose issuer has the name of the real CA, but not its key: the worst of them. `whyNot`: for
 * what reason there is none.
 */
export function judgeImpostor(visits: Visits, whyNot: string): Finding {
  const worst = (['admitted', 'unclear', 'refused'] as const)
    .map((kind) => visits.impostors.find((one) => wasShown(one) && one.reaction.kind === kind))
    .find((one) => one !== undefined);
  return judgeUnauthorised(CHECKS.P3, worst ?? visits.impostors[0] ?? null, visits, whyNot);
}

/** P4: one that the user's own CA issued, with one thing wrong, which `what` says. */
export function judgeWronglyIssued(what: string, result: ProbeResult, visits: Visits): Finding {
  return judgeUnauthorised(
    { ...CHECKS.P4, title: `a POST with ${what} is refused` },
    result,
    visits,
    '',
    'faults-forgiven',
  );
}

function judgeUnauthorised(
  check: Check,
  result: ProbeResult | null,
  visits: Visits,
  whyNot: string,
  cause: Cause = 'not-verified',
): Finding {
  const { without } = visits;
  const skip = (detail: string, about: ProbeResult): Finding =>
    makeProbeFinding(check, about, { status: 'skip', detail });
  if (result === null) {
    if (without.requested === false && !without.renegotiated)
      return skip('the server did not ask, so a client would send no certificate', without);
    return skip(without.serverHello ? whyNot : 'the handshake without a certificate did not get far enough', without);
  }
  if (!wasShown(result)) return skip('the certificate was not seen being sent, so the answer proves nothing', result);
  return judgeRefusal(check, result, visits, cause);
}

function judgeRefusal(check: Check, result: ProbeResult, visits: Visits, cause: Cause): Finding {
  const { reaction } = result;
  const observed = reaction.text;
  const conclude = (conclusion: Conclusion): Finding =>
    makeProbeFinding(check, result, {
      expected: 'a refusal',
      observed,
      ...conclusion,
    });
  if (reaction.kind === 'admitted')
    return conclude({
      status: 'fail',
      detail: `accepted: ${observed}`,
      ...(asksFirst(result) ? fixForOpenAdmission(cause) : fixFor(cause)),
    });
  if (reaction.kind !== 'refused')
    return conclude({
      status: 'warn',
      detail: `neither refused nor accepted: ${observed}`,
      fix: fixForUnclear(result.status),
    });
  if (result.requested === false && !result.renegotiated) {
    return conclude({
      status: 'warn',
      detail: `refused (${observed}), but not because of the certificate: the server did not ask for one`,
      ...fixFor(cause),
    });
  }
  if (reaction.explicit || judgeAdmission(visits)?.startsWith('enforced-'))
    return conclude({ status: 'pass', detail: `refused: ${observed}` });
  return conclude({
    status: 'warn',
    detail: `refused (${observed}), but the reason may not be the certificate`,
    fix:
      visits.good === null
        ? 'give a valid certificate with --cert and --key to compare with'
        : 'compare with the answer to the given certificate (P5)',
  });
}

function fixForUnclear(status: number | null): string | null {
  if (status === null) return null;
  return mayBeRateLimit(status) ? AGAIN : 'refuse such requests in TLS, or answer 401 or 403';
}

const asksFirst = ({ requested, renegotiated }: ProbeResult): boolean => requested === true || renegotiated;

const LAYER_TEXT: Record<Layer, string> = {
  tls: 'the TLS layer',
  server: 'the server',
  application: 'the application',
};

/** R1: at which layer the refusal happens, so that one knows which configuration or log to open. */
export function judgeWhoAnswered(results: readonly ProbeResult[]): Finding {
  const answers = results.filter(({ reaction }) => reaction.kind !== 'not-offered');
  const durationMs = Math.max(0, ...answers.map((result) => result.durationMs));
  const texts = answers.map(({ version, reaction }) => {
    const who = reaction.kind === 'refused' ? LAYER_TEXT[reaction.layer] : 'no layer';
    return `${version.replace('TLSv', 'TLS ')}: ${who} (${reaction.text})`;
  });
  const allRefused = answers.length > 0 && answers.every(({ reaction }) => reaction.kind === 'refused');
  const detail = texts.length > 0 ? texts.join('; ') : 'the server speaks neither TLS 1.2 nor TLS 1.3';
  return makeFinding(CHECKS.R1, { status: allRefused ? 'pass' : 'skip', detail, durationMs });
}

const OPEN: Partial<Record<AdmissionVerdict, Cause>> = {
  'never-asks': 'not-asked',
  optional: 'optional',
  'admits-anyone': 'not-verified',
};

export interface EnforcementEvidence {
  visits: readonly Visits[];
  /** Failing findings of calls that were admitted by another route. */
  bypasses: readonly Finding[];
  /** What was concluded of the certificate's files. */
  offline: readonly Finding[];
  success: NamedSuccessRule;
}

/** R2: the verdict as a finding, with its cause and what to change. It fails for whatever is not proved, too. */
export function judgeEnforcement(
  verdict: AdmissionVerdict,
  { visits, bypasses, offline, success }: EnforcementEvidence,
): Finding {
  const conclude = (conclusion: Conclusion): Finding =>
    makeFinding(CHECKS.R2, { expected: 'enforced', observed: verdict, ...conclusion });
  const [bypass] = bypasses;
  if (bypass !== undefined) {
    const around =
      verdict === 'admits-anyone' || verdict === 'inconclusive'
        ? 'the certificate check can be bypassed'
        : `${VERDICT_TEXT[verdict]}, but can be bypassed`;
    return conclude({
      status: 'fail',
      detail: `${around} (${bypass.id}): ${bypass.detail}`,
      fix: bypass.fix,
      serverFixes: bypass.serverFixes,
    });
  }
  if (isEnforced(verdict)) return conclude({ status: 'pass', detail: VERDICT_TEXT[verdict] });
  const open = OPEN[verdict];
  if (open !== undefined)
    return conclude({
      status: 'fail',
      detail: VERDICT_TEXT[verdict],
      ...(open === 'not-asked' ? fixFor(open) : fixForOpenAdmission(open)),
    });
  const goods = visits.flatMap(({ good }) => (good === null ? [] : [good]));
  if (verdict === 'refuses-everybody') {
    const why = goods.map((good) => explainRefusal(good, offline, success)).find((one) => one !== null);
    return conclude({
      status: 'fail',
      detail: why ? `${VERDICT_TEXT[verdict]}: ${why.text}` : VERDICT_TEXT[verdict],
      ...fixOf(why ?? null),
    });
  }
  return conclude({ status: 'fail', detail: VERDICT_TEXT[verdict], fix: fixForUnproved(visits) });
}

function fixForUnproved(visits: readonly Visits[]): string {
  const held = visits.flatMap(resultsOf).find(({ status }) => mayBeRateLimit(status));
  if (held !== undefined)
    return `run it again later: HTTP ${held.status} means that the server is busy or limits the request rate`;
  const vague = visits
    .map(({ without }) => without)
    .find((result) => result.status !== null && result.reaction.kind === 'unclear');
  if (vague !== undefined)
    return `refuse callers without a certificate in TLS, or answer them 401 or 403: HTTP ${vague.status} is ambiguous`;
  return visits.every(({ good }) => good === null)
    ? 'give a valid certificate with --cert and --key, so that its answer can be compared with the others'
    : 'see P1, P2 and P5: their results have more than one explanation';
}
