import type { Fact } from './fact.ts';

/** The grammar of signatures: how a vendor proves that a request is its own, as data. Values, never functions. */

export type Hash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** With a key pair: the vendor signs with the private key, receivers hold the public one. */
export type PublicKeyAlgorithm =
  | 'ed25519'
  | 'ecdsa-p256-sha256'
  | 'rsa-sha1'
  | 'rsa-sha256'
  | 'rsa-sha512'
  | 'rsa-pss-sha512';

/** By one key. */
export type RsaAlgorithm = Extract<PublicKeyAlgorithm, `rsa-sha${string}`>;

/**
 * `hmac-…`: keyed by the secret; a hash alone: plain, of a message that holds the secret; `token`: no computation, the
 * message itself is sent, which is the secret.
 */
export type SignatureAlgorithm = `hmac-${Hash}` | Hash | PublicKeyAlgorithm | 'token';

/** From bytes to text, and from text to text. A list of them is a chain: `['base64', 'percent']`. `HEX`: upper case. */
export type Encoding = 'hex' | 'HEX' | 'base64' | 'base64url' | 'percent';

/** How the bytes of the key come from the secret as the vendor shows it. */
export interface KeyForm {
  encoding: 'utf8' | 'base64' | 'hex';
  /** How the vendor's own secrets begin: a secret without it is probably something else. */
  prefix?: string;
  /** The prefix is part of the key; otherwise it is taken off before decoding. */
  keepsPrefix?: true;
}

/**
 * What is signed, piece by piece, joined as bytes.
 * - `body`: the raw bytes · `timestamp`: as its text stands in the request · `secret`: the key's bytes
 * - `id`: the value of the header with the event's id · `event`: the name of the event
 * - `url`: whole, as it was called · `host`: with its port · `path`: without the query · `query`: behind the `?` ·
 *   `target`: path and query, as on the request line · `method`: `POST`
 */
export type MessagePart =
  | 'body'
  | 'timestamp'
  | 'id'
  | 'url'
  | 'host'
  | 'path'
  | 'query'
  | 'target'
  | 'method'
  | 'secret'
  | 'event'
  | { text: string }
  | { header: string }
  /** A value of the JSON body at a dotted path: texts unquoted, anything else as it is written; `raw`: as written. */
  | { json: string; as?: 'raw' }
  /** The first field of this name, of a form body. */
  | { form: string }
  | FieldsPart
  /** The body with the text of these parts in one of its places, where the signature itself comes later. */
  | { bodyWith: BodyPlace; of: readonly MessagePart[] }
  | { hash: Hash | 'crc32'; as?: 'raw' | 'hex' | 'decimal'; of: readonly MessagePart[] }
  | { encode: readonly Encoding[]; of: readonly MessagePart[] }
  | JwtPart;

/** The whole message where the signature is a JWT (RFC 7519): `{v}` is the token then, and nothing stands beside it. */
export interface JwtPart {
  jwt: Jwt;
}

export interface Jwt {
  /** By their names, in the order in which they are written. */
  claims: Readonly<Record<string, TokenClaim>>;
  /** What its header says beside `alg`; `typ` is JWT where it does not say another. */
  header?: Readonly<Record<string, string>>;
  /** Further algorithms of the same key that the vendor may sign with. */
  algorithms?: readonly SignatureAlgorithm[];
}

/**
 * The value of a claim: a text or number that is always the same; or
 * - `time`: so many seconds after it was signed. Of `exp` and `nbf` receivers see whether the token is good
 * - `id`: new for each token · `text`: the parts joined, as one text
 */
export type TokenClaim =
  | string
  | number
  | boolean
  | { time: number }
  | { id: 'uuid' }
  | { text: readonly MessagePart[]; withoutBody?: 'left-out' };

/** Several fields in one construct: `each` is written for every value, `{name}` and `{value}` in their places. */
export interface FieldsPart {
  /** All in the order of their names (a repeated one with its distinct values, sorted), or these in this order. */
  fields: 'sorted' | readonly string[];
  from: 'form' | 'json' | 'query';
  each: string;
  /** Between them. */
  join?: string;
  /** What a named field that is not there gives: nothing, or `each` with an empty value. */
  missing?: 'skip' | 'empty';
}

/** Where a text stands in a request. `json`: a dotted path. */
export type RequestPlace = { header: string } | { query: string } | BodyPlace;
export type BodyPlace = { json: string } | { form: string };

/** The time that a signature carries. */
export interface SignatureTime {
  /** `iso`: `2025-11-27T09:52:31Z`; `iso-ms`: with milliseconds. */
  unit: 's' | 'ms' | 'iso' | 'iso-ms';
  /** Left out: in the signature's own text, at `{t}` of its format. */
  at?: RequestPlace;
  /** It is made with the event and stays the same over retries: the body has it already. */
  isOfEvent?: true;
  /** How far it may be off for a receiver, in milliseconds. */
  toleranceMs?: Fact<number>;
  /** How far in the future, where that is another span; null: the vendor's own library does not look. */
  futureToleranceMs?: Fact<number | null>;
}

