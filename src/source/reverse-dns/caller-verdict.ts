/**
 * In the words of RFC 8601 (section 2.7.3, iprev). Only `pass` admits a caller; `temperror` may be another verdict
 * tomorrow.
 */
export type CallerVerdict = 'pass' | 'fail' | 'temperror' | 'permerror';

/** One step in checking a caller. */
export interface CallerStep {
  step: 'ptr' | 'names' | 'matching' | 'a' | 'aaaa' | 'equal' | 'list' | 'network';
  /** `unknown`: DNS gave no answer. `warn`: good, but something about it should be known. */
  result: 'ok' | 'no' | 'unknown' | 'warn';
  /** What was asked or looked at: the name in `in-addr.arpa`, the suffix, a host name, the list. */
  subject: string;
  /** What was found there: names, addresses, the entry that matched. */
  found: readonly string[];
  /** The same in plain words. */
  detail: string;
}

export interface CallerJudgement {
  verdict: CallerVerdict;
  steps: readonly CallerStep[];
  /** The name that leads back to the address; null unless `pass`. */
  name: string | null;
}
