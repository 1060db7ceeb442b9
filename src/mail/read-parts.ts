import { MailParser, type AttachmentStream, type MessageText } from 'mailparser';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../model/error.ts';
import type { MailAttachment } from '../model/message.ts';

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
  // streams too: mailparser's own reading holds a text four times over in memory, and joins parts
  // with line breaks and `<br/>` that the mail does not have.
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

/** What Content-Type says about a text part. */
export interface TextParameters {
  charset?: string;
  format?: string;
  delsp?: string;
}

/**
 * Decodes one text part; lines end in `\n`, format=flowed lines are joined. An unknown charset is
 * read as UTF-8, like none at all.
 */
export async function readText(content: AsyncIterable<Buffer>, parameters: TextParameters): Promise<string> {
  const text = decodeText(await readBytes(content), parameters.charset ?? 'utf-8');
  return parameters.format?.toLowerCase() === 'flowed'
    ? joinFlowedLines(text, parameters.delsp?.toLowerCase() === 'yes')
    : text;
}

function decodeText(bytes: Buffer, charset: string): string {
  const decoder = makeDecoder(charset);
  if (decoder?.encoding.startsWith('utf-16')) return decoder.decode(bytes).replaceAll('\r\n', '\n');
  // In every other charset a line end is these two bytes; cut there, the text is made only once.
  const lines = endLinesWithLf(bytes);
  return decoder === null ? lines.toString('utf8') : decoder.decode(lines);
}

/** Null for UTF-8: Buffer makes strings of half the size from it, which counts at 25 MiB. */
function makeDecoder(charset: string): InstanceType<typeof TextDecoder> | null {
  try {
    const decoder = new TextDecoder(charset);
    return decoder.encoding === 'utf-8' ? null : decoder;
  } catch {
    return null;
  }
}

/** In place. */
function endLinesWithLf(bytes: Buffer): Buffer {
  let length = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    if (bytes[i] === 0x0d && bytes[i + 1] === 0x0a) continue;
    bytes[length] = bytes[i] ?? 0;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/**
 * RFC 3676, section 4: a line that ends in a space goes on in the next one of the same quote depth;
 * one leading space is stuffing; `-- ` marks the signature and never flows.
 */
function joinFlowedLines(text: string, deleteSpace: boolean): string {
  const joined: string[] = [];
  let flowingDepth = -1;
  for (const line of text.split('\n')) {
    const depth = /^>*/.exec(line)?.[0].length ?? 0;
    const content = line.slice(depth).replace(/^ /, '');
    const isSignature = content === '-- ';
    const flows = content.endsWith(' ') && !isSignature;
    const kept = flows && deleteSpace ? content.slice(0, -1) : content;
    if (depth === flowingDepth && !isSignature) joined.push(kept);
    else joined.push(joined.length === 0 ? '' : '\n', depth === 0 ? '' : `${'>'.repeat(depth)} `, kept);
    flowingDepth = flows ? depth : -1;
  }
  return joined.join('');
}

const FIRST_CAPACITY = 64 * 1024;

/**
 * Collects a stream in one buffer that doubles as it fills: chunks kept for a final concat would
 * hold the content twice. Capacity beyond the content is never touched, so it costs nothing.
 */
export async function readBytes(content: AsyncIterable<Buffer>): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of content) {
    if (length + chunk.length > bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, 2 * bytes.length, length + chunk.length));
      bytes.copy(grown, 0, 0, length);
      bytes = grown;
    }
    length += chunk.copy(bytes, length);
  }
  return bytes.subarray(0, length);
}
