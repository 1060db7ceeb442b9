/**
 * mailparser decodes encoded words in names, subjects and filenames, but hands every other header
 * over raw and exports no decoder; the payload of Mail-Plus carries them all.
 */
const WORD = String.raw`=\?[^?\s]+\?[bq]\?[^?]*\?=`;
const WORD_RUN = new RegExp(String.raw`${WORD}(?:\s+${WORD})*`, 'gi');
const WORD_PARTS = /=\?([^?\s]+)\?([bq])\?([^?]*)\?=/gi;

interface EncodedRun {
  charset: string;
  raw: string;
  bytes: Buffer[];
}

/** Replaces RFC 2047 encoded words by what they say. A word in an unknown charset stays as it is. */
export function decodeEncodedWords(text: string): string {
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
  const latin1 = payload
    .replaceAll('_', ' ')
    .replace(/=([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin1, 'latin1');
}

function decodeCharset({ charset, raw, bytes }: EncodedRun): string {
  try {
    return new TextDecoder(charset).decode(Buffer.concat(bytes));
  } catch {
    return raw;
  }
}
