import { isObject, listRepeatedKeys, tryParseJson, type JsonObject } from '../../model/json.ts';
import { jwtOf, type Jwt, type Signature, type SignatureAlgorithm } from '../../model/signature.ts';
import { findMisfit, readTokenTime, type TokenSubject, type TokenTime } from './claims.ts';
import { decodeValue } from './encoding.ts';
import { fitsBytes, signBytes } from './sign-bytes.ts';

/** The names of RFC 7518. The same key may be used with each that begins alike: HS, RS. */
const ALG_NAMES: Readonly<Partial<Record<SignatureAlgorithm, string>>> = {
  'hmac-sha256': 'HS256',
  'hmac-sha384': 'HS384',
  'hmac-sha512': 'HS512',
  'rsa-sha256': 'RS256',
  'rsa-sha512': 'RS512',
  'rsa-pss-sha512': 'PS512',
  'ecdsa-p256-sha256': 'ES256',
  ed25519: 'EdDSA',
};

/** What a JWT's header calls the algorithm; null for one that no JWT has. */
export const algName = (algorithm: SignatureAlgorithm): string | null => ALG_NAMES[algorithm] ?? null;

/** The algorithm of this name; null for one that is not known. */
export const algorithmOf = (name: unknown): SignatureAlgorithm | null =>
  (Object.keys(ALG_NAMES) as SignatureAlgorithm[]).find((algorithm) => ALG_NAMES[algorithm] === name) ?? null;

/** A token as it stands in a request. */
export interface ReadToken {
  header: JsonObject;
  claims: JsonObject;
  /** What the signature is over. */
  input: string;
  signature: Buffer;
}

/** Reads a compact token; `reason` completes a sentence on what is wrong with it. */
export function readToken(text: string): ReadToken | { reason: string } {
  const [header = '', claims = '', signature = '', ...more] = text.split('.');
  if (more.length > 0 || !text.includes('.')) return { reason: 'it is not a JWT, three parts separated by dots' };
  const [readHeader, readClaims] = [readPart(header), readPart(claims)];
  if (readHeader === null) return { reason: 'its header is not a JSON object in base64url, or repeats a name' };
  if (readClaims === null) return { reason: 'its claims are not a JSON object in base64url, or one is repeated' };
  const bytes = decodeValue(signature, ['base64url']);
  if (bytes === null) return { reason: 'its signature is not base64url' };
  return { header: readHeader, claims: readClaims, input: `${header}.${claims}`, signature: bytes };
}

/** Of a name that stands twice receivers differ in which one counts. */
function readPart(text: string): JsonObject | null {
  const json = decodeValue(text, ['base64url'])?.toString('utf8') ?? '';
  const value = tryParseJson(json);
  return isObject(value) && listRepeatedKeys(json).length === 0 ? value : null;
}

/** Throws AppError `usage` for a secret of no use. */
export function writeToken(spec: Signature, secret: string, claims: Uint8Array): string {
  const { typ = 'JWT', ...more } = jwtOf(spec)?.header ?? {};
  const header = JSON.stringify({ alg: algName(spec.algorithm), typ, ...more });
  const input = [Buffer.from(header), Buffer.from(claims)].map((part) => part.toString('base64url')).join('.');
  return `${input}.${Buffer.from(signBytes(spec, secret, [Buffer.from(input)])).toString('base64url')}`;
}

/** The reason where a token has the right form, and is signed by another key or over something else. */
export const OTHER_SIGNATURE = 'its signature does not match these claims and this key';

/**
 * Why the token does not prove this request; null where it does. Its times are not looked at.
 * Throws MissingPartError, and AppError `usage` for a secret of no use.
 */
export function judgeToken(
  spec: Signature,
  jwt: Jwt,
  secret: string,
  subject: TokenSubject,
  text: string,
): string | null {
  const token = readToken(text);
  if ('reason' in token) return token.reason;
  const { alg } = token.header;
  // The token is not asked how it is to be verified.
  const algorithm = [spec.algorithm, ...(jwt.algorithms ?? [])].find((one) => algName(one) === alg);
  if (algorithm === undefined) return `its alg is ${nameOf(alg)}, but the vendor signs with ${algName(spec.algorithm)}`;
  if (Object.hasOwn(token.header, 'crit')) return 'its header names extensions that must be understood (crit)';
  const own = algorithm === spec.algorithm ? spec : { ...spec, algorithm };
  if (!fitsBytes(own, secret, [Buffer.from(token.input)], token.signature)) return OTHER_SIGNATURE;
  return findMisfit(jwt, token.claims, subject);
}

const MAX_NAME = 20;
const nameOf = (alg: unknown): string =>
  typeof alg === 'string' ? JSON.stringify(alg.slice(0, MAX_NAME)) : 'not the name of an algorithm';

/** Null where the text is no token of the vendor's, or has no time. */
export function tokenTimeOf(spec: Signature, text: string): TokenTime | null {
  const [jwt, token] = [jwtOf(spec), readToken(text)];
  return jwt === null || 'reason' in token ? null : readTokenTime(jwt, token.claims);
}
