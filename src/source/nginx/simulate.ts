import { addressOf, readAddress, type Address, type Network } from '../address.ts';
import type { Decision, Doubt, SimulatedRequest } from '../rules/server-rules.ts';
import { type NginxConfig, readHostHeader, chooseSocket, findServer, type Socket, type TryName } from './config.ts';
import { isOn } from './levels.ts';
import { toBytes } from './lex.ts';
import { runPhases } from './phases.ts';
import { matchRegex, type Choices, type RequestState, type RunEnding, readHeaders, readNginxPath } from './request.ts';

/*
 * What the simulation covers. One POST of http (`stream` and `mail` are not read), from the socket to the answer, phase
 * by phase. Simulated: `listen` and `server_name`; locations with every modifier, nested, named and `internal`; the
 * rewrite module (`set`, `if`, `rewrite`, `return`, `break`); `map` and `geo`; real_ip; `allow`, `deny`, `satisfy` and
 * `limit_except`; `auth_basic` without credentials; `try_files`, `index` and `error_page`; the handlers in levels.ts.
 *
 * What a configuration alone leaves open is never guessed. Each such question is answered yes and no (`ask`), and the
 * decision is "undecided" where the ends differ: client certificates, `auth_request` and the guards in access.ts
 * (tokens, Lua, njs, ModSecurity …), programs that rewrite, passwords that are sent, cookies, the query and headers
 * that may hold anything, variables of other modules, files on disk, and expressions that JavaScript reads in another
 * way or that take too long. A few things are assumed and reported with the decision (`assume`). Not
 * simulated at all: rate and connection limits, subrequests, upstream failures and the answers of applications. The
 * scope is closed: a directive that is missing here becomes a question in access.ts, not another simulation.
 */

const MAX_RUNS = 256;
/** In all runs together: a configuration of thousands of conditions would otherwise take minutes. */
const MAX_ANSWERS = 10_000;

/** Makes every run there is, up to a limit; `isComplete` says whether all were made. */
function runAll<Result>(run: (choices: Choices) => Result): { results: Result[]; isComplete: boolean } {
  const results: Result[] = [];
  let answers: boolean[] | null = [];
  let count = 0;
  while (answers !== null && results.length < MAX_RUNS && count < MAX_ANSWERS) {
    const given = replay(answers);
    results.push(run(given.choices));
    const made = given.made();
    count += made.length;
    answers = nextAnswers(made);
  }
  return { results, isComplete: answers === null };
}

function replay(answers: readonly boolean[]): { choices: Choices; made: () => boolean[] } {
  const known = new Map<string, boolean>();
  const answer = (question: string): boolean => {
    const before = known.get(question);
    if (before !== undefined) return before;
    const now = answers[known.size] ?? true;
    known.set(question, now);
    return now;
  };
  return { choices: { answer }, made: () => [...known.values()] };
}

/** Counts down in binary, the last answer first. */
function nextAnswers(made: readonly boolean[]): boolean[] | null {
  const last = made.lastIndexOf(true);
  return last === -1 ? null : [...made.slice(0, last), false];
}

/** One run of a request and how it ended. `state` is null where no server was reached. */
export interface NginxRun {
  state: RequestState | null;
  ending: RunEnding;
}

/** Runs a request once for each combination of answers to what the configuration leaves open. */
export function simulate(config: NginxConfig, request: SimulatedRequest): { all: NginxRun[]; isComplete: boolean } {
  const { results, isComplete } = runAll((choices) => runOnce(config, request, choices));
  return { all: results, isComplete };
}

/** Decides where every run ends alike. */
export function decide(config: NginxConfig, request: SimulatedRequest): Decision {
  const { all, isComplete } = simulate(config, request);
  const [first] = all as [NginxRun, ...NginxRun[]];
  const { state, ending } = first;
  const seenAs = state?.address ?? request.peer;
  const isAgreed = isComplete && all.every((one) => one.ending.outcome === ending.outcome);
  const assumptions = distinct(all.flatMap((one) => one.state?.assumptions ?? []));
  if (isAgreed && ending.outcome !== 'undecided') {
    const status = all.every((one) => one.ending.status === ending.status) ? ending.status : null;
    return {
      outcome: ending.outcome,
      status,
      place: ending.place,
      because: ending.because,
      seenAs,
      doubts: assumptions,
    };
  }
  const doubts = distinct(all.flatMap((one) => one.state?.doubts ?? []));
  return {
    outcome: 'undecided',
    status: null,
    place: doubts[0]?.place ?? ending.place,
    because: doubts[0]?.text ?? ending.because,
    seenAs,
    doubts: [...doubts, ...assumptions],
  };
}

const distinct = (doubts: readonly Doubt[]): Doubt[] => [
  ...new Map(doubts.map((doubt) => [`${doubt.place.file}:${doubt.place.line} ${doubt.text}`, doubt])).values(),
];

