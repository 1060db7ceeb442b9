import { AppError } from '../../model/error.ts';
import { makePcre, type CompilePcre } from '../rules/pcre.ts';
import type { Doubt } from '../rules/server-rules.ts';
import { checkAllowAndDeny } from './addresses.ts';
import { readGeo, type Geo } from './geo.ts';
import { own, type NginxLevel } from './levels.ts';
import type { NginxDirective } from './parse.ts';
import { readServer, socketsOf, type NginxServer, type Socket } from './servers.ts';

/** A configuration, read. */
export interface NginxConfig {
  http: NginxLevel;
  servers: readonly NginxServer[];
  sockets: readonly Socket[];
  maps: ReadonlyMap<string, NginxDirective>;
  geos: ReadonlyMap<string, Geo>;
  /** The names that `set` or a group of an expression may fill: empty until then. */
  settable: ReadonlySet<string>;
  compilePcre: CompilePcre;
  /** What a part of a configuration lacks; null: it is a whole one. */
  part: Doubt | null;
}

const MAX_LISTENS = 20_000;

const HTTP_ONLY = new Set([
  'server',
  'upstream',
  'map',
  'geo',
  'split_clients',
  'limit_req_zone',
  'limit_conn_zone',
  'proxy_cache_path',
  'log_format',
]);

export function readNginxConfig(directives: readonly NginxDirective[], file: string): NginxConfig {
  const { http, part } = findHttp(directives, file);
  checkAllowAndDeny(http.directives);
  let listens = 0;
  const servers = own(http, 'server').map((directive) => {
    const server = readServer(directive, http);
    listens += server.listens.length;
    if (listens > MAX_LISTENS)
      throw new AppError('input', `${file}: more than ${MAX_LISTENS} sockets`, {
        hint: 'does a server listen on a range of ports?',
      });
    return server;
  });
  return {
    http,
    servers,
    sockets: socketsOf(servers),
    maps: new Map(
      own(http, 'map')
        .filter(({ args }) => args.length === 2)
        .map((directive) => [(directive.args[1] ?? '').slice(1), directive]),
    ),
    geos: new Map(own(http, 'geo').map((directive) => [(directive.args.at(-1) ?? '').slice(1), readGeo(directive)])),
    settable: new Set(findSettable(http.directives)),
    compilePcre: makePcre(),
    part,
  };
}

/**
 * The content of `http { }`. What people have at hand is often a file of sites-available/ that holds `server { }`
 * alone, or a snippet that belongs into one: either is taken as if it stood there.
 */
function findHttp(directives: readonly NginxDirective[], file: string): { http: NginxLevel; part: Doubt | null } {
  const blocks = directives.filter(({ name }) => name === 'http');
  if (blocks.length > 0) return { http: asHttp(blocks.flatMap(({ block }) => block ?? [])), part: null };
  const whole = { file, line: 1, text: directives[0]?.place.text ?? '' };
  if (directives.some(({ name }) => HTTP_ONLY.has(name))) {
    return {
      http: asHttp(directives),
      part: {
        place: whole,
        text: 'the file has no http { }: it is read as if it were included there, and nothing else were',
      },
    };
  }
  const server: NginxDirective = { name: 'server', args: [], block: directives, place: whole };
  return {
    http: asHttp([server]),
    part: {
      place: whole,
      text: 'the file has no server { }: it is read as if it were included in one, and nothing else were',
    },
  };
}

const asHttp = (directives: readonly NginxDirective[]): NginxLevel => ({
  kind: 'http',
  directives,
  parent: null,
  place: null,
});

function findSettable(directives: readonly NginxDirective[]): string[] {
  return directives.flatMap(({ name, args, block }) => [
    ...(name === 'set' ? [(args[0] ?? '').slice(1)] : []),
    ...[name, ...args].flatMap((word) => [...word.matchAll(/\(\?P?[<'](\w+)[>']/g)].map((found) => found[1] as string)),
    ...findSettable(block ?? []),
  ]);
}
