import { AppError } from './error.ts';
import type { Header } from './plan.ts';
import { HIDDEN, isSecretParameter } from './secret-name.ts';

const LOCAL = /^(localhost|127\.|0\.0\.0\.0|\[::1\]|\[::\]|10\.|192\.168\.|[^./:]+(:|\/|$))/i;

/**
 * Reads a URL that is called over http or https. `new URL()` alone accepts too much (`localhost:3000` is a URL of the
 * scheme `localhost:`, `http:///hook` has the host `hook`), so the spelling is checked first.
 * Throws AppError `usage`; credentials never appear in its message.
 */
export function parseHttpUrl(text: string): URL {
  const spelled = text.trim();
  const shown = hideCredentials(spelled);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(spelled)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    throw new AppError('usage', `the URL "${shown}" has no scheme`, { hint: guessScheme(shown) });
  }
  if (scheme !== 'http' && scheme !== 'https') {
    throw new AppError('usage', `the URL "${shown}" has the scheme "${scheme}:", which a webhook cannot use`, {
      hint: 'webhooks go to http:// or https:// addresses',
    });
  }
  const authority = /^[^:]+:\/\/([^/?#\\]*)/.exec(spelled)?.[1] ?? '';
  const hostAndPort = authority.slice(authority.lastIndexOf('@') + 1);
  if (hostAndPort === '' || hostAndPort.startsWith(':')) {
    throw new AppError('usage', `the URL "${shown}" has no host`, { hint: `write it as ${scheme}://HOST/PATH` });
  }
  // With an @ the text may be of the form user:pass/word@host, whose "port" is a part of the password.
  checkPort(hostAndPort, shown, spelled.includes('@'));
  if (!URL.canParse(spelled)) {
    throw new AppError('usage', `the URL "${shown}" cannot be read`, {
      hint: `write it as ${scheme}://HOST[:PORT]/PATH`,
    });
  }
  return new URL(spelled);
}

/** Somebody else's text is a URL that can be called. */
export const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

const PLAIN = /^https?:[^?#@]*$/;

/**
 * The URL as it may be shown and stored: without `user:password@`, with `***` for the secrets in its query, and without
 * the fragment, which is never sent.
 */
export function displayUrl(url: string | URL): string {
  // Most hide nothing, and are shown for every event that is sent: three URLs made to find that out took 4 µs.
  if (typeof url !== 'string' && PLAIN.test(url.href)) return url.href;
  if (!isHttpUrl(String(url))) return hideCredentials(String(url));
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  return hideQuerySecrets(shown.href);
}

/**
 * The URL under which a received request was called, letter by letter, by its Host header and its target (path and
 * query, or the whole URL); null without a usable host. Behind a proxy it may be another one.
 */
export function calledUrl(request: { path: string; headers: readonly Header[] }, isSecure: boolean): string | null {
  const { path, headers } = request;
  const host = headers.find(([name]) => name.toLowerCase() === 'host')?.[1];
  const text = path.startsWith('/') ? `${isSecure ? 'https' : 'http'}://${host ?? ''}${path}` : path;
  return URL.canParse(text) ? text : null;
}

/** The query of a path, from its first question mark on; empty without one. */
export const queryOf = (path: string): URLSearchParams =>
  new URLSearchParams(path.includes('?') ? path.slice(path.indexOf('?') + 1) : '');

/** Whether a URL is one of plain http, and of another machine: on loopback nobody listens in. */
export function isPlainHttp(url: string | URL): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopbackHost(hostname);
}

/** Whether the host of a URL, as `URL.hostname` spells it, is this machine. */
export const isLoopbackHost = (hostname: string): boolean =>
  /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]+\])$/.test(hostname);

/** `Basic …` of the URL's credentials, or null without any. */
export function basicAuthorization(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const credentials = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  return `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
}

function checkPort(hostAndPort: string, shown: string, mayBePassword: boolean): void {
  const port = /:([^:\]]*)$/.exec(hostAndPort)?.[1];
  if (port === undefined || port === '') return;
  if (/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535) return;
  const range = 'a port is a number from 1 to 65535';
  throw mayBePassword
    ? new AppError('usage', `the URL "${shown}" has a port that cannot be read`, {
        hint: `${range}; write / ? # in credentials as %2F %3F %23`,
      })
    : new AppError('usage', `the URL "${shown}" has the port "${port}"`, { hint: range });
}

