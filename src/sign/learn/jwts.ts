import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import {
  headerAt,
  jwtOf,
  type Encoding,
  type Hash,
  type MessagePart,
  type Signature,
  type TokenClaim,
} from '../../model/signature.ts';
import { findTokenProblem } from '../scheme/compute.ts';
import { encodeValue } from '../scheme/encoding.ts';
import { algorithmOf, readToken } from '../scheme/jwt.ts';
import { joinText, MissingPartError, type SignedSubject } from '../scheme/message.ts';
import { headerValues } from '../scheme/place.ts';
import { listJsonTexts, type Carrier } from './carriers.ts';
import { listKeys, type PublicKeyCandidate } from './key-candidates.ts';
import { readingsOf, type LearnSubject } from './learn-subject.ts';

/** Before the token stands a scheme at most. */
const TOKEN = /^([\w-]{0,30}[ =:]{0,2})(eyJ[\w-]+\.[\w-]+\.[\w-]+)$/;

/** Every JWT of the request that this secret or key has signed. What its claims say of the request is found, too. */
export function listJwts(
  carriers: readonly Carrier[],
  subject: LearnSubject,
  secret: string,
  publicKey: PublicKeyCandidate | null,
): Signature[] {
  return carriers.flatMap(({ at, text }) => {
    const [, before = '', token = ''] = TOKEN.exec(text) ?? [];
    const read = readToken(token);
    if ('reason' in read) return [];
    const algorithm = algorithmOf(read.header['alg']);
    const bare = algorithm === null ? [] : keysFor(algorithm, secret, publicKey);
    return bare.flatMap((key): Signature[] => {
      const spec: Signature = {
        ...key,
        message: [{ jwt: { claims: {} } }],
        at,
        format: `${before}{v}`,
      };
      const [request] = readingsOf(subject);
      if (request === undefined || findTokenProblem(spec, secret, request, token) !== null) return [];
      const claims = nameClaims(read.claims, subject);
      const header = headerOf(read.header);
      const hasTime = Object.values(claims).some((claim) => typeof claim === 'object' && 'time' in claim);
      return [
        {
          ...spec,
          message: [{ jwt: { claims, ...(header && { header }) } }],
          ...(hasTime && { timestamp: { unit: 's' } }),
        },
      ];
    });
  });
}

/** What a token says beside the claims that were understood: a file that leaves it out sends less than the vendor. */
export function listUnread(spec: Signature, { headers }: Pick<LearnSubject, 'headers'>): string[] {
  const [jwt, header] = [jwtOf(spec), headerAt(spec.at)];
  const text = header === null ? undefined : headerValues(headers, header)[0];
  const read = readToken(TOKEN.exec(text?.trim() ?? '')?.[2] ?? '');
  if (jwt === null || 'reason' in read) return [];
  return Object.keys(read.claims).filter((name) => !Object.hasOwn(jwt.claims, name));
}

type Keyed = Pick<Signature, 'algorithm' | 'key' | 'keyShown'>;

function keysFor(algorithm: Signature['algorithm'], secret: string, publicKey: PublicKeyCandidate | null): Keyed[] {
  if (algorithm.startsWith('hmac-'))
    return publicKey?.isSure ? [] : listKeys(secret).map(({ form }) => ({ algorithm, ...(form && { key: form }) }));
  const isOwn = publicKey?.algorithms.some((one) => one === algorithm) ?? false;
  return isOwn ? [{ algorithm, ...(publicKey?.shown && { keyShown: publicKey.shown }) }] : [];
}

/** The usual type is left out, and the id of the key is whoever's. */
function headerOf({ typ }: JsonObject): Record<string, string> | null {
  return typeof typ === 'string' && typ !== 'JWT' ? { typ } : null;
}

/** Those that are understood: of the others nobody knows what the next request has. */
function nameClaims(given: JsonObject, subject: LearnSubject): Record<string, TokenClaim> {
  const base = [given['iat'], given['nbf']].find((value) => typeof value === 'number') ?? null;
  const named = Object.entries(given).map(([name, value]) => [name, nameClaim(name, value, base, subject)] as const);
  return Object.fromEntries(named.filter((one): one is [string, TokenClaim] => one[1] !== null));
}

/** How long a token is good that does not say when it was made. */
const USUAL_SECONDS = 300;
const TIMES = new Set(['exp', 'nbf', 'iat']);

function nameClaim(name: string, value: JsonValue, base: number | null, subject: LearnSubject): TokenClaim | null {
  if (typeof value === 'number' && TIMES.has(name))
    return { time: base === null ? USUAL_SECONDS : Math.round(value - base) };
  if (typeof value !== 'string' || value === '') return null;
  if (name === 'jti') return { id: 'uuid' };
  const text = readingsOf(subject)
    .flatMap((reading) => listTexts(reading))
    .find(({ text: one }) => one === value);
  if (text !== undefined) return { text: text.parts };
  return name === 'iss' ? value : null;
}

interface ReadText {
  text: string;
  parts: readonly MessagePart[];
}

const PIECES = ['url', 'target', 'path', 'host', 'method'] as const;
const HASHES: readonly Hash[] = ['sha256', 'sha512', 'sha1', 'sha384', 'md5'];
const ENCODINGS: readonly Encoding[] = ['HEX', 'base64', 'base64url'];
const SHORTEST = 4;

/** What a claim may hold of a request: a piece of it, the hash of one, a value of its body. */
function listTexts(subject: SignedSubject): ReadText[] {
  const pieces: readonly MessagePart[] = ['body', ...PIECES];
  const plain = pieces.flatMap((part) => {
    const text = textOrNull([part], subject);
    return text === null ? [] : [{ part, text }];
  });
  return [
    ...plain.map(({ part, text }) => ({ text, parts: [part] })),
    ...plain.flatMap(({ part, text }) =>
      HASHES.flatMap((hash) => hashTexts(hash, part, part === 'body' ? subject.body : Buffer.from(text))),
    ),
    ...listJsonTexts(subject.body)
      .filter(({ text }) => text.length >= SHORTEST)
      .map(({ path, text }) => ({ text, parts: [{ json: path }] })),
  ];
}

function hashTexts(hash: Hash, part: MessagePart, bytes: Uint8Array): ReadText[] {
  const digest = createHash(hash).update(bytes).digest();
  return [
    { text: digest.toString('hex'), parts: [{ hash, of: [part] }] },
    ...ENCODINGS.map((encoding) => ({
      text: encodeValue(digest, [encoding]),
      parts: [{ encode: [encoding], of: [{ hash, as: 'raw' as const, of: [part] }] }],
    })),
  ];
}

function textOrNull(parts: readonly MessagePart[], subject: SignedSubject): string | null {
  try {
    return joinText(parts, { ...subject, secret: () => new Uint8Array() });
  } catch (error) {
    if (error instanceof MissingPartError) return null;
    throw error;
  }
}
