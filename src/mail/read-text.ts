import { readBytes } from './read-bytes.ts';

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