function guessScheme(shown: string): string {
  const rest = shown.replace(/^(https?):?\/*/i, '').replace(/^\/+/, '');
  if (rest === '') return 'write it as https://HOST/PATH';
  return `did you mean ${LOCAL.test(rest) ? 'http' : 'https'}://${rest}?`;
}

/**
 * A text that was typed as a URL and may be none, to be shown: whatever stands before the last @ could be a password.
 */
export function hideCredentials(text: string): string {
  const at = text.lastIndexOf('@');
  if (at === -1) return hideQuerySecrets(text);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0] ?? '';
  return `${scheme}***@${hideQuerySecrets(text.slice(at + 1))}`;
}

/** `https://user:password@host/?token=x` → `https://***@host/?token=***`; the rest stays letter by letter. */
export function maskUrl(url: string): string {
  return hideQuerySecrets(url.replace(/^([a-z][a-z\d+.-]*:[/\\]*)[^/\\?#]*@/i, `$1${HIDDEN}@`));
}

/** A part of a query as it stands in the URL; the parts put together are the query, letter by letter. */
export interface QueryPart {
  text: string;
  /** Of a value that is a secret, the name it goes by; empty for a value without one. Else null. */
  secretOf: string | null;
}

/**
 * The URL, or its path and query, with `***` for every secret in the query: a value whose name tells of one, or that
 * looks random (16 characters or more, letters and digits). Whatever stands before the query stays as it is.
 */
export function hideQuerySecrets(url: string): string {
  if (!url.includes('?')) return url;
  return splitQuery(url)
    .map(({ text, secretOf }) => (secretOf === null ? text : HIDDEN))
    .join('');
}

/** The parts of a URL of which each is a secret of the query, or what stands between two of them. */
export function splitQuery(url: string): QueryPart[] {
  const at = url.indexOf('?');
  if (at === -1) return [{ text: url, secretOf: null }];
  // A fragment is no part of the query, but its tokens are tokens.
  const pairs = url.slice(at + 1).split(/([&#])/);
  return joinPlain([{ text: url.slice(0, at + 1), secretOf: null }, ...pairs.flatMap(splitPair)]);
}

function joinPlain(parts: readonly QueryPart[]): QueryPart[] {
  const joined: QueryPart[] = [];
  let plain = '';
  for (const part of parts) {
    if (part.secretOf === null) plain += part.text;
    else {
      joined.push({ text: plain, secretOf: null }, part);
      plain = '';
    }
  }
  return plain === '' ? joined : [...joined, { text: plain, secretOf: null }];
}

function splitPair(pair: string): QueryPart[] {
  let at = 0;
  // Some servers read `a=1;token=x` as two. What follows a secret may be a part of it.
  for (const one of pair.split(';')) {
    const valueAt = one.indexOf('=') + 1;
    const name = decodePercent(one.slice(0, Math.max(0, valueAt - 1)));
    if (isSecretParameter(name, decodePercent(one.slice(valueAt)))) return cut(pair, at + valueAt, name);
    at += one.length + 1;
  }
  return [{ text: pair, secretOf: null }];
}

function cut(pair: string, at: number, name: string): QueryPart[] {
  const value = pair.slice(at);
  return [{ text: pair.slice(0, at), secretOf: null }, ...(value === '' ? [] : [{ text: value, secretOf: name }])];
}

/** Percent-decoded; what is none stays as it is. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const UNRESERVED = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'));
const DIGITS = Buffer.from('0123456789ABCDEF');

/** Percent-encoded byte by byte: what is no UTF-8 stays so. */
export function percentEncode(bytes: Uint8Array): Buffer {
  const encoded = Buffer.allocUnsafe(bytes.length * 3);
  let end = 0;
  for (const byte of bytes) {
    if (UNRESERVED.has(byte)) encoded[end++] = byte;
    else {
      encoded[end++] = 0x25;
      encoded[end++] = DIGITS[byte >> 4] as number;
      encoded[end++] = DIGITS[byte & 15] as number;
    }
  }
  return encoded.subarray(0, end);
}
