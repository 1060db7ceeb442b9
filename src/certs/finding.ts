import type { Finding } from '../model/finding.ts';

type Conclusion = Pick<Finding, 'status' | 'detail'> & Partial<Pick<Finding, 'expected' | 'observed' | 'advice'>>;

/** One check of a client-certificate set-up: what it asks, and where its rule comes from. */
export interface Check {
  id: string;
  title: string;
  reference: string | null;
}

/** A Finding of `check`, on one TLS version or on the whole endpoint (null). */
export function makeFinding(check: Check, version: string | null, conclusion: Conclusion, durationMs: number): Finding {
  return {
    id: check.id,
    title: version === null ? check.title : `${check.title} (${version.replace('TLSv', 'TLS ')})`,
    expected: null,
    observed: null,
    advice: null,
    reference: check.reference,
    ...conclusion,
    durationMs: Math.round(durationMs * 100) / 100,
  };
}