/** How one request carries several signatures, while a secret is being replaced. */
export interface SeveralSignatures {
  /**
   * In one text, `all`: the whole format again; `part`: the piece of the format that holds `{v}`.
   * Each in a header of its own, `numbered-header`: their names end in a number, and `at` names the first of them;
   * `other-headers`: beside that of `at` in these `headers`.
   */
  repeat: 'all' | 'part' | 'numbered-header' | 'other-headers';
  /** Between those in one text. */
  separator?: string;
  headers?: readonly string[];
}

/** Signatures in headers of their own are one text, too: no header has a line break in it. */
export const separatorOf = ({ separator = '\n' }: SeveralSignatures): string => separator;

/** They stand in headers of their own. */
export const isInHeaders = ({ repeat }: SeveralSignatures): boolean =>
  repeat === 'numbered-header' || repeat === 'other-headers';

/** What is before the number in the names of numbered headers. */
export const numberedName = (header: string): string => header.replace(/\d+$/, '');

/** The names of the headers for the signatures behind the first. */
export function furtherHeaders({ at, several }: Pick<Signature, 'at' | 'several'>): readonly string[] {
  if (!('header' in at) || several?.repeat !== 'numbered-header') return several?.headers ?? [];
  const base = numberedName(at.header);
  const first = Number(at.header.slice(base.length));
  return Array.from({ length: MOST_HEADERS - 1 }, (_, index) => `${base}${first + 1 + index}`);
}

/** Of numbered headers: as many as a vendor has keys at most. */
export const MOST_HEADERS = 100;

/** Whether a header of this name, in any letter case, carries one of the signatures. */
export function isSignatureHeader({ at, several }: Pick<Signature, 'at' | 'several'>, name: string): boolean {
  if (!('header' in at)) return false;
  const lower = name.toLowerCase();
  const first = at.header.toLowerCase();
  if (lower === first || several === undefined) return lower === first;
  if (several.repeat !== 'numbered-header')
    return several.headers?.some((other) => other.toLowerCase() === lower) === true;
  const base = numberedName(first);
  return lower.startsWith(base) && /^\d{1,3}$/.test(lower.slice(base.length));
}

/** Where a request says at which address the certificate of its key lies. */
export interface KeyAddress {
  /** A field of the JSON body. */
  json: string;
  /** The hosts where the vendor's own lie, by https alone; `*` stands for one label of a name. */
  hosts?: readonly string[];
  /** How the path of each ends: `.pem`. No query follows. */
  ending?: string;
}

export interface Signature {
  algorithm: SignatureAlgorithm;
  /** Of RSA's: a field of the JSON body that may say another one, by its text. */
  algorithmBy?: { json: string; values: Readonly<Record<string, RsaAlgorithm>> };
  message: readonly MessagePart[];
  /** Default: `hex`. */
  encoding?: readonly Encoding[];
  /** Default: the secret's UTF-8 bytes. */
  key?: KeyForm;
  at: RequestPlace;
  /** The text there: `{v}` is the encoded signature, `{t}` the time, the rest stands as it is. */
  format: string;
  timestamp?: SignatureTime;
  several?: SeveralSignatures;
  /** Parameters that the vendor adds to the URL before it signs and calls it, each of such parts. */
  addedQuery?: Readonly<Record<string, readonly MessagePart[]>>;
  /** Which of several parts of one kind in a header the vendor's own SDKs take. */
  countedPart?: Fact<'last'>;
  /** Where a request names the address of its public key's certificate: receivers fetch it, from the vendor's hosts. */
  keyUrl?: KeyAddress;
  /** How the vendor shows the public key to its users. */
  keyShown?: 'spki-pem' | 'spki-base64' | 'raw-hex' | 'raw-base64' | 'raw-base64url' | 'x509-pem' | 'jwks';
}

/** The name of the header that carries it; null where it stands elsewhere. */
export const headerAt = (place: RequestPlace): string | null => ('header' in place ? place.header : null);

/** As a person reads it: `X-Acme-Signature header`, `query parameter sig`. */
export function describePlace(place: RequestPlace): string {
  if ('header' in place) return `${place.header} header`;
  if ('query' in place) return `query parameter ${place.query}`;
  return 'json' in place ? `field ${place.json} of the body` : `form field ${place.form}`;
}

/** Two places that a request cannot tell apart. */
export const isSamePlace = (one: RequestPlace, other: RequestPlace): boolean =>
  describePlace(one).toLowerCase() === describePlace(other).toLowerCase();

