import type { Place } from '../rules/server-rules.ts';
import { readNginxAddress } from './cidr.ts';
import { findForwarded } from './forwarded.ts';
import { findInGeo } from './geo.ts';
import { findInMap } from './map.ts';
import { fillTemplate } from './template.ts';
import { isUnknown, type Value, type Walk } from './walk.ts';

/** A text with its variables filled in. */
export function fillIn(walk: Walk, bytes: string, place: Place): Value {
  return fillTemplate(bytes, (variable) => readVariable(walk, variable, place));
}

/** A map may be made of a map: as deep as this, and not in a circle. */
const MAX_DEPTH = 20;

export function readVariable(walk: Walk, name: string, place: Place, depth = 0): Value {
  if (depth > MAX_DEPTH) return { unknown: `$${name} is made of itself` };
  if (/^[1-9]$/.test(name)) return walk.match?.groups[Number(name)] ?? '';
  const kept = walk.variables.get(name);
  if (kept !== undefined) return kept;
  return computeVariable(walk, name, place, depth);
}

function computeVariable(walk: Walk, name: string, place: Place, depth: number): Value {
  const map = walk.config.maps.get(name);
  const isVolatile = map?.block?.some((line) => line.name === 'volatile') === true;
  const value =
    map === undefined
      ? readNamed(walk, name, place, depth)
      : findInMap(walk, map, (variable) => readVariable(walk, variable, place, depth + 1));
  if (isKept(walk, name) && !isVolatile) walk.variables.set(name, value);
  return value;
}

/** nginx reads these once for a request, even when what they are made of changes: the address, by real_ip in a location. */
const isKept = ({ config }: Walk, name: string): boolean =>
  config.maps.has(name) || config.geos.has(name) || name === 'remote_addr';

function readNamed(walk: Walk, name: string, place: Place, depth: number): Value {
  if (walk.config.geos.has(name)) return readGeoVariable(walk, name, place, depth);
  return readBuiltIn(walk, name) ?? (walk.config.settable.has(name) ? '' : { unknown: `nothing here tells $${name}` });
}

function readGeoVariable(walk: Walk, name: string, place: Place, depth: number): Value {
  const geo = walk.config.geos.get(name);
  if (geo === undefined) return '';
  walk.networks.add(geo.networks);
  walk.networks.add(geo.proxies);
  const source = geo.source === null ? null : readVariable(walk, geo.source, place, depth + 1);
  if (source !== null && isUnknown(source)) return source;
  const peer = source === null ? walk.address : readNginxAddress(source);
  const forwarded = walk.headers.all('X-Forwarded-For');
  if (geo.proxies.length > 0) walk.readHeaders.add('X-Forwarded-For');
  const address =
    peer !== null && geo.proxies.length > 0 && forwarded.length > 0
      ? (findForwarded(peer, forwarded, geo.proxies, geo.isRecursive) ?? peer)
      : peer;
  return findInGeo(geo, address);
}

/** Undefined for a name that is none of nginx's own. https://nginx.org/en/docs/varindex.html */
function readBuiltIn(walk: Walk, name: string): Value | undefined {
  if (name.startsWith('http_')) return readHeader(walk, name.slice('http_'.length).replaceAll('_', '-'));
  if (name.startsWith('cookie_'))
    return readHeader(walk, 'Cookie') === '' ? '' : { unknown: `$${name} is in a cookie` };
  if (/^arg_|^(args|query_string|is_args)$/.test(name))
    return walk.request.saysAnything === true ? { unknown: `$${name} is in the query, which the caller writes` } : '';
  return BUILT_IN[name]?.(walk);
}

function readHeader(walk: Walk, name: string): Value {
  walk.readHeaders.add(name);
  const values = walk.headers.all(name);
  if (walk.request.saysAnything === true && name !== 'host')
    return { unknown: `it hangs on the header ${name}, which the caller writes` };
  if (values.length === 0)
    return walk.headers.isKnown(name) ? '' : { unknown: `it hangs on the header ${name} of the request` };
  const joins = name === 'x-forwarded-for';
  // Before 1.23 the first of two equal headers, since then both.
  return joins || values.length === 1
    ? values.join(', ')
    : { unknown: `the request has the header ${name} more than once: versions of nginx differ` };
}

const BUILT_IN: Record<string, (walk: Walk) => Value> = {
  remote_addr: ({ address }) => address.text,
  realip_remote_addr: ({ request }) => request.peer.text,
  proxy_add_x_forwarded_for: (walk) =>
    walk.request.saysAnything === true
      ? readHeader(walk, 'x-forwarded-for')
      : [...walk.headers.all('X-Forwarded-For'), walk.address.text].join(', '),
  request_method: ({ method }) => method,
  host: ({ host, server }) => host ?? server.names[0] ?? '',
  http_host: ({ request }) => request.host ?? { unknown: 'it hangs on the header Host of the request' },
  server_name: ({ server }) => server.names[0] ?? '',
  server_port: ({ socket }) => (socket.port === null ? '' : String(socket.port)),
  scheme: ({ socket }) => (socket.isTls ? 'https' : 'http'),
  https: ({ socket }) => (socket.isTls ? 'on' : ''),
  uri: ({ path }) => path,
  document_uri: ({ path }) => path,
  request_uri: ({ request }) => Buffer.from(request.path, 'utf8').toString('latin1'),
  remote_user: (walk) =>
    walk.headers.all('Authorization').length === 0 ? '' : { unknown: '$remote_user is in the header Authorization' },
  content_type: (walk) => readHeader(walk, 'Content-Type'),
  ssl_client_verify: ({ socket }) => (socket.isTls ? { unknown: 'it hangs on a client certificate' } : ''),
};
