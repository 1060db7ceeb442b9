import type { Layer, ProbeResult } from '../probe/probe.ts';
import type { AddressVisits, Visits } from '../survey/visits.ts';

/** Whom the endpoint admits on one TLS version; `unknown` when the probes leave that open. */
export type Admission =
  | 'never-asks'
  | 'optional'
  | 'admits-anyone'
  | 'enforced-tls'
  | 'enforced-server'
  | 'enforced-application'
  | 'unknown';

/**
 * "Enforced" takes a refusal of no certificate and of every unauthorised one that went out, a self-signed one among
 * them. Each refusal must name the certificate as its reason or differ from the reaction to the good certificate.
 * Null when the server does not speak the version.
 */
export function judgeAdmission(visits: Visits): Admission | null {
  const { without, good } = visits;
  const bare = without.reaction;
  if (bare.kind === 'not-offered') return null;
  const asks = without.requested === true || without.renegotiated;
  if (without.requested === false && !asks) return admissionUnasked(without);
  const unauthorised = unauthorisedOf(visits).map(({ reaction }) => reaction);
  const comesBack = bare.kind !== 'admitted' && visits.resumed?.reaction.kind === 'admitted';
  const admitsUnauthorised = comesBack || unauthorised.some(({ kind }) => kind === 'admitted');
  if (bare.kind === 'admitted' && asks) return admitsUnauthorised ? 'admits-anyone' : 'optional';
  if (bare.kind !== 'refused') return 'unknown';
  if (admitsUnauthorised) return 'admits-anyone';
  const refusals = [bare, ...unauthorised].filter((reaction) => reaction.kind === 'refused');
  const allRefused = wasShown(visits.selfSigned) && refusals.length === 1 + unauthorised.length;
  const isProved = allRefused && refusals.every((refusal) => refusal.explicit || differs(refusal.layer, good));
  return isProved ? `enforced-${deepest(refusals.map(({ layer }) => layer))}` : 'unknown';
}

/** The probes that showed a certificate which must not be admitted. */
function unauthorisedOf({ selfSigned, impostors }: Visits): ProbeResult[] {
  return [...(selfSigned === null ? [] : [selfSigned]), ...impostors].filter(wasShown);
}

/** The certificate went out. A second handshake is encrypted; there OpenSSL sends the certificate it was given. */
export function wasShown(result: ProbeResult | null): boolean {
  return result !== null && (result.certificateSent === true || result.renegotiated);
}

/**
 * On TLS 1.3 Apache answers 403 where it wants a certificate for one location only: it would have to ask after
 * the handshake, which neither Node nor Java can do. So there a refusal leaves two explanations.
 */
function admissionUnasked(without: ProbeResult): Admission {
  if (without.status === null) return 'unknown';
  return without.version === 'TLSv1.3' && without.reaction.kind === 'refused' ? 'unknown' : 'never-asks';
}

/**
 * The good certificate got through where the others did not: past TLS for a silent refusal, a success for an HTTP one.
 */
function differs(layer: Layer, good: ProbeResult | null): boolean {
  if (good === null || good.status === null || !wasShown(good)) return false;
  const { reaction } = good;
  return layer === 'tls' ? !(reaction.kind === 'refused' && reaction.explicit) : reaction.kind === 'admitted';
}

/** The layer that had to hold: when TLS lets a self-signed certificate pass, it is not TLS that enforces. */
function deepest(layers: readonly Layer[]): Layer {
  return (['application', 'server', 'tls'] as const).find((layer) => layers.includes(layer)) ?? 'tls';
}

/** Refused, however politely; for `judgeVerdict`. */
export const isRefused = (result: ProbeResult | null): boolean => result?.reaction.kind === 'refused';

