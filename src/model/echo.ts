import type { HideHeader } from './header.ts';
import { basicAuthorization, decodePercent, splitQuery } from './http-url.ts';
import { escapeUnits } from './json.ts';
import type { Header } from './plan.ts';
import { HIDDEN } from './secret-name.ts';

/** What a request carries that an answer may repeat. */
export interface SecretCarrier {
  url: URL | string;
  headers: readonly Header[];
}

/** Takes the secrets of a request out of what was answered to it; what holds none comes back as it is. */
export interface EchoHider {
  text(text: string): string;
  headers(headers: readonly Header[]): readonly Header[];
  /** @param isCut whether the body goes on: its end may be the beginning of a secret. */
  body(body: Uint8Array, isCut: boolean): Uint8Array;
}

/** Fewer characters are found in any text, and are no secret. */
const SHORTEST = 4;

/**
 * Endpoints that log, debug or fail tend to answer with the request itself. Null when nothing in the requests is a
 * secret: most carry none.
 */
export function makeEchoHider(
  carriers: readonly SecretCarrier[],
  hide: HideHeader,
  more: readonly (string | null)[] = [],
): EchoHider | null {
  const secrets = [...carriers.flatMap((carrier) => secretsOf(carrier, hide)), ...more.filter((one) => one !== null)];
  if (secrets.length === 0) return null;
  // The longest first: what one secret holds of another would leave a rest of it.
  const spellings = [...new Set(secrets.filter((one) => one.length >= SHORTEST).flatMap(spell))].toSorted(
    (one, other) => other.length - one.length,
  );
  const text = (value: string): string => spellings.reduce((rest, one) => rest.replaceAll(one, HIDDEN), value);
  return {
    text,
    headers(headers) {
      const hidden = headers.map(([name, value]): Header => [name, text(value)]);
      return hidden.some(([, value], index) => value !== headers[index]?.[1]) ? hidden : headers;
    },
    body: (body, isCut) => hideInBytes(body, spellings, isCut),
  };
}

function hideInBytes(body: Uint8Array, spellings: readonly string[], isCut: boolean): Uint8Array {
  const before = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
  const inBytes = spellings.map((one) => Buffer.from(one, 'utf8').toString('latin1'));
  const whole = inBytes.reduce((rest, one) => rest.replaceAll(one, HIDDEN), before);
  const after = isCut ? hideCutEnd(whole, inBytes) : whole;
  return after === before ? body : Buffer.from(after, 'latin1');
}

function hideCutEnd(text: string, spellings: readonly string[]): string {
  for (const one of spellings)
    for (let length = Math.min(one.length - 1, text.length); length >= SHORTEST; length--)
      if (text.endsWith(one.slice(0, length))) return text.slice(0, -length) + HIDDEN;
  return text;
}

function secretsOf({ url, headers }: SecretCarrier, hide: HideHeader): string[] {
  const target = String(url);
  const inHeaders = headers.flatMap((header) => (hide(header) === header ? [] : secretsOfValue(header[1])));
  const inQuery = splitQuery(target).flatMap(({ text, secretOf }) =>
    secretOf === null ? [] : [text, decodePercent(text)],
  );
  return [...inHeaders, ...inQuery, ...credentialsOf(target)].filter((one) => one !== '');
}

/** The value, what stands behind its scheme or in its cookies, and user and password behind `Basic`. */
function secretsOfValue(value: string): string[] {
  // A URL (Referer) is no secret as a whole.
  if (/^(?:https?:)?\//i.test(value)) return secretsOf({ url: value, headers: [] }, (header) => header);
  const [, scheme = '', token = ''] = /^([\w-]+) +(\S.*)$/.exec(value) ?? [];
  const pairs = value.split(/[;,] */).map((pair) => pair.slice(pair.indexOf('=') + 1).replaceAll('"', ''));
  // Of short parts of a value (`Path=/`, a realm) many are common words.
  const parts = pairs.length > 1 || value.includes('=') ? pairs.filter((part) => part.length >= 2 * SHORTEST) : [];
  return [value, token, ...parts, ...(/^basic$/i.test(scheme) ? basicParts(token) : [])];
}

function basicParts(token: string): string[] {
  const pair = Buffer.from(token, 'base64').toString('utf8');
  return [pair, pair.slice(pair.indexOf(':') + 1)];
}

function credentialsOf(target: string): string[] {
  if (!target.includes('@') || !URL.canParse(target)) return [];
  const url = new URL(target);
  const token = basicAuthorization(url)?.slice('Basic '.length);
  return token === undefined ? [] : [token, url.password, ...basicParts(token)];
}

/** By secret: the same few come again and again. */
const spelled = new Map<string, readonly string[]>();
const MAX_SPELLED = 100;

/** A secret as it is, in a URL, in JSON (some escape the slash, some what is not ASCII) and in HTML. */
function spell(secret: string): readonly string[] {
  const known = spelled.get(secret);
  if (known !== undefined) return known;
  if (spelled.size >= MAX_SPELLED) spelled.clear();
  const inJson = JSON.stringify(secret).slice(1, -1);
  const html = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const spellings = [
    secret,
    encode(secret),
    inJson,
    inJson.replaceAll('/', String.raw`\/`),
    escapeUnits(inJson, /[\u0080-\uffff]/g),
    html.replaceAll('"', '&quot;'),
    html.replaceAll('"', '&#34;').replaceAll("'", '&#39;'),
  ];
  spelled.set(secret, spellings);
  return spellings;
}

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}
