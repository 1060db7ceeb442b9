import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { TokenClaim, Jwt, MessagePart } from '../../model/signature.ts';

/** What claims are made of. */
export interface ClaimSource {
  body: Uint8Array;
  /** The time of signing, in seconds; undefined where it is not known. */
  signedAt: number | undefined;
  /** Whether the event's name is known: who receives learns it from the request. */
  knowsEvent: boolean;
  /** What makes the id of a token another one than that of the token before. */
  nonce: string;
  /** The text of message parts. Throws MissingPartError. */
  textOf: (parts: readonly MessagePart[]) => string;
}

/** What is known of a request, to hold the claims against. */
export type TokenSubject = Omit<ClaimSource, 'signedAt' | 'nonce'>;

/** The claims of a token, as they are signed. Throws MissingPartError. */
export function makeClaims({ claims }: Jwt, source: ClaimSource): JsonObject {
  const made = Object.entries(claims).map(([name, claim]) => [name, makeClaim(claim, source)] as const);
  return Object.fromEntries(made.filter((one): one is [string, JsonValue] => one[1] !== undefined));
}

function makeClaim(claim: TokenClaim, source: ClaimSource): JsonValue | undefined {
  if (typeof claim !== 'object') return claim;
  if ('time' in claim) return source.signedAt === undefined ? undefined : source.signedAt + claim.time;
  if ('id' in claim) return uuidOf(source.nonce);
  return isLeftOut(claim, source) ? undefined : source.textOf(claim.text);
}

const isLeftOut = ({ withoutBody }: { withoutBody?: 'left-out' }, { body }: Pick<ClaimSource, 'body'>): boolean =>
  withoutBody === 'left-out' && body.length === 0;

/** Of the same nonce the same one: what is sent with a seed is the same byte for byte. */
function uuidOf(nonce: string): string {
  const hex = createHash('sha256').update(nonce).digest('hex');
  const variant = 'ab89'[Number.parseInt(hex.slice(16, 17), 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** Why the claims of a token are not those of this request; null where they are. Throws MissingPartError. */
export function findMisfit({ claims }: Jwt, given: JsonObject, source: TokenSubject): string | null {
  for (const [name, claim] of Object.entries(claims)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const reason = judgeClaim(claim, value, source);
    if (reason !== null) return `its claim ${name} ${reason}`;
  }
  return null;
}

function judgeClaim(claim: TokenClaim, value: JsonValue | undefined, source: TokenSubject): string | null {
  const isExpected = typeof claim !== 'object' || !('text' in claim) || !isLeftOut(claim, source);
  if (!isExpected) return value === undefined ? null : 'is present, although the body is empty';
  if (value === undefined) return 'is missing';
  if (typeof claim !== 'object') return holds(value, claim) ? null : `is not ${JSON.stringify(claim)}`;
  if ('time' in claim) return isSeconds(value) ? null : 'is not a time in seconds';
  if ('id' in claim) return typeof value === 'string' && value !== '' ? null : 'is not an id';
  if (!source.knowsEvent && claim.text.length === 1 && claim.text[0] === 'event')
    return typeof value === 'string' && value !== '' ? null : 'is not the name of an event';
  const text = typeof value === 'number' ? String(value) : value;
  return text === source.textOf(claim.text) ? null : NOT_OF_REQUEST;
}

/** Ends a sentence on a claim. */
const NOT_OF_REQUEST = 'does not match this request';

/** An audience may be one of several. */
const holds = (value: JsonValue, wanted: JsonValue): boolean =>
  Array.isArray(value) ? value.includes(wanted) : value === wanted;

const isSeconds = (value: JsonValue): value is number => typeof value === 'number' && Number.isFinite(value);

/** When the token was signed, in seconds, as far as one of its claims tells it. */
export interface TokenTime {
  /** From how long ago it counts. */
  past: number;
  /** From how far in the future. */
  future: number;
}

/** By `exp` it gets old, by `nbf` it is not yet good; else by what other time there is. Null where it has none. */
export function readTokenTime({ claims }: Jwt, given: JsonObject): TokenTime | null {
  const times = Object.entries(claims).flatMap(([name, claim]): [string, number][] => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    return typeof claim === 'object' && 'time' in claim && isSeconds(value ?? null)
      ? [[name, (value as number) - claim.time]]
      : [];
  });
  const [first] = times;
  if (first === undefined) return null;
  const at = (name: string, other: number): number => times.find(([own]) => own === name)?.[1] ?? other;
  const issued = at('iat', first[1]);
  return { past: at('exp', issued), future: at('nbf', issued) };
}
