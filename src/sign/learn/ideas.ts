import { createHash } from 'node:crypto';
import { HIDDEN } from '../../model/secret-name.ts';
import { describePlace, type KeyForm } from '../../model/signature.ts';
import { describeEncoding } from '../scheme/encoding.ts';
import type { Carrier } from './carriers.ts';
import { listKeys, openRsaSignature } from './key-candidates.ts';
import type { LearnTrace } from './learn-signature.ts';
import type { LearnSubject } from './learn-subject.ts';
import { HASH_OF_LENGTH } from './probes.ts';
import { decodings, type SignatureSlot } from './slots.ts';

const MAX_IDEAS = 10;

/** What looks like a signature in a request where none was found to fit; likeliest first, without any value. */
export function listIdeas({ subject, carriers, slots, publicKey }: LearnTrace): string[] {
  const places = new Map(slots.map((slot) => [`${JSON.stringify(slot.at)} ${slot.bytes.length}`, slot]));
  const ideas = [
    ...[...places.values()].map((slot) => describeSlot(slot, subject, publicKey?.key ?? null)),
    ...carriers.flatMap((carrier) => describeCarrier(carrier, slots)),
  ];
  return [...new Set(ideas)].slice(0, MAX_IDEAS);
}

function describeSlot(
  { at, bytes, encoding }: SignatureSlot,
  subject: LearnSubject,
  key: Parameters<typeof openRsaSignature>[0] | null,
): string {
  const what = `${describePlace(at)}: ${bytes.length} bytes in ${describeEncoding(encoding)}`;
  const checksum = CHECKSUMS.find((hash) => createHash(hash).update(subject.body).digest().equals(bytes));
  if (checksum !== undefined)
    return `${what}, the plain ${checksum} of the body: anyone can compute it, so it proves nothing`;
  const opened = key === null ? null : openRsaSignature(key, bytes);
  if (opened !== null) return `${what}, an RSA signature by this key with ${opened.hash}; what it signs was not found`;
  return `${what}, ${makersOf(bytes.length)}`;
}

const CHECKSUMS = ['md5', 'sha1', 'sha256', 'sha512'];

function makersOf(length: number): string {
  const hash = HASH_OF_LENGTH[length];
  if (length === 64) return 'as produced by HMAC-SHA512, Ed25519, or ECDSA with r and s concatenated (not supported)';
  if (hash !== undefined) return `as produced by HMAC-${hash.toUpperCase()} and plain ${hash.toUpperCase()}`;
  return 'as produced by a private key';
}

/** Texts that are no digest, and look like a proof all the same. */
function describeCarrier({ at, text, rank, name }: Carrier, slots: readonly SignatureSlot[]): string[] {
  const place = describePlace(at);
  if (text === HIDDEN || text.endsWith(` ${HIDDEN}`))
    return [`${place}: redacted in the history; capture it again, as raw HTTP`];
  if (/(?:^|\s)eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(text))
    return [`${place}: a JSON Web Token that this secret did not sign`];
  if (slots.some((slot) => JSON.stringify(slot.at) === JSON.stringify(at)) || rank !== 0) return [];
  if (/^Basic /i.test(text)) return [`${place}: a user name and password, not this secret`];
  const odd = [...text.matchAll(/[A-Za-z0-9+/_-]{20,}={0,2}/g)].map(([one]) => one);
  const bare = odd.find((one) => /[+/]/.test(one) && !one.endsWith('=') && decodings(one).length === 0);
  if (bare !== undefined) return [`${place}: base64 without its padding, which is not supported`];
  if (odd.length === 0 && !/sig|hmac|token|secret|auth/i.test(name)) return [];
  return odd.length === 0 ? [] : [`${place}: a token or a signature of ${odd[0]?.length} characters, not this secret`];
}

/** How the secret was read as a key: `text, base64, text after a prefix`. Of the secret itself nothing is told. */
export const describeKeys = (secret: string): string[] => [
  ...new Set(
    listKeys(secret).map(({ form: { encoding = 'utf8', prefix } = {} }: { form?: Partial<KeyForm> }) => {
      const name = encoding === 'utf8' ? 'text' : encoding;
      return prefix === undefined ? name : `${name} after a prefix`;
    }),
  ),
];
