import type { Encoding, RequestPlace, SeveralSignatures, Signature, SignatureTime } from '../../model/signature.ts';
import { decodeValue } from '../scheme/encoding.ts';
import { parseSignature, partSeparator } from '../scheme/signature-text.ts';
import type { Carrier } from './carriers.ts';
import { ISO_TIME, timeUnitOfText } from './learn-subject.ts';

/** A value that may be a signature, and how it stands in its text. */
export interface SignatureSlot {
  at: RequestPlace;
  rank: Carrier['rank'];
  format: string;
  several?: SeveralSignatures;
  encoding: readonly Encoding[];
  /** The time beside it, in the same text. */
  time: { unit: SignatureTime['unit']; text: string } | null;
  /** One that is taken only where no other fits. */
  isUnlikely: boolean;
  bytes: Buffer;
}

const MAX_TOKENS = 48;
const MAX_TEXT = 4096;

/** Every way to read a signature of one of these lengths out of the text. */
export function listSlots(carrier: Carrier, isLength: (bytes: number) => boolean): SignatureSlot[] {
  if (carrier.text.length > MAX_TEXT) return [];
  return listTokens(carrier.text).flatMap((token) =>
    decodings(token.text)
      .filter(({ bytes }) => isLength(bytes.length))
      .flatMap(({ chain, bytes, isUnlikely }) => {
        const shapes = shapesOf(carrier.text, token);
        return shapes.map((shape) => ({
          ...shape,
          at: carrier.at,
          rank: carrier.rank,
          encoding: chain,
          bytes,
          isUnlikely,
        }));
      }),
  );
}

interface Token {
  text: string;
  start: number;
  end: number;
}

/** Runs of the letters that encodings use, and the hex behind the last sign within them: `sha256-3d79…`. */
function listTokens(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[A-Za-z0-9+/_%-]{16,}={0,2}/g)) {
    const [run] = match;
    tokens.push({ text: run, start: match.index, end: match.index + run.length });
    const hex = /(?<=[-_/+])(?:[\da-f]{32,}|[\dA-F]{32,})$/.exec(run);
    if (hex) tokens.push({ text: hex[0], start: match.index + hex.index, end: match.index + run.length });
    // base64url with its padding: the grammar writes it without, and the sign behind it is part of the format.
    const bare = run.replace(/=+$/, '');
    if (bare !== run) tokens.push({ text: bare, start: match.index, end: match.index + bare.length });
    if (tokens.length > MAX_TOKENS) break;
  }
  return tokens;
}

interface Decoding {
  chain: readonly Encoding[];
  bytes: Buffer;
  isUnlikely: boolean;
}

const SINGLE: readonly Encoding[] = ['hex', 'HEX', 'base64', 'base64url'];

/** The chains of encodings that write exactly this text. */
export function decodings(text: string, depth = 0): Decoding[] {
  const found: Decoding[] = [];
  for (const encoding of text.includes('%') ? (['percent'] as const) : SINGLE) {
    if (encoding === 'HEX' && !/[A-F]/.test(text)) continue;
    // So many digits of hex are no other encoding, except by a chance that never comes.
    if (encoding.startsWith('base64') && /^(?:[\da-f]{32,}|[\dA-F]{32,})$/.test(text)) continue;
    const bytes = decodeValue(text, [encoding]);
    if (bytes === null || bytes.length === 0) continue;
    const isUnlikely = encoding === 'base64url' && !/[-_]/.test(text);
    if (encoding !== 'percent') found.push({ chain: [encoding], bytes, isUnlikely });
    const inner = bytes.toString('utf8');
    if (depth < 2 && /^[A-Za-z0-9+/_=%-]{22,}$/.test(inner))
      for (const one of decodings(inner, depth + 1)) found.push({ ...one, chain: [...one.chain, encoding] });
  }
  return found;
}

type SlotShape = Pick<SignatureSlot, 'format' | 'several' | 'time'>;

/** The text as a format with the token as `{v}`, in several ways; likeliest first, each read back as receivers do. */
function shapesOf(text: string, token: Token): SlotShape[] {
  const shapes = [
    ...partShapes(text, token),
    ...listShapes(text, token),
    ...tailShapes(text, token),
    templateShape(text, token),
  ];
  return shapes.filter((shape) => {
    const parsed = parseSignature(shape as SlotShape & Signature, text);
    return (
      'values' in parsed &&
      parsed.values.includes(token.text) &&
      (parsed.timestamp ?? null) === (shape.time?.text ?? null)
    );
  });
}

