import type { Network } from '../address.ts';
import { onceFor } from '../rules/once.ts';
import type { Place } from '../rules/server-rules.ts';
import { findForwarded, findInGeo, readNginxAddress } from './addresses.ts';
import { candidatesIn, type LinePattern } from './candidates.ts';
import type { NginxDirective } from './parse.ts';
import {
  claimedBy,
  isUnknown,
  matchRegex,
  noteAddress,
  noteWords,
  type RequestState,
  type Value,
  writeNginxAddress,
} from './request.ts';
import { findByHost, type Named } from './config.ts';

/** A text with variables, `$1` … `$9` among them. */
export type TemplatePart = { text: string } | { variable: string };

/** The parts of a text; null where nginx would not take it (`$` before nothing, `${a`). */
export function readTemplate(bytes: string): readonly TemplatePart[] | null {
  const parts: TemplatePart[] = [];
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.slice(at);
    const found = /^\$(?:([1-9])|\{(\w+)\}|(\w+))|^[^$]+/.exec(rest);
    if (found === null) return null;
    const variable = found[1] ?? found[2] ?? found[3];
    parts.push(variable === undefined ? { text: found[0] } : { variable });
    at += found[0].length;
  }
  return parts;
}

/** No header is longer; a variable may be made of itself, many times over. */
const MAX_LENGTH = 65_536;

/** The text with its variables filled in by `read`; unknown when one of them is. */
function fillTemplate(bytes: string, read: (variable: string) => Value): Value {
  let text = '';
  for (const part of readTemplate(bytes) ?? [{ text: bytes }]) {
    const value = 'text' in part ? part.text : read(part.variable);
    if (isUnknown(value)) return value;
    text += value;
    if (text.length > MAX_LENGTH) return { unknown: 'a text grows too long' };
  }
  return text;
}

/** What stands in front of the first `?`: what follows is the query, and leads nowhere else. */
export const beforeQuery = (text: string): string => text.split('?', 1)[0] ?? '';

type ReadVariable = (variable: string) => Value;

/**
 * The value of a `map { }`: a text without regard to case, then wildcards of hosts where it says so, then expressions
 * in their order, then the default. https://nginx.org/en/docs/http/ngx_http_map_module.html
 */
function findInMap(state: RequestState, map: NginxDirective, read: ReadVariable): Value {
  const { texts, names, words, isHostnames, patterns, claimed, otherwise, only } = compile(map);
  const source = fillTemplate(map.args[0] ?? '', read);
  if (isUnknown(source)) return only ?? source;
  noteWords(state, source, words);
  if (isHostnames && names.some(({ name }) => noteAddress(state, wildcardOf(name), true, source) === null))
    return { unknown: 'the address as text is compared with wildcards' };
  state.networks.add(claimed);
  const text = source.toLowerCase();
  const line =
    (isHostnames ? findByHost(names, text.replace(/\.$/, '')) : texts.get(text)) ??
    findPattern(state, patterns, source) ??
    otherwise;
  return fillTemplate(line?.args[0] ?? '', read);
}

/** A `map { }` that is ready to be asked. */
interface CompiledMap {
  isHostnames: boolean;
  /** The first line of each text, in lower case. */
  texts: ReadonlyMap<string, NginxDirective>;
  names: readonly Named<NginxDirective>[];
  /** As they are written. */
  words: readonly string[];
  patterns: readonly LinePattern[];
  /** The networks that the expressions are meant for, whatever they look at. */
  claimed: readonly Network[];
  otherwise: NginxDirective | undefined;
  only: string | undefined;
}

const compile = onceFor(({ block }: NginxDirective): CompiledMap => {
  const lines = block ?? [];
  const words = lines.filter(isText).map((line) => ({ word: line.name.replace(/^\\/, ''), line }));
  const names = words.map(({ word, line }) => ({ name: word.toLowerCase(), value: line }));
  const patterns = lines.flatMap((line): LinePattern[] => {
    const [, star, source = ''] = /^~(\*?)([^]*)$/.exec(line.name) ?? [];
    return star === undefined ? [] : [{ source, ignoreCase: star === '*', line }];
  });
  return {
    isHostnames: lines.some(({ name }) => name === 'hostnames'),
    texts: new Map(names.toReversed().map(({ name, value }) => [name, value])),
    names,
    words: words.map(({ word }) => word),
    patterns,
    claimed: patterns.flatMap(({ source }) => claimedBy(source)),
    otherwise: lines.findLast(({ name }) => name === 'default'),
    only: onlyValue(lines),
  };
});

