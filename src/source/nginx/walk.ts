import type { Address } from '../address/address.ts';
import type { Network } from '../address/network.ts';
import type { Match } from '../rules/pcre.ts';
import type { Doubt, Place, SimulatedRequest } from '../rules/server-rules.ts';
import type { Choices } from './choices.ts';
import type { Config } from './config.ts';
import type { Handler } from './handlers.ts';
import type { Level } from './levels.ts';
import type { RequestHeaders } from './request-headers.ts';
import type { Server, Socket } from './servers.ts';

/** One request on its way through the phases of nginx. It changes as it goes. */
export interface Walk {
  readonly config: Config;
  readonly request: SimulatedRequest;
  readonly headers: RequestHeaders;
  /** The Host header without port, lower case; null when none was given. */
  readonly host: string | null;
  readonly choices: Choices;
  /** What it hung on; the same may stand there twice. */
  readonly doubts: Doubt[];
  /** What was taken for granted, and would be told with the decision. */
  readonly assumptions: Doubt[];
  /** The lists of networks that the caller was compared with. */
  readonly networks: Set<readonly Network[]>;
  /** The conditions that looked at a header, by its name. */
  readonly readHeaders: Set<string>;

  socket: Socket;
  server: Server;
  /** The host is one of that server's names. */
  isByName: boolean;
  /** $remote_addr: the peer, or what real_ip made of it. */
  address: Address;
  isRealAddress: boolean;
  path: string;
  method: 'POST' | 'GET';
  /** An internal redirect or a rewrite brought it here. */
  isInternal: boolean;
  /** Rewrites and internal redirects that are left: nginx allows ten. */
  changesLeft: number;
  level: Level;
  /** Every level that it came through, in that order. */
  readonly visited: Level[];
  handler: Handler | null;
  /** Set by `set`, by named groups, and kept of maps. */
  readonly variables: Map<string, Value>;
  match: Match | null;
  /** The status that stands whatever is answered; 0: none yet. */
  errorStatus: number;
  /** An error page was looked for once. */
  hasErrorPage: boolean;
  /** The first refusal, before any error page. */
  refusal: Reason | null;
  /** A `return` that answered where `allow` and `deny` would have been asked. */
  bypass: Place | null;
  /** The `error_page` that was taken. */
  errorPage: Place | null;
  /** The last line that might have refused and did not. */
  passed: Reason | null;
}

export interface Reason {
  place: Place | null;
  because: string;
}

/** A text, or why it cannot be told. */
export type Value = string | Unknown;

export interface Unknown {
  unknown: string;
}

export const isUnknown = (value: Value): value is Unknown => typeof value !== 'string';

/** How a walk ended. */
export interface Ending extends Reason {
  outcome: 'admitted' | 'refused' | 'undecided';
  status: number | null;
}

/** Takes one side of what cannot be told, and notes that. The same question has the same answer throughout a walk. */
export function ask(walk: Walk, question: string, doubt: Doubt): boolean {
  walk.doubts.push(doubt);
  return walk.choices.answer(question);
}

export function assume(walk: Walk, assumption: Doubt): void {
  walk.assumptions.push(assumption);
}
