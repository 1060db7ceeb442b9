import type { Header } from '../../model/plan.ts';
import type { Address, Network } from '../address.ts';
import type { Match } from '../rules/pcre.ts';
import type { Doubt, Place, SimulatedRequest } from '../rules/server-rules.ts';
import type { NginxConfig, NginxServer, Socket } from './config.ts';
import type { Handler, NginxLevel } from './levels.ts';
import { fromBytes } from './lex.ts';

/**
 * Answers what the configuration leaves open. The request is run once for each series of answers; within one run the
 * same question has the same answer.
 */
export interface Choices {
  answer(question: string): boolean;
}

/** One request as it passes through the phases of nginx. It changes as it goes. */
export interface RequestState {
  readonly config: NginxConfig;
  readonly request: SimulatedRequest;
  readonly headers: RequestHeaders;
  /** The Host header without port, lower case; null when none was given. */
  readonly host: string | null;
  readonly choices: Choices;
  /** What the run depended on; the same doubt may be listed twice. */
  readonly doubts: Doubt[];
  /** What was assumed, to be reported with the decision. */
  readonly assumptions: Doubt[];
  /** The lists of networks that the caller was compared with. */
  readonly networks: Set<readonly Network[]>;
  /** The conditions that looked at a header, by its name. */
  readonly readHeaders: Set<string>;

  socket: Socket;
  server: NginxServer;
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
  level: NginxLevel;
  /** Every level that it came through, in that order. */
  readonly visited: NginxLevel[];
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
  /** The `error_page` that was used. */
  errorPage: Place | null;
  /** The last line that might have refused and did not. */
  passed: Reason | null;
}

export interface Reason {
  place: Place | null;
  because: string;
}

/** A text, or why it is not known. */
export type Value = string | UnknownValue;

export interface UnknownValue {
  unknown: string;
}

export const isUnknown = (value: Value): value is UnknownValue => typeof value !== 'string';

/** How a run ended. */
export interface RunEnding extends Reason {
  outcome: 'admitted' | 'refused' | 'undecided';
  status: number | null;
}

/** Answers yes or no to what is not known, and notes the doubt. */
export function ask(state: RequestState, question: string, doubt: Doubt): boolean {
  state.doubts.push(doubt);
  return state.choices.answer(question);
}

export function assume(state: RequestState, assumption: Doubt): void {
  state.assumptions.push(assumption);
}

/** Where the request goes next. */
export type Next =
  | { go: 'begin' | 'server' | 'find' | 'location' }
  | { go: 'redirect'; path: string }
  | { go: 'named'; name: string }
  | NextRefusal
  | { go: 'end'; ending: RunEnding };

/** An answer from 300 on, for which there may be an error page. */
export interface NextRefusal {
  go: 'refuse';
  status: number;
  reason: Reason;
  /** The status is one of several: 401 or 403, as another server says. */
  isUnsure: boolean;
}

export const refuseWith = (status: number, { place, because }: Reason, isUnsure = false): NextRefusal => ({
  go: 'refuse',
  status,
  reason: { place, because },
  isUnsure,
});

/** The codes of nginx's own that go out as 400. */
const AS_400 = new Set([494, 495, 496, 497]);

/** An answer goes out. An error page that was used before may have settled its status. */
export function end(state: RequestState, status: number | null, reason: Reason): Next {
  const final = state.errorStatus > 0 ? state.errorStatus : status;
  const outcome = final === null || final < 300 ? 'admitted' : 'refused';
  const sent = final !== null && AS_400.has(final) ? 400 : final;
  return { go: 'end', ending: { outcome, status: sent, ...explain(state, outcome, sent, reason) } };
}

function explain(
  { refusal, errorPage }: RequestState,
  outcome: RunEnding['outcome'],
  status: number | null,
  reason: Reason,
): Reason {
  if (refusal === null) return reason;
  if (outcome === 'refused' || errorPage === null) return refusal;
  return { place: errorPage, because: `${refusal.because}, but the error page answers ${status ?? 'in its place'}` };
}

