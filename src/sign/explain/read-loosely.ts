/** A digest as it stands in a header, however it was written. */
export interface LooseDigest {
  bytes: Uint8Array;
  encoding: 'hex' | 'upper-case hex' | 'base64';
}

/** What can be made out in a signature header, whatever its format. */
export interface LooseSignature {
  /** Each once, however often it stands there. */
  digests: readonly LooseDigest[];
  /** How often a digest stands there, the same one again counted again. */
  digestCount: number;
  /** Runs of digits that may be a time, in the order they stand. */
  timestamps: readonly string[];
}

/** Signature headers are around 100 characters; one of megabytes is not worth taking apart. */
const MAX_CHARACTERS = 4096;
const MAX_DIGESTS = 4;
/** MD5, SHA-1, SHA-256, SHA-384, SHA-512. */
const DIGEST_BYTES = new Set([16, 20, 32, 48, 64]);

/** Finds digests and times in headers of any format: `t=1,v1=ab…`, `sha256=ab…`, `v1,uJ…=`, `ab…, ab…`. */
export function readLoosely(values: readonly string[]): LooseSignature {
  const words = values
    .join(',')
    .slice(0, MAX_CHARACTERS)
    .split(/[,;\s]+/);
  const candidates = words
    .flatMap((word) => [word, withoutKey(word)])
    .map(withoutQuotes)
    .filter((word, index, all) => word !== '' && all.indexOf(word) === index);
  const digests = candidates.map(decodeDigest).filter((digest) => digest !== null);
  return {
    digests: digests.slice(0, MAX_DIGESTS),
    digestCount: words.filter((word) => decodeDigest(withoutQuotes(withoutKey(word))) !== null).length,
    timestamps: candidates.filter((word) => /^\d{9,16}$/.test(word)).slice(0, MAX_DIGESTS),
  };
}

const withoutKey = (word: string): string => word.replace(/^[A-Za-z][\w-]{0,19}[=:]/, '');
const withoutQuotes = (word: string): string => word.replace(/^["']|["']$/g, '');

function decodeDigest(word: string): LooseDigest | null {
  if (/^(?:[0-9a-f]{2})+$/i.test(word) && DIGEST_BYTES.has(word.length / 2)) {
    return { bytes: Buffer.from(word, 'hex'), encoding: /[A-F]/.test(word) ? 'upper-case hex' : 'hex' };
  }
  if (!/^[A-Za-z0-9+/_-]{22,88}={0,2}$/.test(word)) return null;
  const bytes = Buffer.from(word, 'base64');
  const isWhole =
    bytes.toString('base64').replace(/=+$/, '') === word.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/');
  return isWhole && DIGEST_BYTES.has(bytes.length) ? { bytes, encoding: 'base64' } : null;
}
