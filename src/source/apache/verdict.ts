import type { Place } from '../rules/server-rules.ts';

/** How one way through the server ends. */
export interface Verdict {
  isAdmitted: boolean;
  status: number | null;
  place: Place | null;
  because: string;
}

export const refuse = (status: number | null, place: Place | null, because: string): Verdict => ({
  isAdmitted: false,
  status,
  place,
  because,
});

/** An answer that a directive gives by itself. */
export const answerWith = (status: number, place: Place, because: string): Verdict => ({
  isAdmitted: status < 300,
  status,
  place,
  because,
});