/**
 * Whether an expression is found in a text; a match leaves its groups for `$1` and the names. What cannot be decided,
 * for the expression or its cost, is asked.
 */
export function matchRegex(
  state: RequestState,
  pattern: string,
  ignoreCase: boolean,
  text: string,
  place: Place,
): boolean {
  const found = state.config.compilePcre(pattern, ignoreCase)?.(text);
  if (found === undefined)
    return ask(state, `regex ${ignoreCase ? '~*' : '~'} ${pattern} in ${text}`, {
      place,
      text: `the expression ${fromBytes(pattern)} cannot be tried here`,
    });
  if (found === null) return false;
  keepGroups(state, found);
  return true;
}

function keepGroups(state: RequestState, found: Match): void {
  state.match = found;
  for (const [name, value] of Object.entries(found.named)) state.variables.set(name, value ?? '');
}

const HEX = /^[0-9a-f]{2}$/i;

/**
 * The path that locations are compared with, of the path in the request line: `%41` decoded, `.` and `..` resolved,
 * `//` merged. Null where nginx answers 400.
 * https://github.com/nginx/nginx/blob/release-1.22.1/src/http/ngx_http_parse.c#L1195
 */
export function readNginxPath(bytes: string, mergeSlashes: boolean): string | null {
  if (!bytes.startsWith('/') || /[\u0000- \u007f]/.test(bytes)) return null; // oxlint-disable-line no-control-regex
  const decoded = decode(/^[^?#]*/.exec(bytes)?.[0] ?? '');
  if (decoded === null) return null;
  const kept: string[] = [];
  const parts = decoded.slice(1).split('/');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '..') {
      if (kept.length === 0) return null;
      kept.pop();
      if (isLast) kept.push('');
    } else if (part === '.') {
      if (isLast) kept.push('');
    } else if (part !== '' || isLast || !mergeSlashes) kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** A decoded `?`, `#` or `%` is part of the path, a decoded slash or dot counts as if written. */
function decode(path: string): string | null {
  let decoded = '';
  for (let at = 0; at < path.length; at += 1) {
    if (path[at] !== '%') {
      decoded += path[at];
      continue;
    }
    const hex = path.slice(at + 1, at + 3);
    if (!HEX.test(hex) || hex === '00') return null;
    decoded += String.fromCodePoint(Number.parseInt(hex, 16));
    at += 2;
  }
  return decoded;
}

/** Says where a request came from: a proxy adds it, so its absence is known. What a vendor sends beside that is not. */
const FORWARDING = new RegExp(
  `^(?:${[
    'x[-_]forwarded',
    'forwarded$',
    '(?:x-)?(?:true-client|real|client|cluster-client|original-forwarded|envoy-external-address|appengine-user)',
    'cf-connecting',
    'fastly-client',
    'x-azure-clientip',
    'host$',
    'transfer-encoding$',
    'cookie$',
    'authorization$',
    'proxy-authorization$',
  ].join('|')})`,
  'i',
);

export interface RequestHeaders {
  /** In the order they were sent. */
  all(name: string): readonly string[];
  /** Whether absence is certain: a simulated request says who forwarded it and nothing more. */
  isKnown(name: string): boolean;
}

/** The headers that nginx takes: it drops names with an underscore unless configured to keep them. */
export function readHeaders(headers: readonly Header[], allowsUnderscores: boolean): RequestHeaders {
  const accepted = headers.filter(([name]) => (allowsUnderscores ? /^[\w-]+$/ : /^[A-Za-z0-9-]+$/).test(name));
  const all = (name: string): string[] =>
    accepted
      .filter(([one]) => one.toLowerCase() === name.toLowerCase())
      .map(([, value]) => Buffer.from(value.trim(), 'utf8').toString('latin1'));
  return { all, isKnown: (name) => FORWARDING.test(name) || all(name).length > 0 };
}
