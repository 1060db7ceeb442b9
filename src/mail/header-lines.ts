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

/** Decodes the header lines mailparser found: one character per byte, still folded. */
export function decodeHeaderLines(lines: readonly { line: string }[]): HeaderLine[] {
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

/** RFC 6532 allows raw UTF-8 in headers; anything else is read as Latin-1, as mail programs do. */
function decodeBytes(binary: string): string {
  const bytes = Buffer.from(binary, 'latin1');
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

/**
 * mailparser decodes encoded words in names, subjects and filenames, but hands every other header
 * over raw and exports no decoder, and the payload of Mail-Plus carries them all.
 */
const WORD = String.raw`=\?[^?\s]+\?[bq]\?[^?]*\?=`;
const WORD_RUN = new RegExp(String.raw`${WORD}(?:\s+${WORD})*`, 'gi');
const WORD_PARTS = /=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi;

interface EncodedRun {
  charset: string;
  raw: string;
  bytes: Buffer[];
}

/** Decodes RFC 2047 encoded words. A word in an unknown charset stays as it is. */
function decodeEncodedWords(text: string): string {
  return text.replace(WORD_RUN, (run) => {
    const decoded: EncodedRun[] = [];
    for (const [raw, label = '', encoding = '', payload = ''] of run.matchAll(WORD_PARTS)) {
      // RFC 2231, section 5: a language may follow the charset, as in `utf-8*en`.
      const charset = label.replace(/\*.*$/, '').toLowerCase();
      const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(payload, 'base64') : decodeQ(payload);
      const last = decoded.at(-1);
      // Many senders cut a word in the middle of a character, so bytes are joined before decoding.
      if (last?.charset === charset) {
        last.bytes.push(bytes);
        last.raw += ` ${raw}`;
      } else {
        decoded.push({ charset, raw, bytes: [bytes] });
      }
    }
    return decoded.map((word) => decodeCharset(word)).join('');
  });
}

function decodeQ(payload: string): Buffer {
  const binary = payload
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(binary, 'latin1');
}

function decodeCharset({ charset, raw, bytes }: EncodedRun): string {
  try {
    return new TextDecoder(charset).decode(Buffer.concat(bytes));
  } catch {
    return raw;
  }
}
