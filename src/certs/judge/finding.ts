import type { Finding } from '../../model/finding.ts';
import type { Check } from '../checks.ts';
import { FIXES, fixesFor, type Cause } from '../server-fixes.ts';

export type Conclusion = Pick<Finding, 'status' | 'detail'> &
  Partial<Pick<Finding, 'expected' | 'observed' | 'fix' | 'serverFixes'>>;

/** What to do about `cause`, as a Finding has it. */
export const mend = (cause: Cause): Pick<Finding, 'fix' | 'serverFixes'> => ({
  fix: FIXES[cause].fix,
  serverFixes: fixesFor(cause),
});

/** The same for a door that is open: an error page can open it, too, and nothing but its status can be seen from outside. */
export function mendOpenDoor(cause: Cause): Pick<Finding, 'fix' | 'serverFixes'> {
  const { fix, serverFixes } = mend(cause);
  const errorPage = FIXES['error-page-turned-ok'];
  return {
    fix: `${fix}; and ${errorPage.fix}`,
    serverFixes: serverFixes.map(({ server, change }) => ({
      server,
      change: server === 'nginx' ? `${change}\n${errorPage.changes.nginx}` : change,
    })),
  };
}

/** A Finding of `check`, on one TLS version or on the whole endpoint (null). */
export function makeFinding(check: Check, version: string | null, conclusion: Conclusion, durationMs: number): Finding {
  const { status, detail, expected = null, observed = null, fix = null, serverFixes = [] } = conclusion;
  return {
    id: check.id,
    title: version === null ? check.title : `${check.title} (${version.replace('TLSv', 'TLS ')})`,
    status,
    detail,
    expected,
    observed,
    fix,
    serverFixes,
    reference: check.reference,
    durationMs: Math.round(durationMs * 100) / 100,
  };
}
