import type { Finding } from '../../model/finding.ts';
import { FIXES, type Cause } from '../fixes.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import { judgeReaction } from './judge-reaction.ts';

/** Why the good certificate was refused, as far as can be told. */
export interface Explanation {
  /** Null where only the server's log knows. */
  cause: Cause | null;
  text: string;
}

/** What the files themselves have wrong explains a refusal better than any alert does. In the order of their weight. */
const CAUSE_OF_CHECK: readonly (readonly [id: string, cause: Cause])[] = [
  ['L5', 'expired'],
  ['L6', 'wrong-usage'],
  ['L9', 'weak-key'],
  ['L7', 'dn-collision'],
  ['L4', 'missing-intermediate'],
  ['L11', 'unknown-ca'],
];

/** What an alert says (RFC 8446 §6.2), and what stands behind it on the servers that were measured. */
const EXPLANATION_OF_ALERT: Record<number, Explanation> = {
  42: { cause: 'unknown-ca', text: 'the server calls the certificate bad: its CA is not known there (Caddy), it is not valid yet, or its key is too weak' },
  43: { cause: 'wrong-usage', text: 'the server says that the certificate is for another purpose' },
  44: { cause: null, text: 'the server says that the certificate is revoked' },
  45: { cause: 'expired', text: 'the server says that the certificate has expired' },
  48: { cause: 'unknown-ca', text: "the server's CA file does not hold the certificate's issuer, or an intermediate is missing" },
  80: { cause: 'depth-too-small', text: 'Apache answers so when the chain is longer than SSLVerifyDepth' },
};

/** RFC 9110 §15.5.20 */
const MISDIRECTED = 421;

const explain = (cause: Cause): Explanation => ({ cause, text: FIXES[cause].cause });

/** From what came back for the given certificate to the cause. `offline`: what was concluded of its files. */
export function explainRefusal(good: ProbeResult, offline: readonly Finding[]): Explanation | null {
  const reaction = judgeReaction(good);
  if (good.requested === true && good.certificateSent === false) {
    return explain('key-type-not-taken');
  }
  if (good.status === MISDIRECTED) return { cause: null, text: 'the server wants the name of the Host header in the handshake: call the endpoint by its name, not by its address' };
  if (reaction.kind !== 'refused') return null;
  if (reaction.layer === 'application') return { cause: null, text: 'the connection was accepted and the answer came from above TLS: look at the rules and the log of the application' };
  const known = CAUSE_OF_CHECK.find(([id]) => offline.some((finding) => finding.id === id && finding.status === 'fail'));
  if (known !== undefined) return explain(known[1]);
  const told = good.alert === null ? undefined : EXPLANATION_OF_ALERT[good.alert];
  if (told !== undefined) return told;
  if (offline.some(({ id, status }) => id === 'L12' && status === 'warn')) return explain('depth-too-small');
  if (!reaction.explicit && reaction.layer === 'server') return null;
  return { cause: 'unknown-ca', text: "most often the server's CA file does not hold the certificate's issuer; its error log knows" };
}
