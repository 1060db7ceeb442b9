import type { Finding } from '../../model/finding.ts';
import { CHECKS, type Check } from '../checks.ts';
import type { Cause } from '../server-fixes.ts';
import { makeFinding, mend, mendOpenDoor } from './finding.ts';
import { judgeDoor, wasShown } from './judge-door.ts';
import { describeReaction, judgeReaction } from './judge-reaction.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import type { Visits } from '../survey/visits.ts';

/** P1: what a caller without a certificate gets on the real path. */
export function judgeNoCertificate(visits: Visits): Finding {
  const { without } = visits;
  const asks = without.requested !== false || without.renegotiated;
  return judgeRefusal(CHECKS.P1, without, visits, asks ? 'optional' : 'not-asked');
}

/** P2: what a caller with a certificate of his own making gets. It must have gone out to count. */
export function judgeSelfSigned(visits: Visits): Finding {
  return judgeStranger(CHECKS.P2, visits.selfSigned, visits, 'it was not tried');
}

/** P3: the same for those whose issuer has the name of the real CA, but not its key: the worst of them. `whyNot`: for what reason there is none. */
export function judgeImpostor(visits: Visits, whyNot: string): Finding {
  const worst = (['admitted', 'unclear', 'refused'] as const)
    .map((kind) => visits.impostors.find((one) => wasShown(one) && judgeReaction(one).kind === kind))
    .find((one) => one !== undefined);
  return judgeStranger(CHECKS.P3, worst ?? visits.impostors[0] ?? null, visits, whyNot);
}

/** P4: one that the user's own CA issued, with one thing wrong, which `what` says. */
export function judgeWronglyIssued(what: string, result: ProbeResult, visits: Visits): Finding {
  return judgeStranger(
    { ...CHECKS.P4, title: `a POST with ${what} is refused` },
    result,
    visits,
    '',
    'faults-forgiven',
  );
}

function judgeStranger(
  check: Check,
  result: ProbeResult | null,
  visits: Visits,
  whyNot: string,
  cause: Cause = 'not-verified',
): Finding {
  const { without } = visits;
  const skip = (detail: string, { version, durationMs }: ProbeResult): Finding =>
    makeFinding(check, version, { status: 'skip', detail }, durationMs);
  if (result === null) {
    if (without.requested === false && !without.renegotiated)
      return skip('the server did not ask, so no certificate would be sent', without);
    return skip(without.serverHello ? whyNot : 'the handshake without a certificate did not get far enough', without);
  }
  if (!wasShown(result)) return skip('the certificate was not seen going out, so the answer proves nothing', result);
  return judgeRefusal(check, result, visits, cause);
}

function judgeRefusal(check: Check, result: ProbeResult, visits: Visits, cause: Cause): Finding {
  const reaction = judgeReaction(result);
  const observed = describeReaction(result);
  const conclude = (conclusion: Parameters<typeof makeFinding>[2]): Finding =>
    makeFinding(check, result.version, { expected: 'a refusal', observed, ...conclusion }, result.durationMs);
  if (reaction.kind === 'admitted')
    return conclude({
      status: 'fail',
      detail: `it is let in: ${observed}`,
      ...(asksFirst(result) ? mendOpenDoor(cause) : mend(cause)),
    });
  if (reaction.kind !== 'refused')
    return conclude({
      status: 'warn',
      detail: `neither refused nor let in: ${observed}`,
      ...(result.status === null ? {} : { fix: 'refuse it in TLS, or answer 401 or 403' }),
    });
  if (result.requested === false && !result.renegotiated) {
    return conclude({
      status: 'warn',
      detail: `refused (${observed}), but not for the certificate: the server did not ask for one`,
      ...mend(cause),
    });
  }
  if (reaction.explicit || judgeDoor(visits)?.startsWith('enforced-'))
    return conclude({ status: 'pass', detail: `refused: ${observed}` });
  return conclude({
    status: 'warn',
    detail: `refused (${observed}), but that the certificate is the reason is not proved`,
    fix:
      visits.good === null
        ? 'give a good certificate with --cert and --key, to compare'
        : 'see what the good certificate got',
  });
}

const asksFirst = ({ requested, renegotiated }: ProbeResult): boolean => requested === true || renegotiated;