/** The parts, and those inside of them. */
export function flattenParts(parts: readonly MessagePart[]): MessagePart[] {
  return parts.flatMap((part) => {
    if (typeof part !== 'object') return [part];
    if ('jwt' in part) return [part, ...Object.values(part.jwt.claims).flatMap(partsOfClaim)];
    return 'of' in part ? [part, ...flattenParts(part.of)] : [part];
  });
}

function partsOfClaim(claim: TokenClaim): MessagePart[] {
  if (typeof claim !== 'object') return [];
  if ('time' in claim) return ['timestamp'];
  return 'text' in claim ? flattenParts(claim.text) : [];
}

/** What the token says, where the signature is a JWT; null where it is none. */
export function jwtOf({ message }: Pick<Signature, 'message'>): Jwt | null {
  const [part] = message;
  return typeof part === 'object' && 'jwt' in part ? part.jwt : null;
}

/** The parts, each changed, and those inside of them. */
export function mapParts(parts: readonly MessagePart[], change: (part: MessagePart) => MessagePart): MessagePart[] {
  return parts.map((part) => {
    if (typeof part !== 'object') return change(part);
    if ('jwt' in part) return { jwt: { ...part.jwt, claims: mapClaims(part.jwt.claims, change) } };
    return 'of' in part ? { ...part, of: mapParts(part.of, change) } : change(part);
  });
}

function mapClaims(claims: Jwt['claims'], change: (part: MessagePart) => MessagePart): Jwt['claims'] {
  const changed = Object.entries(claims).map(([name, claim]): [string, TokenClaim] => [
    name,
    typeof claim === 'object' && 'text' in claim ? { ...claim, text: mapParts(claim.text, change) } : claim,
  ]);
  return Object.fromEntries(changed);
}

/** All that the signature covers, within others and in the URL too. */
export function coveredParts({ message, addedQuery = {} }: Signature): MessagePart[] {
  const parts = flattenParts(message);
  const isQuerySigned = parts.some((part) => holdsOfUrl(part, 'query'));
  return isQuerySigned ? [...parts, ...Object.values(addedQuery).flatMap(flattenParts)] : parts;
}

const URL_PARTS = {
  path: new Set<unknown>(['url', 'path', 'target']),
  query: new Set<unknown>(['url', 'query', 'target']),
  host: new Set<unknown>(['url', 'host']),
};

/** A piece of the URL that a message may hold. */
export type UrlPiece = keyof typeof URL_PARTS;
export const URL_PIECES: readonly UrlPiece[] = ['path', 'query', 'host'];

/** The part has this piece of the called URL in it. */
export const holdsOfUrl = (part: MessagePart, piece: UrlPiece): boolean =>
  URL_PARTS[piece].has(part) ||
  (piece === 'query' && typeof part === 'object' && 'from' in part && part.from === 'query');

/** It separates the others, and says nothing of the request. */
export const isText = (part: MessagePart): part is { text: string } => typeof part === 'object' && 'text' in part;

/** It is every byte of the body, but for the place of a signature. */
export const isBody = (part: MessagePart): boolean =>
  part === 'body' || (typeof part === 'object' && 'bodyWith' in part);

/** What says something of this request. The others are the same in each. */
export const isOfRequest = (part: MessagePart): boolean =>
  isBody(part) ||
  (part !== 'secret' && part !== 'method' && !isText(part) && !(typeof part === 'object' && isOuter(part)));

const isOuter = (part: object): boolean => 'of' in part || 'jwt' in part;

/** Every request is proved by the same text: the secret itself, or something computed of it and of nothing else. */
export const isFixed = ({ algorithm, message }: Signature): boolean =>
  algorithm === 'token' || !flattenParts(message).some(isOfRequest);

/** The message of a JWT without one of the claims that hold something of the request, by their names. */
export function leaveClaimsOut(parts: readonly MessagePart[]): { name: string; message: readonly MessagePart[] }[] {
  const jwt = jwtOf({ message: parts });
  if (jwt === null) return [];
  const { claims } = jwt;
  return Object.entries(claims).flatMap(([name, claim]) => {
    if (typeof claim !== 'object' || !('text' in claim)) return [];
    const { [name]: _, ...others } = claims;
    return [{ name, message: [{ jwt: { ...jwt, claims: others } }] }];
  });
}

/** The parts without one of them: without a text that separates it, where one stands beside it, and with that. */
export function leavePartOut(parts: readonly MessagePart[], index: number): MessagePart[][] {
  const bare = parts.toSpliced(index, 1);
  const beside = [index + 1, index - 1].find((other) => parts[other] !== undefined && isText(parts[other]));
  const all = beside === undefined ? [bare] : [parts.toSpliced(Math.min(index, beside), 2), bare];
  return all.filter(({ length }) => length > 0);
}
