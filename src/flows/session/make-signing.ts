import type { ChallengeProof } from '../../model/handshake.ts';
import { calledUrl } from '../../model/http-url.ts';
import type { KeyMistake, PublicKeyMistake } from '../../model/receiver-mistake.ts';
import { jwtOf, separatorOf, type Hash, type Signature, type SignatureAlgorithm } from '../../model/signature.ts';
import type { Vendor } from '../../model/vendor.ts';
import { publicUrlOf } from '../../receive/capture/called-urls.ts';
import type { ComputeOptions, ReadSignature, SignedRequestParts, Signing } from '../../receive/receiver-behaviour.ts';
import { hasAddedQuery } from '../../sign/scheme/added-query.ts';
import { computeSignature, findUnusable, fitsSignature } from '../../sign/scheme/compute.ts';
import { isPublicKey } from '../../sign/scheme/sign-bytes.ts';
import { calledUnder, MissingPartError, subjectOf, urlTextOf, type SignedSubject } from '../../sign/scheme/message.ts';
import { tokenTimeOf } from '../../sign/scheme/jwt.ts';
import { publicKeyOf } from '../../sign/scheme/keys.ts';
import { readPlace, signedPart } from '../../sign/scheme/place.ts';
import { readSignatureTexts } from '../../sign/scheme/signature-place.ts';
import { readSignature, readTimestamp } from '../../sign/scheme/signature-text.ts';
import { verifyRequest } from '../../sign/verify.ts';
import { readsUrl } from '../../vendors/facts.ts';
import { windowMs } from '../../vendors/signing-facts.ts';

/** How a receiver that holds `secret` judges signatures, and those that one computes which gets it wrong. */
export function makeSigning(vendor: Vendor, spec: Signature, secret: string, publicUrl?: string): Signing {
  const ownSubject = (request: SignedRequestParts): SignedSubject => {
    const { method, headers, body } = request;
    const called = calledUnder(readsUrl(vendor) ? urlOf(request, publicUrl) : null);
    return subjectOf(vendor, { method, headers, body, ...called });
  };
  const signedPartOf = (request: SignedRequestParts, taken: ComputeOptions['url']): SignedSubject => {
    const signed = signedPart(spec.at, ownSubject(request));
    const called = urlTextOf(signed);
    return taken === undefined || called === undefined ? signed : { ...signed, ...calledUnder(taken(called)) };
  };
  const fitsQuery = (request: SignedRequestParts, options: ComputeOptions): boolean =>
    spec.addedQuery === undefined || fitsAddedQuery(spec, secret, ownSubject(request), options);
  // What the vendor's data leaves open a receiver has to choose.
  const ownWindowMs = spec.timestamp?.toleranceMs === undefined ? windowMs(vendor) : undefined;
  return {
    verify: (request, nowMs) => verifyRequest(spec, secret, ownSubject(request), nowMs, ownWindowMs).verdict,
    textOf: (request) => readSignatureTexts(spec, ownSubject(request))[0],
    prove: (proof, challenge) => proveChallenge(proof, secret, challenge),
    compute: (request, options = {}) =>
      isPublicKey(spec.algorithm) || jwtOf(spec) !== null || !fitsQuery(request, options)
        ? null
        : orNull(() => {
            const mistake = mistaken(spec, secret, options);
            const signed = signedPartOf(request, options.url);
            return computeSignature(mistake.spec, mistake.secret, signed, options.timestamp);
          }),
    fits: (request, value, options = {}) =>
      isUsable(spec, options.publicKey) &&
      orNull(() => {
        const mistake = mistaken(spec, options.publicKey ?? secret, options);
        const signed = signedPartOf(request, options.url);
        const isFitting = fitsSignature(mistake.spec, mistake.secret, signed, options.timestamp, value);
        return isFitting && fitsQuery(request, options);
      }) === true,
    read: (request, ignoresScheme = false) => readLaxly(spec, ownSubject(request), ignoresScheme),
    readTime: (text) => (spec.timestamp === undefined ? null : readTimestamp(spec.timestamp, text)),
  };
}

const isUsable = (spec: Signature, publicKey: string | undefined): boolean =>
  publicKey === undefined || findUnusable(spec, publicKey) === null;

/** Where the endpoint stands behind a proxy, its public URL is known, or nothing but Host is. */
const urlOf = (request: SignedRequestParts, publicUrl: string | undefined): string | null =>
  (publicUrl === undefined ? null : publicUrlOf(request.path, publicUrl)) ?? calledUrl(request, request.isSecure);

