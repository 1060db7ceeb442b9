/** One question that is asked: what holds when it passes, and where its rule comes from. */
export interface Check {
  id: string;
  title: string;
  /** A standard, a CVE or a page of documentation. Absent and null: the rule is ours. */
  reference?: string | null;
}

/** The servers that a change of configuration is written for; of Node, its own https server. */
export const SERVERS = ['nginx', 'apache', 'caddy', 'haproxy', 'node'] as const;

export type Server = (typeof SERVERS)[number];

/** The lines of one server's configuration that fix what was found. */
export interface ServerFix {
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
  fix: string | null;
  /** The same for each server program, where it is a matter of configuration. */
  serverFixes: readonly ServerFix[];
  /** Where the rule comes from. */
  reference: string | null;
  durationMs: number;
  /** The line of a file that it is about, where there is one. */
  place?: { file: string; line: number };
  /** Of a case of the conformance suite. */
  group?: 'accept' | 'refuse' | 'robust';
  severity?: 'must' | 'should';
  /** What it rests on that nobody documents, in words. */
  assumptions?: readonly string[];
  /** What is usually done wrong where this fails. */
  mistake?: string | null;
  /** A command line that shows it again. */
  reproduce?: string | null;
  /** Id of the report's cause that it comes from; null: it stands for itself. */
  cause?: string | null;
  /** Ids of the deliveries in the history that it was concluded from, the decisive one first. */
  deliveries?: readonly string[];
}

/** What one check came to. What is left out is null, an empty list or, for `durationMs`, 0. */
export type Conclusion = Pick<Finding, 'status' | 'detail'> & Partial<Omit<Finding, 'id' | 'status' | 'detail'>>;

/** The Finding of `check`: the one place where a Finding is made. Its keys always stand in the same order. */
export function makeFinding(check: Check, conclusion: Conclusion): Finding {
  const {
    title = check.title,
    status,
    detail,
    expected = null,
    observed = null,
    fix = null,
    serverFixes = [],
    reference = check.reference ?? null,
    durationMs = 0,
    ...rest
  } = conclusion;
  return {
    id: check.id,
    title,
    status,
    detail,
    expected,
    observed,
    fix,
    serverFixes,
    reference,
    durationMs,
    ...rest,
  };
}
