import type { Mailbox } from '../model/message.ts';
import { parseMail } from './parse-mail.ts';

const LF = 0x0a;
/** CR, and the byte-order mark that some programs put in front: a line of nothing else is empty. */
const NOT_CONTENT = new Set([0x0d, 0xef, 0xbb, 0xbf]);
/** As much as `parseMail` takes; it refuses more. */
const MAX_HEAD_BYTES = 1024 * 1024;

/**
 * Reads the mailboxes in a mail's To headers, each address once. Stops at the empty line after the headers and closes
 * the stream, so that a large mail is not read twice. Throws what `parseMail` throws.
 */
export async function readRecipients(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<Mailbox[]> {
  const { to } = await parseMail(await readHead(source));
  const byAddress = new Map<string, Mailbox>();
  for (const mailbox of to) {
    const key = mailbox.address.toLowerCase();
    if (!byAddress.has(key)) byAddress.set(key, mailbox);
  }
  return [...byAddress.values()];
}

async function readHead(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const findEnd = makeEndFinder();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop closes a stream.
  for await (const chunk of source instanceof Uint8Array ? [source.subarray(0, MAX_HEAD_BYTES + 1)] : source) {
    const end = findEnd(chunk);
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
    length += chunk.length;
    if (end !== -1 || length > MAX_HEAD_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/** Finds where the head ends in each chunk: after the first empty line that follows a line with content; else -1. */
function makeEndFinder(): (chunk: Uint8Array) => number {
  let lineIsEmpty = true;
  let hasBegun = false;
  return (chunk) => {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (byte === LF) {
        if (lineIsEmpty && hasBegun) return at + 1;
        lineIsEmpty = true;
      } else if (!NOT_CONTENT.has(byte)) {
        lineIsEmpty = false;
        hasBegun = true;
      }
    }
    return -1;
  };
}