/** What the vendor adds to the URL belongs to the request, as far as the receiver looks. */
function fitsAddedQuery(
  spec: Signature,
  secret: string,
  request: SignedSubject,
  { timestamp, ignoresAddedQuery }: ComputeOptions,
): boolean {
  if (ignoresAddedQuery === 'always') return true;
  const isThere = Object.keys(spec.addedQuery ?? {}).some((query) => readPlace({ query }, request).length > 0);
  return (!isThere && ignoresAddedQuery === 'missing') || hasAddedQuery(spec, secret, request, timestamp);
}

/** The challenge of a handshake, signed with the secret. */
export function proveChallenge(proof: ChallengeProof, secret: string, challenge: string): string {
  const spec: Signature = { ...proof, message: ['body'], at: { header: '' }, format: '{v}' };
  const body = Buffer.from(challenge, 'utf8');
  return computeSignature(spec, secret, { method: 'POST', url: null, headers: [], body });
}

/** Null where the request lacks something that is signed. */
function orNull<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch (error) {
    if (error instanceof MissingPartError) return null;
    throw error;
  }
}

function readLaxly(spec: Signature, request: SignedSubject, ignoresScheme: boolean): ReadSignature[] {
  const beside = spec.timestamp?.at === undefined ? null : readPlace(spec.timestamp.at, request);
  return readSignatureTexts(spec, request).map((text) => {
    const { values, times } = readSignature(spec, ignoresScheme ? asOwnScheme(spec, text.trim()) : text.trim());
    return { text, values, times: beside ?? (jwtOf(spec) === null ? times : timesOfTokens(spec, values)) };
  });
}

const timesOfTokens = (spec: Signature, tokens: readonly string[]): string[] =>
  tokens.flatMap((token) => {
    const time = tokenTimeOf(spec, token);
    return time === null ? [] : [String(Math.floor(time.past))];
  });

const SCHEME = /^\s*([A-Za-z0-9]+)(?=[=,:])/;

/** With the vendor's own scheme in the place of those that its format does not have. */
function asOwnScheme({ format, several }: Signature, text: string): string {
  if (several === undefined) return text;
  const separator = separatorOf(several);
  const words = (list: string): string[] => list.split(separator).map((one) => SCHEME.exec(one)?.[1] ?? '');
  const [own, known] = [/([A-Za-z0-9]+)[=,:]\{v\}/.exec(format)?.[1] ?? '', words(format)];
  return text
    .split(separator)
    .map((piece) => piece.replace(SCHEME, (found, word: string) => (known.includes(word) ? found : own)))
    .join(separator);
}

/** A way to sign, and the secret for it. */
interface SecretSignature {
  spec: Signature;
  secret: string;
}

/** The grammar as somebody reads it who gets the key, the hash, the encoding or the parts wrong. */
export function mistaken(
  spec: Signature,
  secret: string,
  { key, hash, encoding, message = spec.message }: Pick<ComputeOptions, 'key' | 'hash' | 'encoding' | 'message'>,
): SecretSignature {
  const changed: Signature = {
    ...spec,
    message,
    algorithm: withHash(spec.algorithm, hash),
    encoding: encoding === undefined ? spec.encoding : [encoding],
  };
  return key === undefined ? { spec: changed, secret } : withKey(changed, secret, key);
}

function withHash(algorithm: SignatureAlgorithm, hash: Hash | undefined): SignatureAlgorithm {
  if (hash === undefined) return algorithm;
  return algorithm.startsWith('hmac-') ? `hmac-${hash}` : hash;
}

function withKey(spec: Signature, secret: string, mistake: KeyMistake): SecretSignature {
  if (mistake === 'public-key' || mistake === 'public-key-trimmed') return withPublicKey(spec, secret, mistake);
  const prefix = spec.key?.prefix;
  if (mistake === 'as-text') return { spec: { ...spec, key: undefined }, secret };
  if (mistake === 'without-prefix') return { spec: { ...spec, key: { encoding: 'utf8', prefix } }, secret };
  const bare = prefix !== undefined && secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  // As libraries decode: what is no base64 is passed over.
  const decoded = Buffer.from(bare, 'base64').toString('hex');
  return decoded === ''
    ? { spec: { ...spec, key: undefined }, secret: `${secret}=` }
    : { spec: { ...spec, key: { encoding: 'hex' } }, secret: decoded };
}

/** An HMAC by the text of the public key, which everybody has. */
function withPublicKey(spec: Signature, secret: string, mistake: PublicKeyMistake): SecretSignature {
  const pem = publicKeyOf(spec, secret).export({ type: 'spki', format: 'pem' }).toString();
  return {
    spec: { ...spec, algorithm: 'hmac-sha256', key: undefined },
    secret: mistake === 'public-key' ? pem : pem.trimEnd(),
  };
}