/** What every line says: then it does not matter which one it is. */
function onlyValue(lines: readonly NginxDirective[]): string | undefined {
  const entries = lines.filter(({ args }) => args.length > 0);
  const values = new Set([
    ...entries.map(({ args }) => args[0] ?? ''),
    ...(entries.some(({ name }) => name === 'default') ? [] : ['']),
  ]);
  const [value] = values;
  return values.size === 1 && value?.includes('$') === false ? value : undefined;
}

/** `hostnames` and `volatile` stand alone. */
const isText = ({ name, args }: NginxDirective): boolean =>
  args.length > 0 && name !== 'default' && !name.startsWith('~');

const findPattern = (state: RequestState, patterns: readonly LinePattern[], text: string): NginxDirective | undefined =>
  text === ''
    ? undefined
    : candidatesIn(state, patterns, text).find(({ source, ignoreCase, line }) =>
        matchRegex(state, source, ignoreCase, text, line.place),
      )?.line;

/** A name of `hostnames` as an expression: `185.136.*` is found in addresses, too. */
function wildcardOf(name: string): string {
  const text = name
    .replace(/^\*?\./, '')
    .replace(/\.\*$/, '')
    .replace(/[^\w]/g, '\\$&');
  const head = name.startsWith('.') ? String.raw`(.+\.)?` : name.startsWith('*.') ? String.raw`.+\.` : '';
  return `^${head}${text}${name.endsWith('.*') ? String.raw`\..+` : ''}$`;
}

/** A text with its variables filled in. */
export function fillIn(state: RequestState, bytes: string, place: Place): Value {
  return fillTemplate(bytes, (variable) => readVariable(state, variable, place));
}

/** A map may be made of a map: as deep as this, and not in a circle. */
const MAX_DEPTH = 20;

export function readVariable(state: RequestState, name: string, place: Place, depth = 0): Value {
  if (depth > MAX_DEPTH) return { unknown: `$${name} is defined by itself` };
  if (/^[1-9]$/.test(name)) {
    const { match } = state;
    return match !== null && 'unknown' in match ? match : (match?.groups[Number(name)] ?? '');
  }
  const kept = state.variables.get(name);
  if (kept !== undefined) return kept;
  return computeVariable(state, name, place, depth);
}

function computeVariable(state: RequestState, name: string, place: Place, depth: number): Value {
  const map = state.config.maps.get(name);
  const value =
    map === undefined
      ? readNamed(state, name, place, depth)
      : findInMap(state, map, (variable) => readVariable(state, variable, place, depth + 1));
  const isVolatile = map === undefined ? state.config.geos.get(name)?.isVolatile === true : isVolatileMap(map);
  if (isKept(state, name) && !isVolatile) state.variables.set(name, value);
  return value;
}

const isVolatileMap = onceFor(({ block }: NginxDirective) => block?.some((line) => line.name === 'volatile') === true);

/**
 * nginx reads these once for a request, even when what they are made of changes: the address, by real_ip in a location.
 */
const isKept = ({ config }: RequestState, name: string): boolean =>
  config.maps.has(name) || config.geos.has(name) || name === 'remote_addr';

function readNamed(state: RequestState, name: string, place: Place, depth: number): Value {
  if (state.config.geos.has(name)) return readGeoVariable(state, name, place, depth);
  return (
    readBuiltIn(state, name) ?? (state.config.settable.has(name) ? '' : { unknown: `the value of $${name} is unknown` })
  );
}