/** `t=…,v1=…`: parts with names. What varies from request to request is left out of the format. */
function partShapes(text: string, token: Token): SlotShape[] {
  const separator = /^[^=]+=[^,;]*(;\s*|,\s*)/.exec(text)?.[1] ?? (text.includes('=') ? ',' : '');
  const sign = separator.trim();
  if (sign === '' || partSeparator(`${text}${sign}x=`) !== sign) return [];
  const parts = splitParts(text, sign);
  const own = parts.find(({ value }) => value === token.text);
  if (own === undefined || parts.length < 2) return [];
  const timePart = findTimePart(parts.filter((part) => part !== own));
  const repeats = parts.filter(({ name }) => name === own.name).length > 1;
  const several: SeveralSignatures | undefined = repeats ? { repeat: 'part', separator } : undefined;
  const write = (kept: typeof parts): string =>
    kept
      .map((part) =>
        part === own ? `${part.name}={v}` : part === timePart ? `${part.name}={t}` : `${part.name}=${part.value}`,
      )
      .join(separator);
  const isFixed = ({ name, value }: (typeof parts)[0]): boolean =>
    name !== own.name && /^[\w./ -]{0,20}$/.test(value) && !/\d{6}|[\da-f]{16}/i.test(value);
  const time = timePart === undefined ? null : { unit: timePart.unit, text: timePart.value };
  const kept = parts.filter((part) => part === own || part === timePart || isFixed(part));
  const bare = parts.filter((part) => part === own || part === timePart);
  return [...new Set([write(kept), write(bare)])].map((format) => ({ format, several, time }));
}

interface NamedPart {
  name: string;
  value: string;
}

function splitParts(text: string, sign: string): NamedPart[] {
  return text.split(sign).map((part) => {
    const at = part.indexOf('=');
    return { name: part.slice(0, at).trim(), value: part.slice(at + 1).trim() };
  });
}

function findTimePart<T extends NamedPart>(parts: readonly T[]): (T & { unit: SignatureTime['unit'] }) | undefined {
  const times = parts.flatMap((part) => {
    const unit = timeUnitOfText(part.value);
    return unit === null ? [] : [Object.assign(part, { unit })];
  });
  return times.find(({ name }) => /^t|time|ts|date|created/i.test(name)) ?? times[0];
}

/** `v1,… v1,…`: the same form again and again, while a secret is being replaced. */
function listShapes(text: string, token: Token): SlotShape[] {
  return [' ', ', ', ',', ';'].flatMap((separator) => {
    const items = text.split(separator);
    if (items.length < 2 || text.includes(`${separator}${separator}`)) return [];
    let start = 0;
    for (const item of items) {
      const end = start + item.length;
      if (token.start >= start && token.end <= end) {
        const shape = templateShape(item, { ...token, start: token.start - start, end: token.end - start });
        return isLikeOthers(items, item, token.text.length)
          ? [{ ...shape, several: { repeat: 'all', separator } }]
          : [];
      }
      start = end + separator.length;
    }
    return [];
  });
}

/** `time,value,value`: behind the rest of the format the same form again. */
function tailShapes(text: string, token: Token): SlotShape[] {
  return [',', ';', ' ', '|'].flatMap((separator) => {
    const items = text.split(separator);
    const first = items.findIndex((item) => item.length === token.text.length);
    const values = items.slice(first);
    if (first < 1 || values.length < 2 || !values.includes(token.text)) return [];
    if (values.some((item) => item.length !== token.text.length)) return [];
    const before = `${items.slice(0, first).join(separator)}${separator}`;
    const whole = { text: token.text, start: before.length, end: before.length + token.text.length };
    return [{ ...templateShape(before + token.text, whole), several: { repeat: 'part' as const, separator } }];
  });
}

/** Others of the same length, or each with the name of its scheme before it. */
function isLikeOthers(items: readonly string[], item: string, valueLength: number): boolean {
  if (items.every((one) => /^[\w-]{1,12}[,=:]\S{16,}$/.test(one))) return true;
  return item.length >= valueLength && items.every((one) => one.length === item.length);
}

/** The text with `{v}` for the token and `{t}` for a time beside it. */
function templateShape(text: string, token: Token): SlotShape {
  const pieces = [text.slice(0, token.start), text.slice(token.end)] as const;
  for (const [index, piece] of pieces.entries()) {
    const found = new RegExp(`(?<![\\w-])(?:${ISO_TIME.source}|\\d{12,13}|\\d{10})(?![\\w-])`).exec(piece);
    const unit = found === null ? null : timeUnitOfText(found[0]);
    if (found === null || unit === null) continue;
    const timed = `${piece.slice(0, found.index)}{t}${piece.slice(found.index + found[0].length)}`;
    const format = index === 0 ? `${timed}{v}${pieces[1]}` : `${pieces[0]}{v}${timed}`;
    return { format, time: { unit, text: found[0] } };
  }
  return { format: `${pieces[0]}{v}${pieces[1]}`, time: null };
}