function runOnce(config: NginxConfig, request: SimulatedRequest, choices: Choices): NginxRun {
  const host = request.host === null ? null : readHostHeader(toBytes(request.host));
  const probe = newState(config, request, choices, host);
  const tryName: TryName = (pattern, name, server) =>
    server.place !== null && matchRegex(probe, pattern, /[A-Z]/.test(pattern), name, server.place);
  const knowsHost = (socket: Socket): boolean => host !== null && findServer(socket, host, tryName) !== null;
  const socket = chooseSocket(config.sockets, request.peer.family, request.port, knowsHost);
  if (socket === null)
    return {
      state: null,
      ending: { outcome: 'refused', status: null, place: null, because: `nothing listens on port ${request.port}` },
    };
  if (request.host !== null && host === null)
    return {
      state: null,
      ending: { outcome: 'refused', status: 400, place: null, because: 'nginx takes no such host' },
    };
  const named = host === null ? null : findServer(socket, host, tryName);
  const server = named ?? socket.defaultServer;
  // The path comes before the Host header; over TLS the name was given in the handshake.
  const path = readNginxPath(
    toBytes(request.path),
    isOn(socket.isTls ? server : socket.defaultServer, 'merge_slashes', true),
  );
  const state = {
    ...probe,
    socket,
    server,
    isByName: named !== null,
    level: server,
    headers: readHeaders(request.headers, isOn(server, 'underscores_in_headers', false)),
    path: path ?? '/',
  };
  if (path === null)
    return { state, ending: { outcome: 'refused', status: 400, place: null, because: 'nginx takes no such path' } };
  return { state, ending: runPhases(state) };
}

/** nginx allows ten changes of the path; the eleventh ends in 500. */
const CHANGES = 11;

function newState(config: NginxConfig, request: SimulatedRequest, choices: Choices, host: string | null): RequestState {
  const [socket] = config.sockets as [Socket, ...Socket[]];
  return {
    config,
    request,
    choices,
    host,
    headers: readHeaders(request.headers, false),
    doubts: [],
    assumptions: [],
    networks: new Set(),
    readHeaders: new Set(),
    socket,
    server: socket.defaultServer,
    isByName: false,
    address: request.peer,
    isRealAddress: false,
    path: '/',
    method: 'POST',
    isInternal: false,
    changesLeft: CHANGES,
    level: socket.defaultServer,
    visited: [],
    handler: null,
    bypass: null,
    variables: new Map(),
    match: null,
    errorStatus: 0,
    hasErrorPage: false,
    refusal: null,
    errorPage: null,
    passed: null,
  };
}

/** Whether another caller is asked depends on what the last one was compared with: so many are asked at most. */
const MAX_CALLERS = 400;
const ANYBODY = ['203.0.113.66', '2001:db8::66'];

export interface RuleTarget {
  path: string;
  host: string | null;
  port: number | null;
}

export interface Traced {
  networks: readonly Network[];
  headers: readonly string[];
}

const known = new WeakMap<NginxConfig, Map<string, Traced>>();

/**
 * Every network that decides on this path, and every header that is looked at: found by asking as their members, once.
 */
export function traceRules(config: NginxConfig, target: RuleTarget): Traced {
  const ofConfig = known.get(config) ?? new Map<string, Traced>();
  known.set(config, ofConfig);
  const key = JSON.stringify([target.path, target.host, target.port]);
  const traced = ofConfig.get(key) ?? trace(config, target);
  ofConfig.set(key, traced);
  return traced;
}

function trace(config: NginxConfig, { path, host, port }: RuleTarget): Traced {
  const networks = new Map<string, Network>();
  const lists = new Set<readonly Network[]>();
  const headers = new Set<string>();
  const waiting: Address[] = ANYBODY.flatMap((text) => readAddress(text) ?? []);
  const asked = new Set<string>();
  for (let peer = waiting.shift(); peer !== undefined && asked.size < MAX_CALLERS; peer = waiting.shift()) {
    if (asked.has(peer.text)) continue;
    asked.add(peer.text);
    for (const { state } of simulate(config, { path, host, port, peer, headers: [] }).all) {
      for (const name of state?.readHeaders ?? []) headers.add(name);
      for (const network of [...(state?.networks ?? [])].flatMap((list) => (lists.has(list) ? [] : list))) {
        if (networks.has(network.text)) continue;
        networks.set(network.text, network);
        waiting.push(
          network.first,
          network.last,
          addressOf(network.family, (network.first.value + network.last.value) / 2n),
        );
      }
      for (const list of state?.networks ?? []) lists.add(list);
    }
  }
  return { networks: [...networks.values()], headers: [...headers] };
}
