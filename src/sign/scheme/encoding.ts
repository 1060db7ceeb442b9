import type { Encoding } from '../../model/signature.ts';

/** Writes bytes by a chain of encodings; without any, as the UTF-8 text that they are. */
export function encodeValue(bytes: Uint8Array, chain: readonly Encoding[]): string {
  let text = toText(bytes, chain[0]);
  for (const encoding of chain.slice(1)) text = toText(Buffer.from(text, 'utf8'), encoding);
  return text;
}

function toText(bytes: Uint8Array, encoding: Encoding | undefined): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (encoding === undefined) return buffer.toString('utf8');
  if (encoding === 'percent') return encodeURIComponent(buffer.toString('utf8'));
  return encoding === 'HEX' ? buffer.toString('hex').toUpperCase() : buffer.toString(encoding);
}

/** The bytes that a text was made of; null where the chain writes no bytes so: what has two spellings is none. */
export function decodeValue(text: string, chain: readonly Encoding[]): Buffer | null {
  let bytes = Buffer.from(text, 'utf8');
  for (const encoding of chain.toReversed()) {
    const decoded = fromText(bytes.toString('utf8'), encoding);
    if (decoded === null) return null;
    bytes = decoded;
  }
  return encodeValue(bytes, chain) === text ? bytes : null;
}

function fromText(text: string, encoding: Encoding): Buffer<ArrayBuffer> | null {
  if (encoding !== 'percent') return Buffer.from(text, encoding === 'HEX' ? 'hex' : encoding);
  try {
    return Buffer.from(decodeURIComponent(text), 'utf8');
  } catch {
    return null;
  }
}

const NAMES: Readonly<Record<Encoding, string>> = {
  hex: 'lower-case hex',
  HEX: 'upper-case hex',
  base64: 'base64',
  base64url: 'base64url',
  percent: 'percent-encoding',
};

/** `lower-case hex`, `base64, then percent-encoding`; empty without any. */
export const describeEncoding = (chain: readonly Encoding[]): string => chain.map((one) => NAMES[one]).join(', then ');
