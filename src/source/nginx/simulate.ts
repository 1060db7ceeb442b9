import type { Decision, Doubt, SimulatedRequest } from '../rules/server-rules.ts';
import { walkAll, type Choices } from './choices.ts';
import type { Config } from './config.ts';
import { readHost } from './host-names.ts';
import { toBytes } from './lex.ts';
import { isOn } from './levels.ts';
import { runPhases } from './phases.ts';
import { matchRegex } from './regex.ts';
import { readHeaders } from './request-headers.ts';
import { normalisePath } from './request-uri.ts';
import { chooseSocket, findServer, type Socket, type TryName } from './servers.ts';
import type { Ending, Walk } from './walk.ts';

/** One walk and where it ended. `walk` is null where no server was reached. */
export interface Simulated {
  walk: Walk | null;
  ending: Ending;
}

/** Every way that a request may take. */
export function simulate(config: Config, request: SimulatedRequest): { all: Simulated[]; isComplete: boolean } {
  const { results, isComplete } = walkAll((choices) => walkOnce(config, request, choices));
  return { all: results, isComplete };
}

export function decide(config: Config, request: SimulatedRequest): Decision {
  const { all, isComplete } = simulate(config, request);
  const [first] = all as [Simulated, ...Simulated[]];
  const { walk, ending } = first;
  const seenAs = walk?.address ?? request.peer;
  const isAgreed = isComplete && all.every((one) => one.ending.outcome === ending.outcome);
  const assumptions = distinct(all.flatMap((one) => one.walk?.assumptions ?? []));
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
  const doubts = distinct(all.flatMap((one) => one.walk?.doubts ?? []));
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

function walkOnce(config: Config, request: SimulatedRequest, choices: Choices): Simulated {
  const host = request.host === null ? null : readHost(toBytes(request.host));
  const probe = newWalk(config, request, choices, host);
  const tryName: TryName = (pattern, name, server) =>
    server.place !== null && matchRegex(probe, pattern, /[A-Z]/.test(pattern), name, server.place);
  const knowsHost = (socket: Socket): boolean => host !== null && findServer(socket, host, tryName) !== null;
  const socket = chooseSocket(config.sockets, request.peer.family, request.port, knowsHost);
  if (socket === null)
    return {
      walk: null,
      ending: { outcome: 'refused', status: null, place: null, because: `nothing listens on port ${request.port}` },
    };
  if (request.host !== null && host === null)
    return {
      walk: null,
      ending: { outcome: 'refused', status: 400, place: null, because: 'nginx takes no such host' },
    };
  const named = host === null ? null : findServer(socket, host, tryName);
  const server = named ?? socket.defaultServer;
  // The path comes before the Host header; over TLS the name was given in the handshake.
  const path = normalisePath(
    toBytes(request.path),
    isOn(socket.isTls ? server : socket.defaultServer, 'merge_slashes', true),
  );
  const walk = {
    ...probe,
    socket,
    server,
    isByName: named !== null,
    level: server,
    headers: readHeaders(request.headers, isOn(server, 'underscores_in_headers', false)),
    path: path ?? '/',
  };
  if (path === null)
    return { walk, ending: { outcome: 'refused', status: 400, place: null, because: 'nginx takes no such path' } };
  return { walk, ending: runPhases(walk) };
}

/** nginx allows so many changes of the path, and one more ends in 500. */
const CHANGES = 11;

function newWalk(config: Config, request: SimulatedRequest, choices: Choices, host: string | null): Walk {
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
