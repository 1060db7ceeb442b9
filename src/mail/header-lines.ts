import { decodeEncodedWords } from './encoded-words.ts';

/** One header of a mail. */
export interface HeaderLine {
  /** As the file spells it. */
  name: string;
  /** Unfolded, encoded words untouched: what address lists must be split from. */
  raw: string;
  /** Unfolded and decoded. */
  value: string;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder('windows-1252');

/** Makes headers of the lines mailparser found: one character per byte, folding still inside. */
export function readHeaderLines(lines: readonly { line: string }[]): HeaderLine[] {
  const headers: HeaderLine[] = [];
  for (const { line } of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const raw = decodeBytes(line.slice(colon + 1))
      .replace(/\r?\n/g, '')
      .trim();
    headers.push({ name: line.slice(0, colon).trim(), raw, value: decodeEncodedWords(raw) });
  }
  return headers;
}

/** The values of every header of that name (lower case), topmost first. */
export function findHeaders(headers: readonly HeaderLine[], name: string): HeaderLine[] {
  return headers.filter((header) => header.name.toLowerCase() === name);
}

/** RFC 6532 allows raw UTF-8 in headers; what is not UTF-8 is taken for Latin-1, as mail programs do. */
function decodeBytes(binary: string): string {
  const bytes = Buffer.from(binary, 'latin1');
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}
