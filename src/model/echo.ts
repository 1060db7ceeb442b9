import { hideSecretHeader, hideSecretHeaders, type HideHeader } from './header.ts';
import { basicAuthorization, decodePercent, splitQuery } from './http-url.ts';
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
/** What is shorter may be a part of other words: it counts only where it stands alone, and is no common word. */
const SHORT = 8;
const COMMON = new Set(['true', 'false', 'null', 'none', 'json', 'html', 'text', 'utf8', 'utf-8', 'gzip', 'close']);
/** They say how an answer is read. A secret that is spelled like a part of them is not what they repeat. */
const KEPT_HEADERS = new Set(['content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'date']);

/**
 * Endpoints that log, debug or fail tend to answer with the request itself. Null when nothing in the requests is a
 * secret: most carry none.
 */
export function makeEchoHider(
  carriers: readonly SecretCarrier[],
  more: readonly (string | null)[] = [],
): EchoHider | null {
  const secrets: string[] = [];
  for (const carrier of carriers) secrets.push(...secretsOf(carrier));
  for (const one of more) if (one !== null) secrets.push(one);
  return secrets.length === 0 ? null : hiderOf(secrets);
}

/** Where many requests go to one endpoint, they carry the same secrets. */
let last: { secrets: readonly string[]; hider: EchoHider | null } | null = null;

function hiderOf(secrets: readonly string[]): EchoHider | null {
  const isSame = last?.secrets.length === secrets.length && secrets.every((one, at) => one === last?.secrets[at]);
  if (last === null || !isSame) last = { secrets, hider: makeHider(secrets) };
  return last.hider;
}

function makeHider(found: readonly string[]): EchoHider | null {
  const secrets = [...new Set(found)]
    .filter((one) => one.length >= SHORTEST && !COMMON.has(one.toLowerCase()))
    // The longest first: what one secret holds of another would leave a rest of it.
    .toSorted((one, other) => other.length - one.length);
  const shortest = secrets.at(-1)?.length;
  if (shortest === undefined) return null;
  const spelled = secrets.map(spell);
  const text = (value: string): string => (value.length < shortest ? value : spelled.reduce(hideSpelled, value));
  const hideHeader: HideHeader = (header) => {
    const [name, value] = header;
    const shown = text(value);
    return shown === value || KEPT_HEADERS.has(name.toLowerCase()) ? header : [name, shown];
  };
  let hidden: { headers: readonly Header[]; shown: readonly Header[] } | null = null;
  return {
    text,
    headers(headers) {
      // An endpoint under load answers with one head for a second: its headers are one list.
      if (hidden?.headers !== headers) hidden = { headers, shown: hideSecretHeaders(headers, hideHeader) };
      return hidden.shown;
    },
    body(body, isCut) {
      if (body.length < (isCut ? SHORTEST : shortest)) return body;
      const before = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1');
      const whole = text(before);
      const after = isCut ? hideCutEnd(whole, spelled) : whole;
      return after === before ? body : Buffer.from(after, 'latin1');
    },
  };
}

const hideSpelled = (text: string, { plain, base64 }: SpelledSecret): string => {
  const rest = text.replace(plain, HIDDEN);
  return base64 === null ? rest : rest.replace(base64, HIDDEN);
};

/** Where the text was cut within a secret, the beginning of it is left at the end. */
function hideCutEnd(text: string, spelled: readonly SpelledSecret[]): string {
  for (const { characters } of spelled) {
    const tail = text.slice(-MAX_SPELLED_LENGTH * characters.length);
    const beginnings = tail.matchAll(new RegExp(characters.slice(0, SHORTEST).join(''), 'gi'));
    for (const { index } of beginnings)
      if (endsWithin(tail, index, characters)) return text.slice(0, text.length - tail.length + index) + HIDDEN;
  }
  return text;
}

/** Whether the text ends before the secret that begins at `start` does, within the spelling of a character too. */
function endsWithin(text: string, start: number, characters: readonly string[]): boolean {
  let at = start;
  for (const character of characters) {
    if (at === text.length) return true;
    const expression = new RegExp(character, 'iy');
    expression.lastIndex = at;
    if (!expression.test(text)) return /^(?:[\\%&][#\w%]{0,11})$/.test(text.slice(at));
    at = expression.lastIndex;
  }
  return false;
}

function secretsOf({ url, headers }: SecretCarrier): string[] {
  const target = String(url);
  if (!/[?@]/.test(target) && hideSecretHeaders(headers) === headers) return [];
  const inHeaders = headers.flatMap((header) => (hideSecretHeader(header) === header ? [] : secretsOfValue(header[1])));
  const inQuery = splitQuery(target).flatMap(({ text, secretOf }) =>
    secretOf === null ? [] : [text, decodePercent(text)],
  );
  return [...inHeaders, ...inQuery, ...credentialsOf(target)].filter((one) => one !== '');
}

/** The value, what stands behind its scheme or in its cookies, and user and password behind `Basic`. */
function secretsOfValue(value: string): string[] {
  // A URL (Referer) is no secret as a whole.
  if (/^(?:https?:)?\//i.test(value)) return secretsOf({ url: value, headers: [] });
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

/** A secret as expressions that match it however it is spelled. */
interface SpelledSecret {
  /** One expression for each character. */
  characters: readonly string[];
  plain: RegExp;
  /** In base64, alone or with other text in front of it. */
  base64: RegExp | null;
}

/** `&#x0026;`, or four bytes as `%F0%9F%8E%89`. */
const MAX_SPELLED_LENGTH = 12;

function spell(secret: string): SpelledSecret {
  const bytes = Buffer.from(secret, 'utf8');
  // A run of backslashes is one: its layers cannot be told from its length.
  const characters = (secret.match(/\\+|./gsu) ?? []).map(spellCharacter);
  const alone = (text: string): string => (secret.length < SHORT ? `(?<![a-z0-9])${text}(?![a-z0-9])` : text);
  return {
    characters,
    plain: new RegExp(`${alone(characters.join(''))}|${alone(bytes.toString('hex'))}`, 'gi'),
    base64: secret.length < SHORT ? null : new RegExp([0, 1, 2].map((at) => spellBase64(bytes, at)).join('|'), 'g'),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/**
 * A character as it is, in a URL, in JSON (of which there may be several layers) and in HTML. Letters and digits are
 * the same in all of them; in which case they stand is not looked at.
 */
function spellCharacter(character: string): string {
  if (/^[a-z0-9]$/i.test(character)) return character;
  if (character.startsWith('\\')) return String.raw`(?:\\+|(?:%5c)+|(?:&#(?:x0*5c|0*92);)+)`;
  const cases = new Set([character, character.toUpperCase(), character.toLowerCase()]);
  return `(?:${[...cases].flatMap(listSpellings).join('|')})`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');

function listSpellings(character: string): string[] {
  const bytes = Buffer.from(character, 'utf8');
  const code = character.codePointAt(0) as number;
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const entity = ENTITIES[character];
  return [
    String.raw`\\*${escapeForRegExp(character)}`,
    // Bodies are read byte by byte.
    ...(bytes.length > 1 ? [escapeForRegExp(bytes.toString('latin1'))] : []),
    [...bytes].map((byte) => `%${hex(byte, 2)}`).join(''),
    ...(character === ' ' ? [String.raw`\+`] : []),
    units.map((unit) => String.raw`\\+u${hex(unit, 4)}`).join(''),
    `&#(?:x0*${hex(code, 1)}|0*${code});`,
    ...(entity === undefined ? [] : [`&${entity};`]),
  ];
}

/** The part of its base64 that is the same whatever stands around it, when `before` bytes of three stand before it. */
function spellBase64(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  return own.replaceAll('+', '[+-]').replaceAll('/', String.raw`\\*[/_]`);
}

export const escapeForRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
