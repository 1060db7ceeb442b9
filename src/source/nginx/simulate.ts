import { addressOf, type Address } from '../address.ts';
import type { Decision, Doubt, SimulatedRequest } from '../rules/server-rules.ts';
import { unmap } from './addresses.ts';
import {
  type NginxConfig,
  type NginxServer,
  readHostHeader,
  chooseSocket,
  findServer,
  type Socket,
  type TryName,
} from './config.ts';
import { isOn } from './levels.ts';
import { toBytes } from './lex.ts';
import { runPhases } from './phases.ts';
import { matchRegex, type Choices, type RequestState, type RunEnding, readHeaders } from './request.ts';
import { readNginxPath } from './request-path.ts';

/* What the simulation covers, what it leaves open and what it passes over: see scope.ts. */

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
  const seenAs = unmap(state?.address ?? request.peer);
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

const refuseAtOnce = (state: RequestState | null, status: number | null, because: string): NginxRun => ({
  state,
  ending: { outcome: 'refused', status, place: null, because },
});

function runOnce(config: NginxConfig, request: SimulatedRequest, choices: Choices): NginxRun {
  const host = request.host === null ? null : readHostHeader(toBytes(request.host));
  const probe = newState(config, request, choices, host);
  const tryName: TryName = (pattern, name, server) =>
    server.place !== null && matchRegex(probe, pattern, /[A-Z]/.test(pattern), name, server.place);
  const knowsHost = (socket: Socket): boolean => host !== null && findServer(socket, host, tryName) !== null;
  const socket =
    config.sockets.find(({ socket: name }) => name === request.door) ??
    chooseSocket(config.sockets, request.peer.family, request.port, knowsHost);
  if (socket === null) return refuseAtOnce(null, null, `nothing listens on port ${request.port}`);
  // Who comes in by no certain door says who it is, where that has to be said.
  const proxied = request.proxied ?? (request.door === undefined && socket.isProxied ? request.peer : null);
  if (socket.isProxied !== (proxied !== null))
    return socket.isProxied
      ? refuseAtOnce(null, null, 'the connection does not start with the PROXY protocol')
      : refuseAtOnce(null, 400, 'the connection starts with the PROXY protocol, which is not accepted here');
  if (request.host !== null && host === null) return refuseAtOnce(null, 400, 'nginx takes no such host');
  const named = host === null ? null : findServer(socket, host, tryName);
  const server = named ?? socket.defaultServer;
  // The path comes before the Host header; over TLS the name was given in the handshake.
  const path = readNginxPath(
    toBytes(request.path),
    isOn(socket.isTls ? server : socket.defaultServer, 'merge_slashes', true),
  );
  const peer = mapPeer(request.peer, socket);
  const state = {
    ...probe,
    socket,
    proxied,
    server,
    isByName: named !== null,
    peer,
    address: peer,
    level: server,
    headers: readHeaders(request.headers, takesUnderscores(server)),
    path: path ?? '/',
  };
  return path === null ? refuseAtOnce(state, 400, 'nginx takes no such path') : { state, ending: runPhases(state) };
}

const takesUnderscores = (server: NginxServer): boolean =>
  isOn(server, 'underscores_in_headers', false) || !isOn(server, 'ignore_invalid_headers', true);

/** `::ffff:0:0/96` */
const MAPPED = 0xffffn << 32n;

/** A socket of IPv6 sees a caller by IPv4 as one within IPv6. */
const mapPeer = (peer: Address, { isDual }: Socket): Address =>
  isDual && peer.family === 4 ? addressOf(6, MAPPED | peer.value) : peer;

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
    written: new Set(),
    readHeaders: new Set(),
    socket,
    server: socket.defaultServer,
    isByName: false,
    peer: request.peer,
    proxied: null,
    address: request.peer,
    isRealAddress: false,
    path: '/',
    method: 'POST',
    isInternal: false,
    isPostAction: false,
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
