import { judgeReaction, type Layer, type Reaction } from './judge-reaction.ts';
import type { ProbeResult } from '../probe/probe-endpoint.ts';
import type { Visits } from '../survey/visits.ts';

/** What guards the endpoint on one TLS version; `unknown` when the probes cannot tell. */
export type Door =
  | 'never-asks'
  | 'optional'
  | 'admits-anyone'
  | 'enforced-tls'
  | 'enforced-server'
  | 'enforced-application'
  | 'unknown';

/**
 * "Enforced" needs refusals of no certificate and of every stranger's, a self-signed one among them, that did go
 * out, and each must either name the certificate as its reason or differ from how the good certificate was taken.
 * Null when the server does not speak the version.
 */
export function judgeDoor(visits: Visits): Door | null {
  const { without, good } = visits;
  const bare = judgeReaction(without);
  if (bare.kind === 'not-offered') return null;
  const asks = without.requested === true || without.renegotiated;
  if (without.requested === false && !asks) return doorThatDoesNotAsk(without);
  const strangers = strangersOf(visits).map(judgeReaction);
  const comesBack =
    bare.kind !== 'admitted' && visits.resumed !== null && judgeReaction(visits.resumed).kind === 'admitted';
  const admitsStranger = comesBack || strangers.some(({ kind }) => kind === 'admitted');
  if (bare.kind === 'admitted' && asks) return admitsStranger ? 'admits-anyone' : 'optional';
  if (bare.kind !== 'refused') return 'unknown';
  if (admitsStranger) return 'admits-anyone';
  const refusals = [bare, ...strangers].filter((reaction) => reaction.kind === 'refused');
  const allRefused = wasShown(visits.selfSigned) && refusals.length === 1 + strangers.length;
  const isProved = allRefused && refusals.every((refusal) => refusal.explicit || differs(refusal.layer, good));
  return isProved ? `enforced-${deepest(refusals.map(({ layer }) => layer))}` : 'unknown';
}

/** The callers who showed a certificate that must not open the door. */
function strangersOf({ selfSigned, impostors }: Visits): ProbeResult[] {
  return [...(selfSigned === null ? [] : [selfSigned]), ...impostors].filter(wasShown);
}

/** The certificate went out. In a second handshake nothing can be seen; but there OpenSSL shows what it was given. */
export function wasShown(result: ProbeResult | null): boolean {
  return result !== null && (result.certificateSent === true || result.renegotiated);
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
  if (good === null || good.status === null || !wasShown(good)) return false;
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

/** The good certificate is refused by another than the strangers are: it got past what keeps them out. */
export function getsFurther({ without, selfSigned, good }: Visits): boolean {
  const own = good === null || good.status === null ? null : judgeReaction(good);
  if (own?.kind !== 'refused') return false;
  return [without, selfSigned].every((stranger) => {
    const reaction = stranger && judgeReaction(stranger);
    if (reaction?.kind !== 'refused') return false;
    return reaction.layer === 'tls' ? own.layer !== 'tls' : reaction.explicit && !own.explicit;
  });
}

/**
 * Apache asks for a certificate in one location only. On TLS 1.2 it begins a second handshake when it knows the
 * path; on TLS 1.3, where it may not, it answers 403 to everybody, so the two versions together tell what neither does alone.
 */
export function isPerLocation(visits: readonly Visits[]): boolean {
  return visits.some(({ without }) => without.renegotiated) && visits.some(isShutUnasked);
}

/** Refuses all alike, and never asked. */
export function isShutUnasked({ without, good }: Visits): boolean {
  return (
    without.requested === false && !without.renegotiated && isRefused(without) && (good === null || isRefused(good))
  );
}
