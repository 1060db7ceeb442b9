import { pipeline } from 'node:stream/promises';
import { MailParser, type AttachmentStream, type MessageText } from 'mailparser';
import { AppError } from '../model/error.ts';
import type { MailAttachment } from '../model/message.ts';
import { readBytes } from './read-bytes.ts';
import { readText, type TextParameters } from './read-text.ts';

/** A mail taken apart, transfer encodings and charsets undone. */
export interface MailParts {
  /** The message's own headers, raw: one character per byte. */
  headerLines: readonly { line: string }[];
  /** The inline text/plain parts, in file order. */
  texts: string[];
  /** The inline text/html parts, in file order. */
  htmls: string[];
  attachments: MailAttachment[];
}

const MAX_HEADER_BYTES = 1024 * 1024;
const MAX_PARTS = 1000;

/**
 * Takes a mail apart while it comes in. Throws AppError('input') for more than 1000 MIME parts or
 * 1 MiB of headers in one part, and whatever `source` throws.
 */
export async function readParts(source: AsyncIterable<Uint8Array>): Promise<MailParts> {
  const parser = makeParser();
  const parts: MailParts = { headerLines: [], texts: [], htmls: [], attachments: [] };
  let sourceFailed = false;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* source;
    } catch (error) {
      sourceFailed = true;
      throw error;
    }
  };
  try {
    await Promise.all([pipeline(watched, parser), collectParts(parser, parts)]);
  } catch (cause) {
    if (sourceFailed) throw cause;
    throw new AppError('input', `the mail cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: `at most ${MAX_PARTS} MIME parts, and 1 MiB of headers in each, are read`,
      cause,
    });
  }
  return { ...parts, headerLines: parser.headerLines || [] };
}

function makeParser(): MailParser {
  const parser = new MailParser({
    // A forwarded message or a delivery report is an attachment; mailparser would otherwise write
    // its headers into the text.
    ignoreEmbedded: true,
    checksumAlgo: false,
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
    maxHeadSize: MAX_HEADER_BYTES,
    maxChildNodes: MAX_PARTS,
  });
  // With no type counted as text (a field mailparser 3.14 does not publish), text parts come as
  // streams too: its own way keeps a text four times over in memory, and joins parts with line
  // breaks and `<br/>` that the mail does not have.
  Object.assign(parser, { textTypes: [] });
  // The pipeline takes the first error; mailparser may emit more, which must not end the process.
  parser.on('error', () => undefined);
  return parser;
}

async function collectParts(parser: MailParser, parts: MailParts): Promise<void> {
  for await (const part of parser as AsyncIterable<AttachmentStream | MessageText>) {
    if (part.type !== 'attachment') continue;
    const content = part.content as AsyncIterable<Buffer>;
    const { type, parameters } = readContentType(part);
    const isInline = part.contentDisposition === undefined || part.contentDisposition === 'inline';
    if (isInline && type === 'text/plain') parts.texts.push(await readText(content, parameters));
    else if (isInline && type === 'text/html') parts.htmls.push(await readText(content, parameters));
    else
      parts.attachments.push({ filename: part.filename ?? null, contentType: type, content: await readBytes(content) });
    // Only now does the parser go on to the next part.
    part.release?.();
  }
}

/** What the mail declares: mailparser guesses a better type for application/octet-stream. */
function readContentType(part: AttachmentStream): { type: string; parameters: TextParameters } {
  const declared = part.headers.get('content-type');
  if (typeof declared !== 'object' || !('params' in declared)) return { type: part.contentType, parameters: {} };
  const { value, params } = declared as { value: unknown; params: TextParameters };
  return {
    type: typeof value === 'string' && value !== '' ? value.toLowerCase() : part.contentType,
    parameters: params,
  };
}
