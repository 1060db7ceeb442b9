import { decodePercent } from '../../model/http-url.ts';
import type { SignatureAlgorithm } from '../../model/signature.ts';
import { DIGEST_BYTES } from '../scheme/compute.ts';
import { isPublicKey } from '../scheme/sign-bytes.ts';

/** A digest as it stands in a request, however it was written. */
export interface LooseDigest {
  bytes: Uint8Array;
  /** Without key, quotes and what stands around it. */
  text: string;
  encoding: LooseEncoding;
}

export type LooseEncoding =
  | 'hex'
  | 'upper-case hex'
  | 'base64'
  | 'base64 without padding'
  | 'base64url'
  | 'base64 of hex'
  | 'percent-encoded base64';

/** What can be made out in a signature, whatever its format. */
export interface LooseSignature {
  /** Each once, however often it stands there. */
  digests: readonly LooseDigest[];
  /** How often a digest stands there, the same one again counted again. */
  digestCount: number;
  /** What may be a time, in the order they stand. */
  timestamps: readonly string[];
}

/** Signature headers are around 100 characters; one of megabytes is not worth taking apart. */
const MAX_CHARACTERS = 4096;
const MAX_DIGESTS = 8;
const MAX_TIMESTAMPS = 4;
const DIGEST_LENGTHS: ReadonlySet<number> = new Set(Object.values(DIGEST_BYTES));
/** Ed25519 has 64 bytes, ECDSA of P-256 up to 72, RSA of 4096 bits 512. */
const isOfPublicKey = (length: number): boolean => length >= 60 && length <= 1024;
const isOfDigest = (length: number): boolean => DIGEST_LENGTHS.has(length);

/** Seconds, milliseconds or ISO 8601. */
export const TIME_TEXT = /^(?:\d{9,16}|\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:\d\d))$/;

/** Finds digests and times in texts of any format: `t=1,v1=ab…`, `sha256=ab…`, `v1,uJ…=`, `1.ab…`, `ab…, ab…`. */
export function readLoosely(values: readonly string[], algorithm: SignatureAlgorithm = 'hmac-sha256'): LooseSignature {
  const isLong = isPublicKey(algorithm) ? isOfPublicKey : isOfDigest;
  const words = values
    .join(',')
    .slice(0, MAX_CHARACTERS)
    .split(/[,;\s]+/);
  const candidates = words
    .flatMap((word) => [word, withoutKey(word), ...word.split(/[.:|]/)])
    .map(withoutQuotes)
    .filter((word, index, all) => word !== '' && all.indexOf(word) === index);
  const decode = (word: string): LooseDigest[] => decodeDigest(word, isLong);
  return {
    digests: candidates.flatMap(decode).slice(0, MAX_DIGESTS),
    digestCount: words.filter((word) => decode(withoutQuotes(withoutKey(word))).length > 0).length,
    timestamps: candidates.filter((word) => TIME_TEXT.test(word)).slice(0, MAX_TIMESTAMPS),
  };
}

const withoutKey = (word: string): string => word.replace(/^[A-Za-z][\w-]{0,19}[=:]/, '');
const withoutQuotes = (word: string): string => word.replace(/^["']|["']$/g, '');

function decodeDigest(text: string, isLong: (length: number) => boolean): LooseDigest[] {
  if (text.includes('%')) return decodePercentEncoded(text, isLong);
  if (/^(?:[0-9a-f]{2})+$/i.test(text) && isLong(text.length / 2))
    return [{ bytes: Buffer.from(text, 'hex'), text, encoding: /[A-F]/.test(text) ? 'upper-case hex' : 'hex' }];
  if (!/^[A-Za-z0-9+/_-]{22,1400}={0,2}$/.test(text)) return [];
  const bytes = Buffer.from(text, 'base64');
  const bare = text.replace(/=+$/, '');
  if (bytes.toString('base64url') !== bare.replaceAll('+', '-').replaceAll('/', '_')) return [];
  return [
    ...(isLong(bytes.length) ? [{ bytes, text, encoding: base64Kind(text, bytes) }] : []),
    ...decodeHex(bytes.toString('latin1'), isLong).map((inner) => ({
      bytes: inner,
      text,
      encoding: 'base64 of hex' as const,
    })),
  ];
}

function base64Kind(text: string, bytes: Buffer): LooseEncoding {
  if (/[-_]/.test(text)) return 'base64url';
  return bytes.toString('base64') === text ? 'base64' : 'base64 without padding';
}

const decodeHex = (text: string, isLong: (length: number) => boolean): Buffer[] =>
  /^(?:[0-9a-f]{2})+$/i.test(text) && isLong(text.length / 2) ? [Buffer.from(text, 'hex')] : [];

function decodePercentEncoded(text: string, isLong: (length: number) => boolean): LooseDigest[] {
  const inner = decodePercent(text);
  if (inner.includes('%')) return [];
  return decodeDigest(inner, isLong).map(({ bytes }) => ({ bytes, text, encoding: 'percent-encoded base64' }));
}
