import { AppError } from '../../model/error.ts';
import { addressOf, type Network } from '../address.ts';
import type {
  ConfigFile,
  Note,
  ReadIncluded,
  RefusedLine,
  ServerRules,
  Trap,
  Answering,
} from '../rules/server-rules.ts';
import { findAddressTraps } from './address-traps.ts';
import { readNginxConfig, type NginxConfig, type NginxServer, type Socket } from './config.ts';
import { readDump } from './dump.ts';
import { DIRECTIVE_NAMES, findUnknown } from './directive-names.ts';
import { fromBytes, syntaxError } from './lex.ts';
import { decide, simulate } from './simulate.ts';
import { parseNginxConfig, type NginxDirective } from './parse.ts';
import { checkDualSockets, checkListens, refuse } from './structure.ts';
import { findRefused } from './validity.ts';
import { noteStreams } from './stream.ts';
import { findWrongVariables } from './variable-names.ts';
import { findListTraps } from './list-traps.ts';
import { findDoors, traceRules, type RuleTarget } from './trace.ts';
import { lookAt } from './traps.ts';
import { findRouteTraps } from './route-traps.ts';

/**
 * Reads a configuration of nginx: the whole one, what `nginx -T` wrote, or a file that holds `server { }` or less. What
 * it decides is simulated phase by phase, for http alone (`stream` and `mail` take no webhook). Throws AppError
 * `input`, with file and line, for what nginx would not start with.
 */
export function openNginx(given: ConfigFile, readFromDisk: ReadIncluded): ServerRules {
  const dump = readDump(given);
  const { main, readIncluded } = dump ?? { main: given, readIncluded: readFromDisk };
  const notes: Note[] = [];
  const directives = parseNginxConfig(main, readIncluded, notes);
  const config = readNginxConfig(directives, main.file);
  const refused = findRefusedLines(directives, config);
  const first = refused.find(({ place }) => /^server\b/.test(place.text));
  if (config.servers.length === 0 && first !== undefined)
    throw syntaxError(first.place.file, first.place.line, `"${first.place.text}": ${first.text}`, first.fix);
  if (config.servers.length === 0)
    throw new AppError('input', `${main.file} has no server { }`, {
      hint: 'give the nginx.conf that the server itself reads, or what nginx -T writes',
    });
  return {
    server: 'nginx',
    part: config.part,
    isDump: dump !== null,
    notes: [...notes, ...noteStreams(directives, config.sockets)],
    unknown: { directives: findUnknown(directives), known: [...DIRECTIVE_NAMES] },
    refused,
    answering: (host, port) => findAnswering(config, host, port),
    doors: (path, host, port) => findDoors(config, { path, host, port }),
    networksFor: (path, host, port, behind) => traceRules(config, { path, host, port, behind }).networks,
    writtenNetworks: (path, host, port, behind) => traceRules(config, { path, host, port, behind }).written,
    forwardingHeaders: (path, host, port) => traceRules(config, { path, host, port }).headers,
    decide: (request) => decide(config, request),
    findTraps: (path, host, port, claimed = []) => findTraps(config, { path, host, port }, claimed),
  };
}

/** Where the lines of a file without `http { }` may stand: in http, or in a server or location. */
const placesOf = (directives: readonly NginxDirective[], { part, http }: NginxConfig): string =>
  part === null ? 'm' : http.directives === directives ? 'h' : 'sl';

function findRefusedLines(directives: readonly NginxDirective[], config: NginxConfig): RefusedLine[] {
  const { part, http, servers } = config;
  const [begin] = directives;
  const lacksEvents = part === null && begin !== undefined && !directives.some(({ name }) => name === 'events');
  return [
    ...(lacksEvents ? [refuse(begin, 'no "events" section in configuration', 'add events { }')] : []),
    ...findRefused(directives, placesOf(directives, config)),
    ...checkListens(servers),
    ...checkDualSockets(servers),
    ...findWrongVariables(http.directives, part !== null),
  ];
}

/** The traps on the route to a path, each line once, in the order of the files. */
export function findTraps(config: NginxConfig, target: RuleTarget, claimed: readonly Network[]): Trap[] {
  const view = lookAt(config, target, claimed);
  const found = [...findListTraps(view), ...findAddressTraps(view), ...findRouteTraps(view)];
  const once = new Map(found.map((trap) => [`${trap.id} ${trap.place.file}:${trap.place.line}`, trap]));
  return [...once.values()].toSorted(
    (one, other) => one.place.file.localeCompare(other.place.file) || one.place.line - other.place.line,
  );
}

/** 203.0.113.66, an address of nobody (RFC 5737). */
const ANYBODY = addressOf(4, 0xcb_00_71_42n);

/** The server { } that answers a caller by IPv4; null: nothing listens, or nginx takes no such host. */
export function findAnswering(config: NginxConfig, host: string | null, port: number | null): Answering | null {
  const [first] = simulate(config, { path: '/', host, port, peer: ANYBODY, headers: [] }).all;
  if (first === undefined || first.state === null) return null;
  const { socket, server, isByName } = first.state;
  const others = socket.servers.filter((one) => one !== server);
  return {
    place: server.place,
    name: namesOf(server)[0] ?? null,
    isByName,
    isCatchAll: isCatchAll(server, socket),
    names: [server, ...others].flatMap(namesOf),
    servers: socket.servers.length,
  };
}

/** `_` is no name that anybody calls by: it stands for none. */
const namesOf = ({ names }: NginxServer): string[] =>
  names.filter((name) => name !== '' && name !== '_').map(fromBytes);

function isCatchAll(server: NginxServer, socket: Socket): boolean {
  const isAlone = socket.servers.length === 1 && socket.isDefault;
  return isAlone || (namesOf(server).length === 0 && server.patterns.length === 0);
}
