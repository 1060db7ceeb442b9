import type { Finding } from '../../model/finding.ts';
import { FIXES, type Cause } from '../server-fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import type { CheckId } from '../checks.ts';
import { mend } from './finding.ts';
import type { SuccessRule } from './success.ts';
import { judgeReaction } from './judge-reaction.ts';

/** Why the good certificate was not taken, as far as can be told, and what to do about it. */
export interface Explanation extends Partial<Pick<Finding, 'fix' | 'serverFixes'>> {
  text: string;
}

/** What the files themselves have wrong explains a refusal better than any alert does. In the order of their weight. */
const TELLING_CHECKS = ['L5', 'L6', 'L9', 'L7', 'L4', 'L11'] as const satisfies readonly CheckId[];

/** What an alert says (RFC 8446 §6.2), and what stands behind it on the servers that were measured. */
const EXPLANATION_OF_ALERT: Record<number, { cause: Cause | null; text: string }> = {
  42: {
    cause: 'unknown-ca',
    text: 'the server calls the certificate bad: its CA is not known there (Caddy), it is not valid yet, or its key is too weak',
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
function explainStatus(status: number, success: SuccessRule): Explanation {
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
export const mendOf = (why: Explanation | null): Pick<Explanation, 'fix' | 'serverFixes'> => ({
  ...(why?.fix === undefined ? {} : { fix: why.fix }),
  ...(why?.serverFixes === undefined ? {} : { serverFixes: why.serverFixes }),
});

const explain = (cause: Cause): Explanation => ({ text: FIXES[cause].cause, ...mend(cause) });

/** From what came back for the given certificate to the cause. `offline`: what was concluded of its files. */
export function explainRefusal(
  good: ProbeResult,
  offline: readonly Finding[],
  success: SuccessRule,
): Explanation | null {
  const reaction = judgeReaction(good);
  if (good.requested === true && good.certificateSent === false) return explain('key-type-not-taken');
  const isOfTheServer = reaction.kind === 'refused' && (reaction.layer === 'tls' || reaction.explicit);
  if (good.status !== null && good.status !== 400 && !isOfTheServer) return explainStatus(good.status, success);
  if (reaction.kind !== 'refused') return null;
  const known = TELLING_CHECKS.map((id) =>
    offline.find((finding) => finding.id === id && finding.status === 'fail'),
  ).find((finding) => finding !== undefined);
  if (known !== undefined)
    return { text: `${known.id}: ${known.detail}`, fix: known.fix, serverFixes: known.serverFixes };
  const told = good.alert === null ? undefined : EXPLANATION_OF_ALERT[good.alert];
  if (told !== undefined) return { text: told.text, ...(told.cause === null ? {} : mend(told.cause)) };
  const doubtful = offline.find(({ id, status }) => status === 'warn' && (id === 'L6' || id === 'L12'));
  if (doubtful !== undefined)
    return { text: `${doubtful.id}: ${doubtful.detail}`, fix: doubtful.fix, serverFixes: doubtful.serverFixes };
  if (!reaction.explicit && reaction.layer === 'server')
    return { text: 'a 400 of the server or of the application', fix: 'look at both logs' };
  return {
    text: "most often the server's CA file does not hold the certificate's issuer; its error log knows",
    ...mend('unknown-ca'),
  };
}
