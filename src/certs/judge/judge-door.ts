import { judgeReaction, type Layer, type Reaction } from './judge-reaction.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';

/** The probes of one TLS version: without a certificate, with one nobody issued, with the user's own. */
export interface Visits {
  without: ProbeResult;
  selfSigned: ProbeResult | null;
  good: ProbeResult | null;
}

/** What guards the endpoint on one TLS version; `unknown` when the probes cannot tell. */
export type Door = 'never-asks' | 'optional' | 'admits-anyone' | 'enforced-tls' | 'enforced-server' | 'enforced-application' | 'unknown';

/**
 * "Enforced" needs two refusals, of no certificate and of a self-signed one that did go out, and each must either
 * name the certificate as its reason or differ from how the good certificate was taken.
 * Null when the server does not speak the version.
 */
export function judgeDoor({ without, selfSigned, good }: Visits): Door | null {
  const bare = judgeReaction(without);
  if (bare.kind === 'not-offered') return null;
  const asks = without.requested === true || without.renegotiated;
  if (without.requested === false && !asks) return doorThatDoesNotAsk(without);
  const forged = selfSigned?.certificateSent === true ? judgeReaction(selfSigned) : null;
  if (bare.kind === 'admitted' && asks) return forged?.kind === 'admitted' ? 'admits-anyone' : 'optional';
  if (bare.kind !== 'refused' || forged === null) return 'unknown';
  if (forged.kind === 'admitted') return 'admits-anyone';
  if (forged.kind !== 'refused') return 'unknown';
  const isProved = [bare, forged].every((refusal) => refusal.explicit || differs(refusal.layer, good));
  return isProved ? `enforced-${deepest([bare.layer, forged.layer])}` : 'unknown';
}

/**
 * On TLS 1.3 Apache answers 403 where it wants a certificate for one location only: it would have to ask after
 * the handshake, which neither Node nor Java can do. So there a refusal leaves two explanations.
 */
function doorThatDoesNotAsk(without: ProbeResult): Door {
  if (without.status === null) return 'unknown';
  return without.version === 'TLSv1.3' && judgeReaction(without).kind === 'refused' ? 'unknown' : 'never-asks';
}

/** The good certificate got through where the others did not: past TLS for a silent refusal, a success for an HTTP one. */
function differs(layer: Layer, good: ProbeResult | null): boolean {
  if (good?.certificateSent !== true || good.status === null) return false;
  const reaction = judgeReaction(good);
  return layer === 'tls' ? !(reaction.kind === 'refused' && reaction.explicit) : reaction.kind === 'admitted';
}

/** The layer that had to hold: when TLS lets a self-signed certificate pass, it is not TLS that enforces. */
function deepest(layers: readonly Layer[]): Layer {
  return (['application', 'server', 'tls'] as const).find((layer) => layers.includes(layer)) ?? 'tls';
}

/** Refused, however politely; for `judgeVerdict`. */
export function isRefused(result: ProbeResult | null): boolean {
  const reaction: Reaction | null = result && judgeReaction(result);
  return reaction?.kind === 'refused';
}
