import type { Header } from '../../model/plan.ts';
import type { Address, Network } from '../address.ts';
import type { Ask } from '../rules/open-questions.ts';
import { isBelow } from '../reverse-dns/host-names.ts';
import type { CompilePcre } from '../rules/pcre.ts';
import type { Place } from '../rules/server-rules.ts';

/** A request as it passes through the server: what its phases know and change. */
export interface RequestContext {
  ask: Ask;
  compile: CompilePcre;
  /** The other end of the connection. */
  peer: Address;
  /** Who is believed to call: after mod_remoteip. */
  caller: Address;
  /** Lower-case names; what a client sends twice is one value. */
  headers: Map<string, string>;
  /** Headers and query may hold anything else. */
  saysAnything: boolean;
  /** Of reverse DNS, confirmed forward, by address; null: it has none. */
  hostNames: ReadonlyMap<string, string | null>;
  host: string;
  /** As it stood in the request line. */
  requested: string;
  /** Normalised and decoded. */
  uri: string;
  env: Map<string, string>;
  /** Who calls, where the peer is a proxy; null: nobody said. */
  behindProxy: Address | null;
  /** The variables that lines of other modules set. */
  moduleVariables: ReadonlySet<string>;
  compared: ComparedText;
  isTls: boolean;
  port: number | null;
}

/** What the caller's address was compared with as text. */
export interface ComparedText {
  networks: Set<readonly Network[]>;
  /** Those that expressions come to. */
  written: Set<readonly Network[]>;
  /** The groups of such an expression: what becomes of a part of the address cannot be followed. */
  parts: WeakSet<readonly string[]>;
  /** Variables that were set to such a part. */
  variables: Set<string>;
}

export const noComparedText = (): ComparedText => ({
  networks: new Set(),
  written: new Set(),
  parts: new WeakSet(),
  variables: new Set(),
});

export const METHOD = 'POST';

/** As `apr_table_compress` joins them. */
export function joinHeaders(headers: readonly Header[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = joined.get(key);
    joined.set(key, before === undefined ? value.trim() : `${before}, ${value.trim()}`);
  }
  return joined;
}

/** Of a lower-case name; empty when it is not sent, undefined when the caller may have written anything. */
export function readRequestHeader({ headers, saysAnything }: RequestContext, name: string): string | undefined {
  return saysAnything ? undefined : (headers.get(name) ?? '');
}

/** `Require host` and `Allow from` a name: whole labels from the end, as `in_domain` of mod_authz_host. */
export function hasHostName(
  { hostNames, caller, ask }: RequestContext,
  domains: readonly string[],
  place: Place,
): boolean {
  const name = hostNames.get(caller.text);
  if (name === undefined)
    return ask(
      place,
      `whether reverse DNS of ${caller.text}, confirmed forward, gives ${domains.join(' or ')} or a name below it`,
    );
  return (
    name !== null && domains.some((domain) => isBelow(name.toLowerCase(), domain.toLowerCase().replace(/^\./, '')))
  );
}

/** How one run through the server ends. */
export interface ApacheVerdict {
  isAdmitted: boolean;
  status: number | null;
  place: Place | null;
  because: string;
}

export const refuse = (status: number | null, place: Place | null, because: string): ApacheVerdict => ({
  isAdmitted: false,
  status,
  place,
  because,
});

/** An answer that a directive gives by itself. */
export const answerWith = (status: number, place: Place, because: string): ApacheVerdict => ({
  isAdmitted: status < 300,
  status,
  place,
  because,
});

/** ApacheServer variables as expressions and RewriteCond name them. Undefined: the configuration does not say. */
export function readServerVariable(name: string, context: RequestContext): string | undefined {
  const upper = name.toUpperCase();
  const colon = name.indexOf(':');
  // Without a colon there is no prefix: HTTPS is a name of its own.
  const [prefix, key] = colon === -1 ? [null, name] : [upper.slice(0, colon), name.slice(colon + 1)];
  if (prefix === 'HTTP') return readRequestHeader(context, key.toLowerCase());
  if (prefix === 'ENV' || prefix === 'REQENV') return readVariable(context, key);
  if (prefix !== null) return undefined;
  const read = Object.hasOwn(VARIABLES, upper) ? VARIABLES[upper] : undefined;
  return read?.(context);
}