function readGeoVariable(state: RequestState, name: string, place: Place, depth: number): Value {
  const geo = state.config.geos.get(name);
  if (geo === undefined) return '';
  state.networks.add(geo.networks);
  state.networks.add(geo.proxies);
  const source = geo.source === null ? null : readVariable(state, geo.source, place, depth + 1);
  if (source !== null && isUnknown(source)) return source;
  const peer = source === null ? state.address : readNginxAddress(source);
  const forwarded = state.headers.all('X-Forwarded-For');
  if (geo.proxies.length > 0) state.readHeaders.add('X-Forwarded-For');
  const address =
    peer !== null && geo.proxies.length > 0 && forwarded.length > 0
      ? (findForwarded(peer, forwarded, geo.proxies, geo.isRecursive) ?? peer)
      : peer;
  return findInGeo(geo, address);
}

/** Undefined for a name that is none of nginx's own. https://nginx.org/en/docs/varindex.html */
function readBuiltIn(state: RequestState, name: string): Value | undefined {
  const own = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (own !== undefined) return own(state);
  if (name.startsWith('http_')) return readHeaderVariable(state, name.slice('http_'.length).replaceAll('_', '-'));
  if (name.startsWith('cookie_'))
    return readHeaderVariable(state, 'Cookie') === '' ? '' : { unknown: `$${name} comes from a cookie` };
  if (/^arg_|^(args|query_string|is_args)$/.test(name))
    return state.request.saysAnything === true
      ? { unknown: `$${name} comes from the query string, which the caller controls` }
      : '';
  return undefined;
}

function readHeaderVariable(state: RequestState, name: string): Value {
  state.readHeaders.add(name);
  const values = state.headers.all(name);
  if (state.request.saysAnything === true)
    return { unknown: `it depends on the header ${name}, which the caller controls` };
  if (values.length === 0)
    return state.headers.isKnown(name) ? '' : { unknown: `it depends on the header ${name} of the request` };
  const joins = name === 'x-forwarded-for';
  // Before 1.23 the first of two equal headers, since then both.
  return joins || values.length === 1
    ? values.join(', ')
    : { unknown: `the request has the header ${name} more than once: versions of nginx differ` };
}

const HANGS_ON_HOST: Value = { unknown: 'it depends on the header Host of the request' };

/** Another host than the one that was asked about leads to the same server, and who says anything may say that one. */
function isHostOpen({ request, server, socket }: RequestState): boolean {
  const [name = '', ...others] = server.names;
  const isOnly = socket.defaultServer !== server && others.length === 0 && /^\w[\w.-]*$/.test(name);
  return request.saysAnything === true && !isOnly;
}

const BUILT_IN: Record<string, (state: RequestState) => Value> = {
  remote_addr: ({ address }) => writeNginxAddress(address),
  realip_remote_addr: ({ peer }) => writeNginxAddress(peer),
  proxy_protocol_addr: ({ proxied }) => (proxied === null ? '' : writeNginxAddress(proxied)),
  proxy_add_x_forwarded_for: (state) =>
    state.request.saysAnything === true
      ? readHeaderVariable(state, 'x-forwarded-for')
      : [...state.headers.all('X-Forwarded-For'), writeNginxAddress(state.address)].join(', '),
  request_method: ({ method }) => method,
  host: (state) => (isHostOpen(state) ? HANGS_ON_HOST : (state.host ?? state.server.names[0] ?? '')),
  // With another letter case or a port it leads to the same server.
  http_host: ({ request }) => (request.saysAnything === true ? HANGS_ON_HOST : (request.host ?? HANGS_ON_HOST)),
  server_name: ({ server }) => server.names[0] ?? '',
  server_port: ({ socket }) => (socket.port === null ? '' : String(socket.port)),
  scheme: ({ socket }) => (socket.isTls ? 'https' : 'http'),
  https: ({ socket }) => (socket.isTls ? 'on' : ''),
  uri: ({ path }) => path,
  document_uri: ({ path }) => path,
  request_uri: ({ request }) => Buffer.from(request.path, 'utf8').toString('latin1'),
  remote_user: (state) =>
    state.headers.all('Authorization').length === 0
      ? ''
      : { unknown: '$remote_user comes from the Authorization header' },
  content_type: (state) => readHeaderVariable(state, 'Content-Type'),
  ssl_client_verify: ({ socket }) => (socket.isTls ? { unknown: 'it depends on a client certificate' } : ''),
};

/** The variables of nginx that the simulation knows, beside headers, cookies and the query. */
export const BUILT_IN_NAMES: readonly string[] = Object.keys(BUILT_IN);
