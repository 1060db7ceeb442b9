import { getsFurther, isPerLocation, isRefused, isShutUnasked, judgeDoor, type Door } from './judge-door.ts';
import type { AddressVisits, Visits } from '../survey/visits.ts';

export type Verdict = Exclude<Door, 'unknown'> | 'refuses-everybody' | 'inconclusive';

/** Every verdict, in plain words. */
export const VERDICT_TEXT: Record<Verdict, string> = {
  'never-asks': 'never asks for a client certificate',
  optional: 'a client certificate is optional',
  'admits-anyone': 'asks for a client certificate, but lets anyone in',
  'enforced-tls': 'a client certificate is enforced by TLS',
  'enforced-server': 'a client certificate is enforced by the server',
  'enforced-application': 'a client certificate is enforced by the application',
  'refuses-everybody': 'refuses everybody, the given certificate too',
  inconclusive: 'inconclusive: enforcement is neither proved nor disproved',
};

export const isEnforced = (verdict: Verdict): boolean => verdict.startsWith('enforced-');

/** Weakest first: whoever wants in may choose the TLS version, or the address, with the weaker door. */
const OPEN_DOORS = ['never-asks', 'admits-anyone', 'optional'] as const satisfies readonly Door[];
const ENFORCING_DOORS = ['enforced-application', 'enforced-server', 'enforced-tls'] as const satisfies readonly Door[];

/** One verdict for all addresses: whoever wants in is given any of them. An address that lets nobody in opens nothing. */
export function judgeVerdict(addresses: readonly AddressVisits[]): Verdict {
  const verdicts = new Set<Verdict>(addresses.map(({ visits }) => judgeAddress(visits)));
  const weakest = [
    ...OPEN_DOORS,
    'inconclusive',
    ...ENFORCING_DOORS,
    'refuses-everybody',
  ] as const satisfies readonly Verdict[];
  return weakest.find((verdict) => verdicts.has(verdict)) ?? 'inconclusive';
}

/** One verdict for both TLS versions of one address. What is not known for one of them is not known for all. */
export function judgeAddress(visits: readonly Visits[]): Verdict {
  const known = isPerLocation(visits) ? visits.filter((visit) => !isShutUnasked(visit)) : visits;
  const judged = known.map((visit) => ({ visit, door: judgeDoor(visit) })).filter(({ door }) => door !== null);
  const doors = judged.map(({ door }) => door);
  const open = OPEN_DOORS.find((door) => doors.includes(door));
  if (open !== undefined) return open;
  if (doors.length === 0) return 'inconclusive';
  const refusesAll = judged.every(
    ({ visit }) => [visit.without, visit.selfSigned, visit.good].every(isRefused) && !getsFurther(visit),
  );
  if (refusesAll) return 'refuses-everybody';
  if (doors.includes('unknown')) return 'inconclusive';
  return ENFORCING_DOORS.find((door) => doors.includes(door)) ?? 'inconclusive';
}
