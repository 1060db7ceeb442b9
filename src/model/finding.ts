/** What was concluded by one check. Every reporter is written against this noun alone. */
export interface Finding {
  id: string;
  title: string;
  status: 'pass' | 'fail' | 'warn' | 'skip';
  /** Why, in plain words: for a skip the reason it did not run. */
  detail: string;
  expected: string | null;
  observed: string | null;
  /** What to change. */
  advice: string | null;
  /** Where the rule comes from. */
  reference: string | null;
  durationMs: number;
}
