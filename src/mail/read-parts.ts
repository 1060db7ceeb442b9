import { MailParser, type AttachmentStream, type Headers, type MessageText } from 'mailparser';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../model/error.ts';
import type { MailAttachment } from '../model/message.ts';
import { findCharset, guessCharset, saysNothing, type Charset } from './charsets.ts';
import { decodeHeaderLines, findHeaders } from './header-lines.ts';
import { readMimeHeader, type MimeHeader } from './mime-parameters.ts';

/** A mail taken apart, transfer encodings and charsets undone. */
export interface MailParts {
  /** The message's own headers, raw: one character per byte. */
  headerLines: readonly { line: string }[];
  /** The inline text/plain parts, in file order. */
  texts: string[];
  /** The inline text/html parts, in file order. */
  htmls: string[];
  attachments: MailAttachment[];
  /** What the mail holds and could not be taken out, in plain words. */
  notes: string[];
}

const MAX_HEADER_BYTES = 1024 * 1024;
const MAX_PARTS = 1000;

/**
 * Takes a mail apart while it comes in. Throws AppError('input') for more than 1000 MIME parts or
 * 1 MiB of headers in one part, and whatever `source` throws.
 */
export async function readParts(source: AsyncIterable<Uint8Array>): Promise<MailParts> {
  const parser = makeParser();
  const nodes = watchNodes(parser);
  const parts: MailParts = { headerLines: [], texts: [], htmls: [], attachments: [], notes: [] };
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
    await Promise.all([pipeline(watched, parser), collectParts(parser, parts, nodes)]);
  } catch (cause) {
    if (sourceFailed) throw cause;
    throw new AppError('input', `the mail cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: `at most ${MAX_PARTS} MIME parts are read, each with up to 1 MiB of headers`,
      cause,
    });
  }
  return { ...parts, headerLines: parser.headerLines || [], notes: listLost(nodes) };
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

/** A part as mailparser's splitter sees it, of which it publishes the decoded rest alone. */
interface MimeNode {
  parentNode: MimeNode | false;
  contentType: string | false;
  multipart: string | false;
  _boundary: Buffer | false;
  headers: { getList(): readonly { line: string }[] };
}

/** Every part with the headers that mailparser names it by, and the parts with others in them. */
interface PartNodes {
  byHeaders: Map<Headers, MimeNode>;
  parents: Set<MimeNode>;
}

function watchNodes(parser: MailParser): PartNodes {
  const nodes: PartNodes = { byHeaders: new Map(), parents: new Set() };
  const inner = parser as unknown as { createNode(node: MimeNode): { headers: Headers } };
  const createNode = inner.createNode.bind(parser);
  inner.createNode = (node) => {
    const made = createNode(node);
    nodes.byHeaders.set(made.headers, node);
    if (node.parentNode) nodes.parents.add(node.parentNode);
    return made;
  };
  return nodes;
}

/** The multipart parts whose content nobody can tell apart. */
function listLost({ byHeaders, parents }: PartNodes): string[] {
  return [...byHeaders.values()]
    .filter((node) => node.multipart !== false && !parents.has(node))
    .map(({ contentType, _boundary }) => {
      const why = _boundary ? 'its boundary is missing' : 'it does not name its boundary';
      return `${String(contentType).slice(0, 80)}: ${why}, so its content is left out`;
    });
}

async function collectParts(parser: MailParser, parts: MailParts, nodes: PartNodes): Promise<void> {
  for await (const part of parser as AsyncIterable<AttachmentStream | MessageText>) {
    if (part.type !== 'attachment') continue;
    const content = part.content as AsyncIterable<Buffer>;
    const { filename, contentType, parameters } = describePart(
      nodes.byHeaders.get(part.headers),
      part.contentDisposition,
    );
    const isInline = part.contentDisposition === undefined || part.contentDisposition === 'inline';
    if (isInline && contentType === 'text/plain') parts.texts.push(await readText(content, parameters));
    else if (isInline && contentType === 'text/html') parts.htmls.push(await readText(content, parameters, true));
    else parts.attachments.push({ filename, contentType, content: await readBytes(content) });
    // Only now does the parser go on to the next part.
    part.release?.();
  }
}

const TYPE = /^[\w!#$&.+^-]+\/[\w!#$&.+^-]+/;

/** What the mail declares: mailparser guesses a better type for application/octet-stream, and none for a broken one. */
function describePart(
  node: MimeNode | undefined,
  disposition: string | undefined,
): { filename: string | null; contentType: string; parameters: MimeHeader['parameters'] } {
  const headers = decodeHeaderLines(node?.headers.getList() ?? []);
  const header = (name: string): MimeHeader => readMimeHeader(findHeaders(headers, name)[0]?.binary ?? '');
  const [declared, disposed] = [header('content-type'), header('content-disposition')];
  const names = [disposed.parameters.get('filename'), declared.parameters.get('name')];
  const filename = names.find((name) => name !== undefined && name.trim() !== '') ?? null;
  const [type] = TYPE.exec(declared.value) ?? [];
  return { filename, contentType: type ?? defaultType(node, disposition), parameters: declared.parameters };
}

/** RFC 2045, section 5.2, and RFC 2046, section 5.1.5: a type that is broken counts as none. */
function defaultType(node: MimeNode | undefined, disposition: string | undefined): string {
  if (node?.parentNode && node.parentNode.contentType === 'multipart/digest') return 'message/rfc822';
  // Where there is no type at all, mailparser takes it from the name of the file.
  if (node?.contentType && TYPE.test(node.contentType)) return node.contentType;
  return disposition === 'attachment' ? 'application/octet-stream' : 'text/plain';
}

/**
 * Decodes one text part; lines end in `\n`, format=flowed lines are joined. Without a charset, or with one that nobody
 * knows, HTML may name its own; all else is read by what the bytes look like.
 */
async function readText(
  content: AsyncIterable<Buffer>,
  parameters: MimeHeader['parameters'],
  isHtml = false,
): Promise<string> {
  const bytes = await readBytes(content);
  const text = decodeText(bytes, parameters.get('charset'), isHtml);
  return !isHtml && parameters.get('format')?.toLowerCase() === 'flowed'
    ? joinFlowedLines(text, parameters.get('delsp')?.toLowerCase() === 'yes')
    : text;
}

function decodeText(bytes: Buffer, declared: string | undefined, isHtml: boolean): string {
  const named = findCharset(declared ?? '');
  const charset = named === null || saysNothing(named) ? findOwnCharset(bytes, isHtml) : named;
  if (charset.isWide) return charset.decode(bytes).replaceAll('\r\n', '\n');
  // In every other charset a line end is these two bytes; cut there, the text is made only once.
  return charset.decode(endLinesWithLf(bytes));
}

/** As far as browsers look for it. */
const PRESCANNED_BYTES = 1024;
const OWN_CHARSET =
  /<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([^\s"'/>;]+)|^\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']+)/i;

/** Byte-order marks, and what they tell. */
const MARKS = [
  ['\xff\xfe', 'utf-16'],
  ['\xfe\xff', 'utf-16'],
  ['\xef\xbb\xbf', 'utf-8'],
] as const;

/** By a byte-order mark, or what HTML says of itself; else by the looks. */
function findOwnCharset(bytes: Buffer, isHtml: boolean): Charset {
  const [, meta, xml] = (isHtml && OWN_CHARSET.exec(bytes.toString('latin1', 0, PRESCANNED_BYTES))) || [];
  const mark = MARKS.find(([first]) => bytes.toString('latin1', 0, 3).startsWith(first))?.[1] ?? '';
  const named = findCharset(mark || (meta ?? xml ?? ''));
  // A name that could be read byte by byte is not written in two of them each, whatever it says.
  return named === null || (named.isWide && mark === '') ? guessCharset(bytes) : named;
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
async function readBytes(content: AsyncIterable<Buffer>): Promise<Buffer> {
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