/** The good certificate is refused at another layer than the unauthorised ones: it got past what refuses those. */
function getsFurther({ without, selfSigned, good }: Visits): boolean {
  const own = good === null || good.status === null ? null : good.reaction;
  if (own?.kind !== 'refused') return false;
  return [without, selfSigned].every((unauthorised) => {
    const reaction = unauthorised?.reaction;
    if (reaction?.kind !== 'refused') return false;
    return reaction.layer === 'tls' ? own.layer !== 'tls' : reaction.explicit && !own.explicit;
  });
}

/**
 * Apache asks for a certificate in one location only. On TLS 1.2 it begins a second handshake when it knows the
 * path; on TLS 1.3, where it may not, it answers 403 to everybody, so the two versions together show what neither does
 * alone.
 */
export function isPerLocation(visits: readonly Visits[]): boolean {
  return visits.some(({ without }) => without.renegotiated) && visits.some(isShutUnasked);
}

/** Refuses everybody, and never asked for a certificate. */
export function isShutUnasked({ without, good }: Visits): boolean {
  return (
    without.requested === false && !without.renegotiated && isRefused(without) && (good === null || isRefused(good))
  );
}

export type AdmissionVerdict = Exclude<Admission, 'unknown'> | 'refuses-everybody' | 'inconclusive';

/** Every verdict, in plain words. */
export const VERDICT_TEXT: Record<AdmissionVerdict, string> = {
  'never-asks': 'the server never asks for a client certificate',
  optional: 'a client certificate is optional',
  'admits-anyone': 'the server asks for a client certificate, but accepts unauthorised ones',
  'enforced-tls': 'a client certificate is enforced by TLS',
  'enforced-server': 'a client certificate is enforced by the server',
  'enforced-application': 'a client certificate is enforced by the application',
  'refuses-everybody': 'the server refuses every request, even with the given certificate',
  inconclusive: 'inconclusive: enforcement is neither proved nor disproved',
};

export const isEnforced = (verdict: AdmissionVerdict): boolean => verdict.startsWith('enforced-');

/** Weakest first: an attacker chooses the TLS version and the address that admit the most. */
const OPEN_ADMISSIONS = ['never-asks', 'admits-anyone', 'optional'] as const satisfies readonly Admission[];
const ENFORCING_ADMISSIONS = [
  'enforced-application',
  'enforced-server',
  'enforced-tls',
] as const satisfies readonly Admission[];

/** One verdict for all addresses: DNS may give any of them. An address that admits nobody weakens nothing. */
export function judgeVerdict(addresses: readonly AddressVisits[]): AdmissionVerdict {
  const verdicts = new Set<AdmissionVerdict>(addresses.map(({ visits }) => judgeAddress(visits)));
  const weakest = [
    ...OPEN_ADMISSIONS,
    'inconclusive',
    ...ENFORCING_ADMISSIONS,
    'refuses-everybody',
  ] as const satisfies readonly AdmissionVerdict[];
  return weakest.find((verdict) => verdicts.has(verdict)) ?? 'inconclusive';
}

/** One verdict for both TLS versions of one address. What is not known for one of them is not known for all. */
export function judgeAddress(visits: readonly Visits[]): AdmissionVerdict {
  const known = isPerLocation(visits) ? visits.filter((visit) => !isShutUnasked(visit)) : visits;
  const judged = known
    .map((visit) => ({ visit, admission: judgeAdmission(visit) }))
    .filter(({ admission }) => admission !== null);
  const admissions = judged.map(({ admission }) => admission);
  const open = OPEN_ADMISSIONS.find((admission) => admissions.includes(admission));
  if (open !== undefined) return open;
  if (admissions.length === 0) return 'inconclusive';
  const refusesAll = judged.every(
    ({ visit }) => [visit.without, visit.selfSigned, visit.good].every(isRefused) && !getsFurther(visit),
  );
  if (refusesAll) return 'refuses-everybody';
  if (admissions.includes('unknown')) return 'inconclusive';
  return ENFORCING_ADMISSIONS.find((admission) => admissions.includes(admission)) ?? 'inconclusive';
}
