import { type Conclusion, type Finding } from '../../model/finding.ts';
import { CHECKS, type CheckId, makeProbeFinding } from '../checks.ts';
import type { ProbeResult } from '../probe/probe.ts';
import { type Cause, FIXES, fixFor } from '../server-fixes.ts';
import { isSuccessStatus, type NamedSuccessRule } from '../../vendors/facts.ts';
import { wasShown } from './admission.ts';
import { whyNoRequest } from './handshake.ts';

/** N4: did the given certificate go out? A client whose key does not fit sends an empty message and says nothing. */
export function judgeCertificateSent(result: ProbeResult): Finding {
  const conclude = (conclusion: Conclusion): Finding => makeProbeFinding(CHECKS.N4, result, conclusion);
  const { requested, certificatesSent } = result;
  if (requested !== true) return conclude({ status: 'skip', detail: whyNoRequest(result) });
  if (certificatesSent === null) {
    return conclude({
      status: 'warn',
      detail: `the server asked, but whether the certificate went out was not seen: ${result.reaction.text}`,
      observed: result.reaction.text,
    });
  }
  if (certificatesSent.length === 0) {
    return conclude({
      status: 'fail',
      detail: 'it does not: an empty Certificate message went out',
      expected: 'the leaf and its intermediates',
      observed: 'no certificate',
      fix:
        'see that certificate and private key belong together (L3), and that the server takes signatures by this ' +
        'kind of key (N3)',
    });
  }
  const behind = certificatesSent.length - 1;
  const observed = behind === 0 ? 'the leaf alone' : `the leaf and ${behind} more`;
  return conclude({ status: 'pass', detail: `${observed} went out`, observed });
}

/**
 * P5: the given certificate goes out, and the answer is the vendor's success. `offline`: what was concluded of its
 * files.
 */
export function judgeGood(good: ProbeResult, success: NamedSuccessRule, offline: readonly Finding[]): Finding {
  const observed = good.reaction.text;
  const conclude = (conclusion: Conclusion): Finding =>
    makeProbeFinding(CHECKS.P5, good, {
      expected: success.text,
      observed,
      ...conclusion,
    });
  if (!isSuccessStatus(good.status, success)) {
    const why = explainRefusal(good, offline, success);
    return conclude({ status: 'fail', detail: why === null ? observed : `${observed}: ${why.text}`, ...fixOf(why) });
  }
  if (wasShown(good)) return conclude({ status: 'pass', detail: observed });
  const why = good.requested === false ? 'the server did not ask for it' : 'it was not seen going out';
  return conclude({ status: 'warn', detail: `${observed}, but not because of the certificate: ${why}` });
}

/** P7: a large body gets the same success. */
export function judgeLargeBody(large: ProbeResult, success: NamedSuccessRule, bodyBytes: number): Finding {
  const observed = large.reaction.text;
  const detail = `${Math.round(bodyBytes / 1024)} KiB: ${observed}`;
  const conclude = (conclusion: Partial<Conclusion>): Finding =>
    makeProbeFinding(CHECKS.P7, large, {
      status: 'pass',
      detail,
      expected: success.text,
      observed,
      ...conclusion,
    });
  if (isSuccessStatus(large.status, success)) return conclude({});
  return conclude({ status: 'fail', ...fixFor('body-buffer') });
}

/** Why the given certificate was refused, as far as is known, and what to do about it. */
export interface RefusalExplanation extends Partial<Pick<Finding, 'fix' | 'serverFixes'>> {
  text: string;
}

/** A fault of the files explains a refusal better than any alert does. The gravest first. */
const EXPLAINING_CHECKS = ['L5', 'L6', 'L9', 'L7', 'L4', 'L11'] as const satisfies readonly CheckId[];

