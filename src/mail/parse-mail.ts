import { parseAddressHeader } from 'mailparser';
import { AppError } from '../model/error.ts';
import type { Mailbox, Message } from '../model/message.ts';
import { findHeaders, decodeHeaderLines, type HeaderLine } from './header-lines.ts';
import { readParts } from './read-parts.ts';
import { readAuthenticationResults, readSenderIp } from './trace-headers.ts';

/**
 * Reads one mail (RFC 5322 and MIME, CRLF or LF), whole or as a stream, which needs less memory.
 * Adds nothing of its own: no text made from HTML, no guess at a missing address or type. Ids keep
 * their angle brackets. Text without any characters is null.
 * Loads mailparser, so import this module only where a mail is read.
 * Throws AppError('input') when the bytes are empty, binary, without headers, or beyond the limits
 * of `readParts`, and whatever a stream throws.
 */
export async function parseMail(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<Message> {
  const chunks = source instanceof Uint8Array ? sliceBytes(source) : source;
  const { headerLines, texts, htmls, attachments } = await readParts(checkReadable(chunks));
  const headers = decodeHeaderLines(headerLines);
  const first = (name: string): string | undefined => findHeaders(headers, name)[0]?.value;
  return {
    headers: headers.map(({ name, value }) => [name, value]),
    messageId: readId(first('message-id')),
    inReplyTo: readId(first('in-reply-to')),
    // A bounce may come `From: MAILER-DAEMON`, a name without address: better than nobody.
    from: readMailboxes(findHeaders(headers, 'from')),
    to: readMailboxes(findHeaders(headers, 'to')).filter((mailbox) => mailbox.address !== ''),
    bcc: readMailboxes(findHeaders(headers, 'bcc')).filter((mailbox) => mailbox.address !== ''),
    subject: first('subject') ?? null,
    text: texts.join('\n') || null,
    html: htmls.join('\n') || null,
    auth: readAuthenticationResults(first('authentication-results')),
    senderIp: readSenderIp(first('received')),
    attachments,
  };
}

/** Cuts small slices, so that the parser's queues hold little of a large mail at any time. */
function* sliceBytes(bytes: Uint8Array): Generator<Uint8Array> {
  const size = 64 * 1024;
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** The first `<id>`; a header without brackets gives its first word. */
function readId(value: string | undefined): string | null {
  return /<[^<>]*>/.exec(value ?? '')?.[0] ?? /\S+/.exec(value ?? '')?.[0] ?? null;
}

/** Groups give their members; an address stays as written, not turned from punycode. */
function readMailboxes(headers: readonly HeaderLine[]): Mailbox[] {
  return parseAddressHeader(
    headers.map((header) => header.raw),
    { flatten: true, decodePunycode: false },
  )
    .value.map(({ address = '', name }) => (name === '' ? { address } : { address, name }))
    .filter((mailbox) => mailbox.address !== '' || mailbox.name !== undefined);
}

/** Mail programs keep headers far below this: later bytes do not decide whether it is a mail. */
const INSPECTED_BYTES = 64 * 1024;
const HEADER_LINE = /^[A-Za-z0-9][\w.-]*[ \t]*:/m;
const HINT =
  'give the raw source of one message: save it as .eml ("show original"), not as .msg, .pdf or a mailbox archive';

/**
 * Passes a mail on without the byte-order mark and the empty lines that some programs write before it
 * when saving. Throws AppError('input') when it cannot be a mail: nothing there, binary, no header.
 */
async function* checkReadable(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const opening: Uint8Array[] = [];
  let held = 0;
  let checked = false;
  for await (const chunk of source) {
    if (checked) {
      yield chunk;
      continue;
    }
    opening.push(chunk);
    held += chunk.length;
    if (held < INSPECTED_BYTES) continue;
    checked = true;
    yield checkOpening(Buffer.concat(opening));
  }
  if (!checked) yield checkOpening(Buffer.concat(opening));
}

function checkOpening(bytes: Buffer): Buffer {
  if (bytes.length === 0) throw new AppError('input', 'the mail is empty (0 bytes)', { hint: HINT });
  const mail = bytes.subarray(findStart(bytes));
  const [head = ''] = mail.toString('latin1').split(/\r?\n\r?\n/, 1);
  if (head.includes('\0')) throw new AppError('input', 'this is a binary file, not a mail', { hint: HINT });
  if (!HEADER_LINE.test(head)) {
    throw new AppError('input', 'this is not a mail: it has no header line such as "From: …"', { hint: HINT });
  }
  return mail;
}

function findStart(bytes: Buffer): number {
  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[start] === 0x0a || bytes[start] === 0x0d) start += 1;
  return start;
}
