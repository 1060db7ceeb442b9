/** The servers that a change of configuration is written for. */
export const SERVERS = ['nginx', 'apache', 'caddy', 'haproxy'] as const;

export type Server = (typeof SERVERS)[number];

/** The lines of one server's configuration that mend what was found. */
export interface Fix {
  server: Server;
  /** As it stands in the configuration file; may have several lines. */
  change: string;
}

/** What was concluded by one check. Every reporter is written against this noun alone. */
export interface Finding {
  /** Of the check. Several findings may share one: an endpoint is checked on two versions of TLS. */
  id: string;
  /** What holds when the check passes. */
  title: string;
  status: 'pass' | 'fail' | 'warn' | 'skip';
  /** Why, in plain words: for a skip the reason it did not run. */
  detail: string;
  expected: string | null;
  observed: string | null;
  /** What to change. */
  advice: string | null;
  /** The same for each server program, where it is a matter of configuration. */
  fixes: readonly Fix[];
  /** Where the rule comes from. */
  reference: string | null;
  durationMs: number;
  /** The line of a file that it is about, where there is one. */
  place?: { file: string; line: number };
  /** Of a case of the conformance suite. */
  group?: 'accept' | 'refuse' | 'robust';
  severity?: 'must' | 'should';
  /** What is usually done wrong where this fails. */
  mistake?: string | null;
  /** A command line that shows it again. */
  reproduce?: string | null;
}