/** What an alert says (RFC 8446 §6.2), and what causes it on the servers that were measured. */
const EXPLANATION_OF_ALERT: Record<number, { cause: Cause | null; text: string }> = {
  42: {
    cause: 'unknown-ca',
    text:
      'the server calls the certificate bad: its CA is not known there (Caddy), it is not valid yet, or its key ' +
      'is too weak',
  },
  43: { cause: 'wrong-usage', text: 'the server says that the certificate is for another purpose' },
  44: { cause: null, text: 'the server says that the certificate is revoked' },
  45: { cause: 'expired', text: 'the server says that the certificate has expired' },
  48: {
    cause: 'unknown-ca',
    text: "the server's CA file does not hold the certificate's issuer, or an intermediate is missing",
  },
  80: { cause: 'depth-too-small', text: 'Apache answers so when the chain is longer than SSLVerifyDepth' },
};

/** What a status says that came from above TLS (RFC 9110 §15). */
function explainStatus(status: number, success: NamedSuccessRule): RefusalExplanation {
  if (status === 421)
    return {
      text: 'the server wants the name of the Host header in the handshake',
      fix: 'call the endpoint by its name, not by its address',
    };
  if (status >= 200 && status < 300)
    return {
      text: 'the connection was accepted, but this is no success',
      fix: `let the application answer ${success.text}`,
    };
  if (status >= 300 && status < 400)
    return { text: 'a redirect, which is not followed', fix: 'give the vendor the address that it leads to' };
  if (status === 401 || status === 403)
    return {
      text: 'the connection was accepted and the answer came from above TLS',
      fix: 'look at the rules and the log of the application',
    };
  if (status === 404 || status === 405)
    return {
      text: 'the connection was accepted, but nothing takes a POST at this path',
      fix: 'compare the path with the one the application listens on',
    };
  if (status === 502 || status === 503 || status === 504)
    return {
      text: 'the server does not reach the application behind it',
      fix: 'start the application, or mend the address that the server passes requests to',
    };
  if (status >= 500)
    return {
      text: 'the connection was accepted and the application failed',
      fix: 'look at the log of the application',
    };
  return {
    text: 'the connection was accepted and the answer came from above TLS',
    fix: 'look at the log of the application',
  };
}

/** The part of it that a Finding takes over. */
export const fixOf = (why: RefusalExplanation | null): Pick<RefusalExplanation, 'fix' | 'serverFixes'> => ({
  fix: why?.fix,
  serverFixes: why?.serverFixes,
});

const explain = (cause: Cause): RefusalExplanation => ({ text: FIXES[cause].cause, ...fixFor(cause) });

/** From what came back for the given certificate to the cause. `offline`: what was concluded of its files. */
export function explainRefusal(
  good: ProbeResult,
  offline: readonly Finding[],
  success: NamedSuccessRule,
): RefusalExplanation | null {
  const { reaction } = good;
  if (good.requested === true && good.certificateSent === false) return explain('key-type-refused');
  const isOfTheServer = reaction.kind === 'refused' && (reaction.layer === 'tls' || reaction.explicit);
  if (good.status !== null && good.status !== 400 && !isOfTheServer) return explainStatus(good.status, success);
  if (reaction.kind !== 'refused') return null;
  const known = EXPLAINING_CHECKS.map((id) =>
    offline.find((finding) => finding.id === id && finding.status === 'fail'),
  ).find((finding) => finding !== undefined);
  if (known !== undefined)
    return { text: `${known.id}: ${known.detail}`, fix: known.fix, serverFixes: known.serverFixes };
  const ofAlert = good.alert === null ? undefined : EXPLANATION_OF_ALERT[good.alert];
  if (ofAlert !== undefined) {
    const { cause, text } = ofAlert;
    return cause === null ? { text } : { text, ...fixFor(cause) };
  }
  const doubtful = offline.find(({ id, status }) => status === 'warn' && (id === 'L6' || id === 'L12'));
  if (doubtful !== undefined)
    return { text: `${doubtful.id}: ${doubtful.detail}`, fix: doubtful.fix, serverFixes: doubtful.serverFixes };
  if (!reaction.explicit && reaction.layer === 'server')
    return { text: 'a 400 of the server or of the application', fix: 'look at both logs' };
  return {
    text: "most often the server's CA file does not hold the certificate's issuer; its error log knows",
    ...fixFor('unknown-ca'),
  };
}
