import { findCharset, guessCharset, type Charset } from './charsets.ts';

/** One header of a mail. */
export interface HeaderLine {
  /** As the file spells it. */
  name: string;
  /** Unfolded, one character per byte. */
  binary: string;
  /** Unfolded and decoded. */
  value: string;
}

/** Takes apart the header lines that mailparser found: one character per byte, still folded. */
export function decodeHeaderLines(lines: readonly { line: string }[]): HeaderLine[] {
  return lines.flatMap(({ line }) => {
    const colon = line.indexOf(':');
    // RFC 5322 §2.2: a name is printable and holds no space, unlike `>From alice Tue, 13:00` of an archive.
    const [, name] = /^([!-9;-~]+)[ \t]*$/.exec(line.slice(0, Math.max(colon, 0))) ?? [];
    if (name === undefined) return [];
    const binary = trimBlanks(line.slice(colon + 1).replace(/[\r\n]/g, ''));
    return [{ name, binary, value: decodeHeader(binary) }];
  });
}

/** Spaces and tabs alone: among bytes, what JavaScript calls a space may be the end of a character. */
export function trimBlanks(binary: string): string {
  const isBlank = (at: number): boolean => binary[at] === ' ' || binary[at] === '\t';
  let [start, end] = [0, binary.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return binary.slice(start, end);
}

/** The values of every header of that name (lower case), topmost first. */
export function findHeaders(headers: readonly HeaderLine[], name: string): HeaderLine[] {
  return headers.filter((header) => header.name.toLowerCase() === name);
}

/** Decodes RFC 2047 encoded words, and raw bytes between them. A word in a charset that nobody knows stays as it is. */
export function decodeHeader(binary: string): string {
  return mapHeader(binary, (text) => text);
}

/**
 * The value with raw bytes decoded and every encoded word written anew in UTF-8: what mailparser splits addresses from.
 * It would decode the words by a list of labels of its own, and cut a name at the comma that a word contains.
 */
export function encodeWordsAnew(binary: string): string {
  return mapHeader(binary, (text) => `=?utf-8?B?${Buffer.from(text, 'utf8').toString('base64')}?=`);
}

const WORD = String.raw`=\?[^?\s]+\?[bq]\?[^?]*\?=`;
const WORD_RUN = new RegExp(String.raw`(${WORD}(?:[ \t]*${WORD})*)`, 'i');
const WORD_PARTS = /=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi;

function mapHeader(binary: string, mapWords: (decoded: string) => string): string {
  // Every second piece is a run of words.
  const pieces = binary.split(WORD_RUN);
  const charset = guessCharset(Buffer.from(pieces.filter((_piece, at) => at % 2 === 0).join(''), 'latin1'));
  return pieces
    .map((piece, at) => (at % 2 === 1 ? mapWords(decodeWords(piece)) : charset.decode(Buffer.from(piece, 'latin1'))))
    .join('');
}

interface EncodedRun {
  /** Null for one that nobody knows. */
  charset: Charset | null;
  label: string;
  raw: string;
  bytes: Buffer[];
}

function decodeWords(run: string): string {
  const words: EncodedRun[] = [];
  for (const [raw, given = '', encoding = '', payload = ''] of run.matchAll(WORD_PARTS)) {
    // RFC 2231, section 5: a language may follow the charset, as in `utf-8*en`.
    const label = given.replace(/\*.*$/, '').toLowerCase();
    const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(payload, 'base64') : decodeQ(payload);
    const last = words.at(-1);
    const charset = last?.label === label ? last.charset : findCharset(label);
    // Many senders cut a word in the middle of a character, so bytes are joined before decoding.
    if (last !== undefined && last.charset?.name === charset?.name) {
      last.bytes.push(bytes);
      last.raw += ` ${raw}`;
    } else {
      words.push({ charset, label, raw, bytes: [bytes] });
    }
  }
  return words.map(({ charset, raw, bytes }) => charset?.decode(Buffer.concat(bytes)) ?? decodeRaw(raw)).join('');
}

function decodeRaw(binary: string): string {
  const bytes = Buffer.from(binary, 'latin1');
  return guessCharset(bytes).decode(bytes);
}

function decodeQ(payload: string): Buffer {
  const binary = payload
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(binary, 'latin1');
}
