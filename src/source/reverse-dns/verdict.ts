/** As RFC 8601 (section 2.7.3, iprev) names them: only `pass` lets a caller in; `temperror` may be another one tomorrow. */
export type Verdict = 'pass' | 'fail' | 'temperror' | 'permerror';

/** One step of a check, in the order it was taken. */
export interface Step {
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

export interface Judgement {
  verdict: Verdict;
  steps: readonly Step[];
  /** The name that leads back to the address; null unless `pass`. */
  name: string | null;
}
