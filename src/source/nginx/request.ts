import type { Header } from '../../model/plan.ts';
import { BITS, isMapped, networkAround, type Address, type Network } from '../address.ts';
import { findAddress, networksOfExpression } from '../rules/compared-as-text.ts';
import { makeOnce } from '../rules/once.ts';
import type { Match } from '../rules/pcre.ts';
import type { Doubt, Place, SimulatedRequest } from '../rules/server-rules.ts';
import { readNginxAddress, unmap } from './addresses.ts';
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
  /** Those that expressions over the address as text come to. */
  readonly written: Set<readonly Network[]>;
  /** The conditions that looked at a header, by its name. */
  readonly readHeaders: Set<string>;

  socket: Socket;
  server: NginxServer;
  /** The host is one of that server's names. */
  isByName: boolean;
  /** The other end of the connection: IPv4 within IPv6 on a socket of IPv6. */
  readonly peer: Address;
  /** Whom the PROXY protocol names. */
  readonly proxied: Address | null;
  /** $remote_addr: the peer, or what real_ip made of it. */
  address: Address;
  isRealAddress: boolean;
  path: string;
  method: 'POST' | 'GET';
  /** An internal redirect or a rewrite brought it here. */
  isInternal: boolean;
  /** The answer was sent, and `post_action` goes on with the request. */
  isPostAction: boolean;
  /** Rewrites and internal redirects that are left: nginx allows ten. */
  changesLeft: number;
  level: NginxLevel;
  /** Every level that it came through, in that order. */
  readonly visited: NginxLevel[];
  handler: Handler | null;
  /** Set by `set`, by named groups, and kept of maps. */
  readonly variables: Map<string, Value>;
  match: Match | UnknownValue | null;
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
  return { place: errorPage, because: `${refusal.because}, but the error page answers ${status ?? 'instead'}` };
}

/** An address as nginx writes it: `::ffff:192.0.2.1` on a socket of both families. */
export const writeNginxAddress = (address: Address): string =>
  isMapped(address) ? `::ffff:${unmap(address).text}` : address.text;

/**
 * Whether an expression is found in a text; a match leaves its groups for `$1` and the names. What cannot be decided,
 * for the expression or its cost, is asked; so is what cannot be followed for every address where the caller's stands
 * in the text.
 */
export function matchRegex(
  state: RequestState,
  pattern: string,
  ignoreCase: boolean,
  text: string,
  place: Place,
): boolean {
  const question = `regex ${ignoreCase ? '~*' : '~'} ${pattern} in ${text}`;
  const holdsAddress = noteAddress(state, pattern, ignoreCase, text);
  const found = holdsAddress === null ? undefined : state.config.compilePcre(pattern, ignoreCase)?.(text);
  if (found === undefined) {
    const why =
      holdsAddress === null
        ? `${fromBytes(pattern)} is compared with an address as text: which addresses match is unknown`
        : `the expression ${fromBytes(pattern)} cannot be evaluated`;
    const isFound = ask(state, question, { place, text: why });
    if (isFound) keepUnknownGroups(state, pattern, why);
    return isFound;
  }
  if (found === null) return false;
  keepGroups(state, found, holdsAddress === true);
  return true;
}

/** Whether an address of the caller stands in the text; null: for which ones the expression is found cannot be told. */
export function noteAddress(state: RequestState, pattern: string, ignoreCase: boolean, text: string): boolean | null {
  let holds = false;
  for (const address of addressesOf(state)) {
    const around = findAddress(text, address);
    if (around === null) continue;
    const networks = networksOfExpression(pattern, ignoreCase, around, address.family);
    if (networks === null) return null;
    state.networks.add(networks);
    state.written.add(networks);
    holds = true;
  }
  if (!holds) noteClaimed(state, pattern);
  return holds;
}

/** The most networks of an expression over a header that are claimed one by one. */
const MAX_CLAIMED = 100;

/** What an expression for addresses comes to, whatever it looks at: a stranger may claim to call from there. */
const noteClaimed = (state: RequestState, pattern: string): void => void state.networks.add(claimedBy(pattern));

export function claimedBy(pattern: string): readonly Network[] {
  if (!/^\^[\d([]/.test(pattern)) return [];
  const networks = networksOfExpression(pattern, false, { before: '', after: '' }, 4) ?? [];
  return networks.length <= MAX_CLAIMED ? networks : [];
}

const wordsOnce = makeOnce<readonly string[], Network[]>();

/** The texts that equal one with the caller's address in it, as networks of one address each. */
export function noteWords(state: RequestState, text: string, words: readonly string[]): void {
  const found = addressesOf(state).flatMap((address) => findAddress(text, address) ?? []);
  // Whatever is compared with addresses may be claimed to be one.
  for (const { before, after } of found.length > 0 ? found : [{ before: '', after: '' }]) {
    const read = (word: string): Network[] => {
      const isAlike = word.startsWith(before) && word.endsWith(after) && word.length > before.length + after.length;
      const one = isAlike ? readNginxAddress(word.slice(before.length, word.length - after.length)) : null;
      return one === null ? [] : [networkAround(one, BITS[one.family])];
    };
    state.networks.add(wordsOnce(words, [before, after], () => words.flatMap(read)));
  }
}

/** Everything that stands for the caller: the connection, and what is said of it in front of the request or in it. */
export function addressesOf({ address, peer, proxied, request: { caller } }: RequestState): readonly Address[] {
  const all = [address, peer, proxied, caller].filter((one) => one !== null && one !== undefined);
  return [...new Map(all.map(unmap).map((one) => [one.text, one])).values()];
}

/** A group may hold a part of the address: what becomes of it cannot be followed. */
function keepGroups(state: RequestState, found: Match, isOfAddress: boolean): void {
  const part: UnknownValue = { unknown: "it depends on part of the caller's address" };
  state.match = isOfAddress ? part : found;
  for (const [name, value] of Object.entries(found.named))
    state.variables.set(name, isOfAddress ? part : (value ?? ''));
}

const NAMED_GROUP = /\(\?(?:P?<|')([A-Za-z_]\w*)/g;

/** Of an expression that is only assumed to be found: what its groups take is as little known. */
function keepUnknownGroups(state: RequestState, pattern: string, unknown: string): void {
  state.match = { unknown };
  for (const [, name = ''] of pattern.matchAll(NAMED_GROUP)) state.variables.set(name, { unknown });
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
