import { randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../model/error.ts';
import { readJsonText } from '../../model/json-span.ts';
import { jwtOf, type Encoding, type Jwt, type MessagePart, type Signature } from '../../model/signature.ts';
import { decodeValue, describeEncoding, encodeValue } from './encoding.ts';
import { algName, judgeToken, readToken, writeToken } from './jwt.ts';
import { keyBytes, makePrivateKey, publicKeyOf } from './keys.ts';
import { collectMessage, joinText, type MessageContext, type SignedSubject } from './message.ts';
import { hasPublicKey, isPublicKey, signEncoded, verifierOf } from './sign-bytes.ts';

const HEX: readonly Encoding[] = ['hex'];

/** How the bytes of a signature are written. A token is written as it is, and a JWT has its own way. */
export const encodingOf = (spec: Signature): readonly Encoding[] =>
  jwtOf(spec) === null ? (spec.encoding ?? (spec.algorithm === 'token' ? [] : HEX)) : [];

/**
 * Computes the encoded signature of a request: the only place, for signing and for verifying.
 * `timestamp`: its text as it stands in the request.
 * @throws MissingPartError for a part that the request does not have, AppError `usage` for a secret of no use
 */
export function computeSignature(
  listed: Signature,
  secret: string,
  subject: SignedSubject,
  timestamp?: string,
): string {
  const spec = chooseAlgorithm(listed, subject);
  const message = messageOf(spec, secret, subject, timestamp);
  if (jwtOf(spec) !== null) return writeToken(spec, secret, Buffer.concat(message));
  return signEncoded(spec, secret, message, encodingOf(spec));
}

/** Does the encoded signature belong to this request? In constant time. Throws as `computeSignature`. */
export function fitsSignature(
  spec: Signature,
  secret: string,
  subject: SignedSubject,
  timestamp: string | undefined,
  given: string,
): boolean {
  return fitsAny(spec, secret, subject, timestamp, [given]);
}

/** Does one of them? The message is made once, however many there are: anybody may have sent them. */
export function fitsAny(
  listed: Signature,
  secret: string,
  subject: SignedSubject,
  timestamp: string | undefined,
  given: readonly string[],
): boolean {
  const spec = chooseAlgorithm(listed, subject);
  const jwt = jwtOf(spec);
  if (jwt !== null) return given.some((one) => judgeOwnToken(spec, jwt, secret, subject, one) === null);
  if (!hasPublicKey(spec)) {
    const expected = computeSignature(spec, secret, subject, timestamp);
    return given.map((one) => isEqual(one, expected)).includes(true);
  }
  const isFitting = verifierOf(spec, secret, messageOf(spec, secret, subject, timestamp));
  return given.some((one) => {
    const bytes = decodeValue(one, encodingOf(spec));
    return bytes !== null && isFitting(bytes);
  });
}

/** Why a token does not prove this request; null where it does, or there is none. Throws as `computeSignature`. */
export function findTokenProblem(spec: Signature, secret: string, subject: SignedSubject, text: string): string | null {
  const jwt = jwtOf(spec);
  return jwt === null ? null : judgeOwnToken(spec, jwt, secret, subject, text);
}

const chosenSpecs = new WeakMap<Signature, Map<string, Signature>>();

/** By the algorithm that this request says, of those of one key; what it says and is unknown counts not. */
function chooseAlgorithm(spec: Signature, { body }: Pick<SignedSubject, 'body'>): Signature {
  const { algorithmBy, algorithm: usual } = spec;
  if (algorithmBy === undefined || !usual.startsWith('rsa-sha')) return spec;
  const said = readJsonText(body, algorithmBy.json) ?? '';
  const algorithm = Object.hasOwn(algorithmBy.values, said) ? algorithmBy.values[said] : undefined;
  if (algorithm === undefined) return spec;
  // The same one each time: the key that is read from its secret is kept by it.
  const known = chosenSpecs.get(spec) ?? new Map<string, Signature>();
  chosenSpecs.set(spec, known);
  const found = known.get(algorithm) ?? { ...spec, algorithm };
  known.set(algorithm, found);
  return found;
}

function judgeOwnToken(spec: Signature, jwt: Jwt, secret: string, subject: SignedSubject, text: string): string | null {
  const context = contextOf(spec, secret, subject, undefined);
  const source = {
    body: subject.body,
    knowsEvent: subject.event !== undefined,
    textOf: (parts: readonly MessagePart[]) => joinText(parts, context),
  };
  return judgeToken(spec, jwt, secret, source, text);
}

const messageOf = (
  spec: Signature,
  secret: string,
  subject: SignedSubject,
  timestamp: string | undefined,
): Uint8Array[] => collectMessage(spec.message, contextOf(spec, secret, subject, timestamp));

function contextOf(
  spec: Signature,
  secret: string,
  { method, url, urlText, headers, body, event, idHeader, signedAtMs }: SignedSubject,
  timestamp: string | undefined,
): MessageContext {
  // Written out: for every request that is judged, a spread takes longer than the rest.
  return {
    method,
    url,
    urlText,
    headers,
    body,
    event,
    idHeader,
    signedAtMs,
    timestamp,
    secret: () => keyBytes(spec, secret),
  };
}

/** Of each hash: no two have as many. */
export const DIGEST_BYTES: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

/** How many characters the encoded signature has; null where that varies. */
function signatureLength(spec: Signature): number | null {
  const bytes = DIGEST_BYTES[spec.algorithm.replace('hmac-', '')];
  const chain = encodingOf(spec);
  if (bytes === undefined || chain.includes('percent')) return null;
  return encodeValue(Buffer.alloc(bytes), chain).length;
}

/** `64 lower-case hex digits`, `44 characters of base64`; for a token `the secret itself`. */
export function describeValue(spec: Signature): string {
  if (spec.algorithm === 'token') return 'the secret itself';
  if (jwtOf(spec) !== null) return `a JWT signed by ${algName(spec.algorithm)}`;
  const [length, name] = [signatureLength(spec), describeEncoding(encodingOf(spec))];
  if (length === null) return name;
  return name.endsWith('hex') ? `${length} ${name} digits` : `${length} characters of ${name}`;
}

/** Has the text the form of a signature, whatever it is worth? */
export function isSignatureText(spec: Signature, text: string): boolean {
  if (spec.algorithm === 'token') return text !== '';
  if (jwtOf(spec) !== null) return !('reason' in readToken(text));
  const length = signatureLength(spec);
  return (length === null || text.length === length) && decodeValue(text, encodingOf(spec)) !== null;
}

/** The time a comparison takes must not reveal how much was right. */
function isEqual(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given, 'utf8'), Buffer.from(expected, 'utf8')];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Why this secret is no key of the vendor's; null where it is one. */
export function findUnusable(spec: Signature, secret: string): AppError | null {
  try {
    if (isPublicKey(spec.algorithm)) publicKeyOf(spec, secret);
    else keyBytes(spec, secret);
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

const SECRET_BYTES = 24;

/** A secret of the form that the vendor's have; of one that signs with a key pair, a private key. */
export function makeSecret({ algorithm, key }: Signature, makeKey = makePrivateKey): string {
  if (isPublicKey(algorithm)) return makeKey(algorithm);
  const { encoding = 'utf8', prefix = '' } = key ?? {};
  return prefix + randomBytes(SECRET_BYTES).toString(encoding === 'utf8' ? 'hex' : encoding);
}
