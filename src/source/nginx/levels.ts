import { onceFor } from '../rules/once.ts';
import type { Place } from '../rules/server-rules.ts';
import type { NginxDirective } from './parse.ts';

/** One `{ }` that holds settings, and what it inherits from. */
export interface NginxLevel {
  kind: 'http' | 'server' | 'location' | 'if' | 'limit_except';
  directives: readonly NginxDirective[];
  parent: NginxLevel | null;
  /** Where it begins; null for what stands around a snippet. */
  place: Place | null;
}

export interface Location extends NginxLevel {
  kind: 'location';
  match: 'exact' | 'prefix' | 'regex' | 'named';
  /** The prefix, the expression or the name, without modifier. */
  name: string;
  /** `~*` */
  ignoreCase: boolean;
  /** `^~` */
  beforeRegex: boolean;
  nested: readonly Location[];
}

export const levelOf = (
  kind: NginxLevel['kind'],
  { block, place }: NginxDirective,
  parent: NginxLevel | null,
): NginxLevel => ({
  kind,
  directives: block ?? [],
  parent,
  place,
});

/** The settings of these names that stand in the level itself. */
export function own({ directives }: NginxLevel, ...names: readonly string[]): readonly NginxDirective[] {
  const known = settingsOf(directives);
  const key = names.join(' ');
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = directives.filter(({ name }) => names.includes(name));
  known.set(key, found);
  return found;
}

/** What was picked of a block before: its lines are many where they are a list, and are asked for by every request. */
const settingsOf: (directives: readonly NginxDirective[]) => Map<string, readonly NginxDirective[]> = onceFor(
  () => new Map(),
);

/** Those that hold there: of the innermost level that has any, whole, for none is added to a parent's. */
export function effective(level: NginxLevel, ...names: readonly string[]): readonly NginxDirective[] {
  for (let at: NginxLevel | null = level; at !== null; at = at.parent) {
    const found = own(at, ...names);
    if (found.length > 0) return found;
  }
  return [];
}

/** The first argument of a setting that can be given once. */
export const setting = (level: NginxLevel, name: string): string | null => effective(level, name)[0]?.args[0] ?? null;

export const isOn = (level: NginxLevel, name: string, otherwise: boolean): boolean => {
  const value = setting(level, name)?.toLowerCase();
  return value === undefined ? otherwise : value === 'on';
};

/** The locations of a server or of a location, in the order of the file. */
export function locationsOf(level: NginxLevel): Location[] {
  return own(level, 'location').map((directive) => {
    const location = {
      ...levelOf('location', directive, level),
      ...readMatch(directive.args),
      kind: 'location' as const,
      nested: [] as Location[],
    };
    location.nested = locationsOf(location);
    return location;
  });
}

/** What a location is for, by the words behind `location`. */
export function readMatch(args: readonly string[]): Pick<Location, 'match' | 'name' | 'ignoreCase' | 'beforeRegex'> {
  // The modifier may stand right before the name: `location ~*\.php$`.
  const [, modifier = '', attached = ''] =
    args.length > 1 ? ['', args[0], args[1]] : (/^(=|\^~|~\*?|)([^]*)$/.exec(args[0] ?? '') ?? []);
  const name = { name: attached, ignoreCase: false, beforeRegex: false };
  if (modifier === '=') return { ...name, match: 'exact' };
  if (modifier.startsWith('~')) return { ...name, match: 'regex', ignoreCase: modifier === '~*' };
  if (modifier === '' && attached.startsWith('@')) return { ...name, match: 'named' };
  return { ...name, match: 'prefix', beforeRegex: modifier === '^~' };
}

/** What answers a request in the end. */
export interface Handler {
  /** An application gets the POST, or a handler of nginx that takes GET and HEAD alone. */
  kind: 'application' | 'get-only';
  /** It stays within `limit_except { }`; all stay within `if { }`. */
  staysInLimitExcept: boolean;
  /** A location with a slash at its end sends callers without it there. */
  addsSlash: boolean;
  place: Place;
  /** What it hands the request to, as it is written. */
  target: string;
}

type Traits = Omit<Handler, 'place' | 'target'>;

const UPSTREAM: Traits = { kind: 'application', staysInLimitExcept: true, addsSlash: true };
const APPLICATION: Traits = { kind: 'application', staysInLimitExcept: false, addsSlash: false };
const GET_ONLY: Traits = { kind: 'get-only', staysInLimitExcept: false, addsSlash: false };

/** Directives that hand a request to something. None is inherited by a location within. */
const HANDLERS: Record<string, Traits> = {
  proxy_pass: UPSTREAM,
  fastcgi_pass: UPSTREAM,
  uwsgi_pass: UPSTREAM,
  scgi_pass: UPSTREAM,
  grpc_pass: UPSTREAM,
  memcached_pass: { ...GET_ONLY, addsSlash: true },
  perl: { ...APPLICATION, addsSlash: true },
  content_by_lua: APPLICATION,
  content_by_lua_block: APPLICATION,
  content_by_lua_file: APPLICATION,
  js_content: APPLICATION,
  echo: APPLICATION,
  upload_pass: APPLICATION,
  nchan_publisher: APPLICATION,
  nchan_pubsub: APPLICATION,
  push_stream_publisher: APPLICATION,
  passenger_app_root: APPLICATION,
  unit_pass: APPLICATION,
  empty_gif: GET_ONLY,
  stub_status: GET_ONLY,
  mp4: GET_ONLY,
  flv: GET_ONLY,
};

export const handlerOf = ({ directives }: NginxLevel): Handler | null => handlerAmong(directives);

const handlerAmong = onceFor((directives: readonly NginxDirective[]): Handler | null => {
  const directive = directives.findLast(({ name }) => Object.hasOwn(HANDLERS, name));
  const traits = directive === undefined ? undefined : HANDLERS[directive.name];
  return directive === undefined || traits === undefined
    ? null
    : { ...traits, place: directive.place, target: directive.args[0] ?? '' };
});
