import { parseAddressHeader } from 'mailparser';
import type { Mailbox, Message } from '../model/message.ts';
import { decodeHeaderLines, encodeWordsAnew, findHeaders, type HeaderLine } from './header-lines.ts';
import { openMail } from './open-mail.ts';
import { readParts } from './read-parts.ts';
import { readAuthenticationResults, readSenderIp, tokenizeHeader } from './trace-headers.ts';

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
  const opened: string[] = [];
  const { headerLines, texts, htmls, attachments, notes } = await readParts(openMail(chunks, opened));
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
    notes: [...opened, ...notes],
  };
}

/** Cuts small slices, so that the parser's queues hold little of a large mail at any time. */
function* sliceBytes(bytes: Uint8Array): Generator<Uint8Array> {
  const size = 64 * 1024;
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/**
 * The first `<id>`; without brackets a value of one word is one. `Your message of "Mon"` and `<>` name none, and what
 * is quoted is somebody's name.
 */
function readId(value: string | undefined): string | null {
  const withoutComments = tokenizeHeader(value ?? '')
    .filter(({ kind }) => kind !== 'comment')
    .map(({ kind, value: text }) => (kind === 'quoted' ? `"${text.replace(/[<>]/g, '')}"` : text))
    .join('');
  const [inBrackets] = [...withoutComments.matchAll(/<([^<>]*)>/g)].find(([, id = '']) => id.trim() !== '') ?? [];
  return inBrackets ?? /^\s*([^\s<>"]+)\s*$/.exec(withoutComments)?.[1] ?? null;
}

/** Groups give their members, and a blank name is none; an address stays as written, not turned from punycode. */
function readMailboxes(headers: readonly HeaderLine[]): Mailbox[] {
  return parseAddressHeader(
    headers.map(({ binary }) => encodeWordsAnew(binary)),
    { flatten: true, decodePunycode: false },
  )
    .value.map(({ address = '', name }) => (name.trim() === '' ? { address } : { address, name }))
    .filter((mailbox) => mailbox.address !== '' || mailbox.name !== undefined);
}
