import type { RefusedLine } from '../rules/server-rules.ts';
import { isForeign } from './directive-names.ts';
import { fromBytes } from './lex.ts';
import { readMatch } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import type { Listen, NginxServer } from './config.ts';

type LocationMatch = ReturnType<typeof readMatch>;

/** What can stand once at a place, beside the directives that the table of commands says that of. */
const ONCE: ReadonlySet<string> = new Set(
  `
http events stream mail try_files internal auth_request auth_basic_user_file real_ip_header keepalive_timeout expires
resolver user worker_processes proxy_pass fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass
`
    .trim()
    .split(/\s+/),
);

/** A line that nginx does not start with, whatever else there is. */
export const refuse = ({ place }: NginxDirective, text: string, fix: string): RefusedLine => ({
  place,
  text,
  fix,
  isCertain: true,
});

/** What nginx refuses of lines that are right each for itself. */
export function checkStructure(directives: readonly NginxDirective[], places: string): RefusedLine[] {
  return [
    ...findRepeated(directives, ({ name }) => (ONCE.has(name) ? name : null)).map((one) =>
      refuse(one, `"${one.name}" directive is duplicate`, 'keep one of the two'),
    ),
    ...findRepeated(directives, ({ name }) => (name === 'root' || name === 'alias' ? 'root' : null)).map((one) =>
      refuse(one, `"${one.name}" directive is duplicate: root or alias stands here already`, 'keep one of the two'),
    ),
    ...findRepeated(directives, ({ name, args }) =>
      name === 'upstream' || (name === 'log_format' && places.includes('h')) ? `${name} ${args[0]}` : null,
    ).map((one) => refuse(one, `duplicate ${one.name} "${fromBytes(one.args[0] ?? '')}"`, 'give it another name')),
    ...directives.filter(isEmptyUpstream).map((one) => refuse(one, 'no servers are inside upstream', 'name a server')),
    ...(/[sl]/.test(places) ? checkLocations(directives) : []),
    ...directives.filter(({ name, block }) => name === 'location' && block !== null).flatMap(checkWithin),
  ];
}

const isEmptyUpstream = ({ name, block }: NginxDirective): boolean =>
  name === 'upstream' && block?.every((line) => line.name !== 'server' && !isForeign(line.name)) === true;

/** Every line whose key an earlier one had. */
function findRepeated(
  directives: readonly NginxDirective[],
  keyOf: (directive: NginxDirective) => string | null,
): NginxDirective[] {
  const seen = new Set<string>();
  return directives.filter((one) => {
    const key = keyOf(one);
    if (key === null) return false;
    const isRepeated = seen.has(key);
    seen.add(key);
    return isRepeated;
  });
}

const isPrefix = ({ match }: LocationMatch): boolean => match === 'prefix';

/** Of two locations for the same path; null for the others. */
function pathOf({ name: directive, args }: NginxDirective): string | null {
  const { match, name } = readMatch(args);
  return directive !== 'location' || match === 'regex' || match === 'named' ? null : `${match} ${name}`;
}

const checkLocations = (directives: readonly NginxDirective[]): RefusedLine[] =>
  findRepeated(directives, pathOf).map((one) =>
    refuse(one, `duplicate location "${fromBytes(readMatch(one.args).name)}"`, 'put both into one'),
  );

/** What a location may hold, by its own name. */
function checkWithin(around: NginxDirective): RefusedLine[] {
  const outer = readMatch(around.args);
  return [
    ...(around.block ?? [])
      .filter(({ name }) => name === 'location')
      .flatMap((one) => {
        const why = whyNotWithin(readMatch(one.args), outer);
        return why === null ? [] : [refuse(one, why, 'move it up, into the server')];
      }),
    ...findWithUri(around, outer.match === 'regex' || outer.match === 'named'),
    ...(around.block ?? [])
      .filter(({ name }) => name === 'alias' && outer.match === 'named')
      .map((one) => refuse(one, 'the "alias" directive cannot be used inside the named location', 'write root')),
  ];
}

function whyNotWithin(inner: LocationMatch, outer: LocationMatch): string | null {
  const names = `location "${fromBytes(inner.name)}"`;
  if (outer.match === 'exact') return `${names} cannot be inside the exact location "${fromBytes(outer.name)}"`;
  if (outer.match === 'named') return `${names} cannot be inside the named location "${fromBytes(outer.name)}"`;
  if (inner.match === 'named') return `named ${names} can be on the server level only`;
  return (isPrefix(inner) || inner.match === 'exact') && !inner.name.startsWith(outer.name)
    ? `${names} is outside location "${fromBytes(outer.name)}"`
    : null;
}

/** `proxy_pass` with a path, where nginx cannot say which part of the path it replaces. */
function findWithUri({ block }: NginxDirective, isUnnamed: boolean): RefusedLine[] {
  return (block ?? []).flatMap((one) => {
    if (one.name === 'if' || one.name === 'limit_except') return findWithUri(one, true);
    return isUnnamed && one.name === 'proxy_pass' && hasUri(one.args[0] ?? '')
      ? [
          refuse(
            one,
            '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, ' +
              'or inside "if" statement, or inside "limit_except" block',
            'leave out what stands behind the host',
          ),
        ]
      : [];
  });
}

const hasUri = (url: string): boolean =>
  !url.includes('$') && /^https?:\/\/(?:unix:[^:]*:.|(?!unix:)[^/]*\/)/i.test(url);

/** One socket twice in a server, or with two servers that are each its default. */
export function checkListens(servers: readonly NginxServer[]): RefusedLine[] {
  const defaults = new Set<string>();
  return servers.flatMap(({ directives, listens }) => {
    const line = directives.find(({ name }) => name === 'listen');
    if (line === undefined) return [];
    const sockets = listens.map(({ socket }) => socket);
    const twice = sockets.find((socket, index) => sockets.indexOf(socket) !== index);
    const second = listens.find(({ isDefault, socket }) => isDefault && defaults.has(socket));
    for (const { socket } of listens.filter((listen: Listen) => listen.isDefault)) defaults.add(socket);
    if (twice !== undefined) return [refuse(line, `a duplicate listen ${twice}`, 'keep one of the two')];
    return second === undefined
      ? []
      : [refuse(line, `a duplicate default server for ${second.socket}`, 'keep default_server in one of them')];
  });
}

/** Sockets that take IPv4 callers, too, beside sockets of IPv4 on the same port: the second cannot be bound. */
export function checkDualSockets(servers: readonly NginxServer[]): RefusedLine[] {
  const listens = servers.flatMap(({ directives, listens: all }) =>
    directives.some(({ name }) => name === 'listen') ? all : [],
  );
  const ports = new Set(listens.filter(({ family }) => family === 4).map(({ port }) => port));
  const lines = listens.filter(
    ({ isDual, port, place }) => isDual && ports.has(port) && place?.text.includes('reuseport') === false,
  );
  return [...new Set(lines.flatMap(({ place }) => place ?? []))].map((place) => ({
    place,
    text:
      'bind() to the port failed (98: Address already in use): ipv6only=off also binds IPv4, and so does ' +
      'another listen',
    fix: 'remove ipv6only=off, or the IPv4 listen',
    isCertain: true,
  }));
}
