import { findAddresses, nameOnce } from './hop.ts';
import type { Location, NginxLevel } from './levels.ts';
import { isUnknown, type RequestState } from './request.ts';
import { beforeQuery, fillIn } from './variables.ts';

/** Where a request arrives behind `proxy_pass`: one program, at one path. */
export interface UpstreamPath {
  addresses: readonly string[];
  path: string;
}

const URL = /^https?:\/\/(?:unix:[^:]*:?|[^/?]*)([^?]*)/i;

/**
 * nginx puts the path of `proxy_pass` in the place of the prefix that the location has; without one it hands the path
 * on. Null: the target is not known, or none of `proxy_pass`.
 * https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
 */
export function upstreamPathOf(state: RequestState): UpstreamPath | null {
  const { handler, config, path } = state;
  if (handler?.place.text.startsWith('proxy_pass') !== true) return null;
  const target = fillIn(state, handler.target, handler.place);
  if (isUnknown(target)) return null;
  const written = URL.exec(target)?.[1] ?? '';
  const addresses = findAddresses(config, target).map(nameOnce);
  if (addresses.length === 0) return null;
  if (written === '') return { addresses, path };
  // A path that came out of variables is the whole path.
  if (handler.target.includes('$')) return { addresses, path: beforeQuery(written) };
  const name = prefixOf(state.level);
  // A rewrite within the location leaves nothing to replace.
  return { addresses, path: name !== null && path.startsWith(name) ? `${written}${path.slice(name.length)}` : path };
}

/** The prefix of the location around, for `limit_except` stands within one. */
function prefixOf(level: NginxLevel): string | null {
  for (let at: NginxLevel | null = level; at !== null; at = at.parent)
    if (at.kind === 'location') return (at as Location).name;
  return null;
}

/** Most applications take a path for the same in any case and with a slash at its end. */
const plain = (path: string): string =>
  path
    .toLowerCase()
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '');

/** `same`: the application is asked for the very same path. `alike`: for one that it may take for the same. */
export type Likeness = 'same' | 'alike';

/** Null: of the two, one leads to another program or to another path. */
export function compareUpstreams(one: UpstreamPath, other: UpstreamPath): Likeness | null {
  if (!one.addresses.some((address) => other.addresses.includes(address))) return null;
  if (one.path === other.path) return 'same';
  return plain(one.path) === plain(other.path) ? 'alike' : null;
}

/** The paths by which a location may lead to a path behind it: what it replaces, or cuts off, stands in front. */
export function pathsInto(locations: readonly Location[], { path }: UpstreamPath): string[] {
  return locations.flatMap((location) => [
    ...pathsBy(location, path),
    ...pathsInto(location.nested, { addresses: [], path }),
  ]);
}

function pathsBy({ match, name, directives }: Location, path: string): string[] {
  if (match === 'named') return [];
  if (match === 'exact') return [name];
  // Of an expression, the text that a path has to begin with.
  const prefix = match === 'prefix' ? name : (/^\^(\/[\w/-]*)/.exec(name)?.[1] ?? '');
  const written = directives
    .filter((directive) => directive.name === 'proxy_pass')
    .flatMap(({ args: [target = ''] }) => URL.exec(target)?.[1] ?? []);
  return [
    prefix,
    `${prefix.replace(/\/$/, '')}${path}`,
    ...written.filter((one) => one !== '' && path.startsWith(one)).map((one) => `${prefix}${path.slice(one.length)}`),
  ].filter((one) => one.startsWith('/'));
}
