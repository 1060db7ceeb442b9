import type { Finding } from '../../model/finding.ts';
import type { Check } from '../checks.ts';
import { FIXES, fixesFor, type Cause } from '../fixes.ts';

export type Conclusion = Pick<Finding, 'status' | 'detail'> &
  Partial<Pick<Finding, 'expected' | 'observed' | 'advice' | 'fixes'>>;

/** What to do about `cause`, as a Finding has it. */
export const mend = (cause: Cause): Pick<Finding, 'advice' | 'fixes'> => ({
  advice: FIXES[cause].advice,
  fixes: fixesFor(cause),
});

/** The same for a door that is open: an error page can open it, too, and nothing but its status can be seen from outside. */
export function mendOpenDoor(cause: Cause): Pick<Finding, 'advice' | 'fixes'> {
  const { advice, fixes } = mend(cause);
  const errorPage = FIXES['error-page-turned-ok'];
  return {
    advice: `${advice}; and ${errorPage.advice}`,
    fixes: fixes.map(({ server, change }) => ({
      server,
      change: server === 'nginx' ? `${change}\n${errorPage.changes.nginx}` : change,
    })),
  };
}

/** A Finding of `check`, on one TLS version or on the whole endpoint (null). */
export function makeFinding(check: Check, version: string | null, conclusion: Conclusion, durationMs: number): Finding {
  const { status, detail, expected = null, observed = null, advice = null, fixes = [] } = conclusion;
  return {
    id: check.id,
    title: version === null ? check.title : `${check.title} (${version.replace('TLSv', 'TLS ')})`,
    status,
    detail,
    expected,
    observed,
    advice,
    fixes,
    reference: check.reference,
    durationMs: Math.round(durationMs * 100) / 100,
  };
}
