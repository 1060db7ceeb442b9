import type { Finding } from './finding.ts';
import type { JsonValue } from './json.ts';

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
  /** Milliseconds since the epoch. */
  startedAt: number;
  durationMs: number;
  /** Several reports told as one: its findings are theirs. */
  parts?: readonly Report[];
}
