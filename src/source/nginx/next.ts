import type { Ending, Reason, Walk } from './walk.ts';

/** Where the request goes next. */
export type Next =
  | { go: 'begin' | 'server' | 'find' | 'location' }
  | { go: 'redirect'; path: string }
  | { go: 'named'; name: string }
  | Refuse
  | { go: 'end'; ending: Ending };

/** An answer from 300 on, for which there may be an error page. */
export interface Refuse {
  go: 'refuse';
  status: number;
  reason: Reason;
  /** The status is one of several: 401 or 403, as another server says. */
  isUnsure: boolean;
}

export const refuse = (status: number, { place, because }: Reason, isUnsure = false): Refuse => ({
  go: 'refuse',
  status,
  reason: { place, because },
  isUnsure,
});

/** The codes of nginx's own that go out as 400. */
const AS_400 = new Set([494, 495, 496, 497]);

/** An answer goes out. An error page that was taken before may have settled its status. */
export function end(walk: Walk, status: number | null, reason: Reason): Next {
  const final = walk.errorStatus > 0 ? walk.errorStatus : status;
  const outcome = final === null || final < 300 ? 'admitted' : 'refused';
  const sent = final !== null && AS_400.has(final) ? 400 : final;
  return { go: 'end', ending: { outcome, status: sent, ...explain(walk, outcome, sent, reason) } };
}

function explain(
  { refusal, errorPage }: Walk,
  outcome: Ending['outcome'],
  status: number | null,
  reason: Reason,
): Reason {
  if (refusal === null) return reason;
  if (outcome === 'refused' || errorPage === null) return refusal;
  return { place: errorPage, because: `${refusal.because}, but the error page answers ${status ?? 'in its place'}` };
}