/** Of the environment; undefined where it holds a part of the caller's address. */
export const readVariable = ({ env, compared }: RequestContext, name: string): string | undefined =>
  env.has(name) && compared.variables.has(name) ? undefined : (env.get(name) ?? '');

const header =
  (name: string) =>
  (context: RequestContext): string | undefined =>
    readRequestHeader(context, name);

/** Whether the server has a variable of that name, whatever its value. */
export const knowsServerVariable = (name: string): boolean => Object.hasOwn(VARIABLES, name.toUpperCase());

const VARIABLES: Readonly<Record<string, ((context: RequestContext) => string | undefined) | undefined>> = {
  REMOTE_ADDR: ({ caller }) => caller.text,
  CONN_REMOTE_ADDR: ({ peer }) => peer.text,
  REQUEST_METHOD: () => METHOD,
  REQUEST_URI: ({ uri }) => uri,
  QUERY_STRING: ({ saysAnything }) => (saysAnything ? undefined : ''),
  THE_REQUEST: ({ requested }) => `${METHOD} ${requested} HTTP/1.1`,
  SERVER_PROTOCOL: () => 'HTTP/1.1',
  HTTPS: ({ isTls }) => (isTls ? 'on' : 'off'),
  REQUEST_SCHEME: ({ isTls }) => (isTls ? 'https' : 'http'),
  SERVER_PORT: ({ port }) => port?.toString(),
  HTTP_HOST: header('host'),
  HTTP_USER_AGENT: header('user-agent'),
  HTTP_REFERER: header('referer'),
  HTTP_COOKIE: header('cookie'),
  HTTP_FORWARDED: header('forwarded'),
  HTTP_ACCEPT: header('accept'),
  HTTP_PROXY_CONNECTION: header('proxy-connection'),
  REMOTE_USER: () => '',
};

/** What Apache makes of the path of a request line: the path that sections are compared with, or its refusal. */
export type NormalPath = { path: string } | { status: 400 | 404; because: string };

/** One character that needs no encoding (RFC 3986 §2.3). */
const UNRESERVED = /^[A-Za-z0-9._~-]$/;

/**
 * As `ap_normalize_path` and `ap_unescape_url`: dot segments go, slashes are merged unless MergeSlashes is off, and the
 * rest is decoded. The text is one of bytes, a character each; what is beyond ASCII becomes UTF-8.
 */
export function readApachePath(
  requested: string,
  mergesSlashes: boolean,
  encodedSlashes: 'off' | 'on' | 'nodecode',
): NormalPath {
  const bytes = Buffer.from(requested.split(/[?#]/, 1)[0] ?? '', 'utf8').toString('latin1');
  if (!bytes.startsWith('/')) return { status: 400, because: 'the path does not begin with a slash' };
  if (/%(?![0-9A-Fa-f]{2})/.test(bytes))
    return { status: 400, because: 'a % in the path is not followed by two hex digits' };
  const segments = resolveDots(
    bytes.replace(/%([0-9A-Fa-f]{2})/g, (whole, hex: string) => decodeIf(whole, hex, UNRESERVED)),
    mergesSlashes,
  );
  if (segments === null) return { status: 400, because: 'the path leads above the root' };
  if (/%00/.test(segments)) return { status: 400, because: 'the path contains a NUL byte' };
  if (encodedSlashes === 'off' && /%2f/i.test(segments))
    return { status: 404, because: 'the path contains an encoded slash' };
  const path = segments.replace(/%([0-9A-Fa-f]{2})/g, (whole, hex: string) =>
    encodedSlashes === 'nodecode' && hex.toLowerCase() === '2f' ? whole : decodeIf(whole, hex, /^[^]$/),
  );
  return { path: encodedSlashes === 'on' ? (resolveDots(path, mergesSlashes) ?? path) : path };
}

function decodeIf(whole: string, hex: string, allowed: RegExp): string {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return allowed.test(character) ? character : whole;
}

function resolveDots(path: string, mergesSlashes: boolean): string | null {
  const segments = path.slice(1).split('/');
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') {
      if (kept.length === 0) return null;
      kept.pop();
    } else if (segment !== '.' && !(mergesSlashes && segment === '' && !isLast)) {
      kept.push(segment);
      continue;
    }
    if (isLast && segment !== '') kept.push('');
  }
  return `/${kept.join('/')}`;
}
