import type { Finding } from './finding.ts';
import type { JsonValue } from './json.ts';

/** One fault that several findings come from. It changes none of them. */
export interface CommonCause {
  id: string;
  /** What is wrong, in one line. */
  title: string;
  /** What was seen that proves it. */
  detail: string;
  /** What to do next. */
  fix: string;
  /** A command line that shows one of its findings again; null where there is none to send. */
  reproduce: string | null;
  /** Ids of the findings that failed, warned or could not be told for this cause. */
  explains: readonly string[];
  /** Ids of the findings that passed, and prove nothing because of it. */
  voids: readonly string[];
}

/** Everything that one run of one command concluded. Reporters are written against this noun alone. */
export interface Report {
  /** The command without its flags: `verify-cert`, `certs inspect`. */
  command: string;
  /** What was checked: a URL without credentials, a file, a folder. */
  target: string;
  /** What the JSON document says between target and findings: `{ verdict: 'optional' }`. */
  facts: Readonly<Record<string, JsonValue>>;
  /** What it comes to, in one line of plain words. */
  conclusion: string;
  /** The conclusion is the one that was hoped for: exit code 0. */
  isGood: boolean;
  findings: readonly Finding[];
  /** Absent: none was looked for. */
  causes?: readonly CommonCause[];
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  /** Several reports told as one: its findings are theirs. */
  parts?: readonly Report[];
}
