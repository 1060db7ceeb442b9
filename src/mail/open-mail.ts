import { startOfRun } from '../model/character-run.ts';
import { AppError } from '../model/error.ts';
import { makeUtf8Converter } from '../model/utf-16.ts';

/** Mail programs keep headers far below this: later bytes do not decide whether it is a mail. */
const INSPECTED_BYTES = 64 * 1024;
const HEADER_LINE = /^[A-Za-z0-9][\w.-]*[ \t]*:/m;
const HINT =
  'give the raw source of one message: save it as .eml ("show original"), not as .msg, .pdf or a mailbox archive';

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
type Step = (piece: Buffer) => Buffer;

/**
 * Passes a mail on as mailparser wants it: without the byte-order mark and the empty lines that some programs write
 * before it when saving, UTF-16 as UTF-8, lines that end in CR CR LF or CR as others do, and of a mailbox archive the
 * first mail alone, which it notes. Throws AppError('input') when it cannot be a mail: empty, binary, no header.
 */
export async function* openMail(source: Pieces, notes: string[]): AsyncGenerator<Uint8Array> {
  let steps: Step | undefined;
  let archive: ArchiveReader | undefined;
  for await (const piece of holdOpening(source)) {
    if (steps === undefined) {
      const toUtf8 = makeUtf8Converter(piece);
      const opening = toUtf8(piece);
      const endLines = chooseLineEnds(opening);
      steps = (later) => endLines(toUtf8(later));
      const mail = checkOpening(endLines(opening));
      if (ARCHIVE_LINE.test(mail.toString('latin1', 0, 6))) archive = makeArchiveReader();
      yield archive?.read(mail) ?? mail;
    } else {
      const mail = steps(piece);
      yield archive?.read(mail) ?? mail;
    }
    if (archive?.isAtEnd()) {
      notes.push('the file contains more than one mail: only the first is read, so give the others in separate files');
      return;
    }
  }
  if (archive !== undefined) yield archive.readRest();
}

/** The first piece is long enough to inspect, or all there is. */
async function* holdOpening(source: Pieces): AsyncGenerator<Buffer> {
  let opening: Uint8Array[] | null = [];
  let held = 0;
  for await (const piece of source) {
    if (opening === null) {
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      continue;
    }
    opening.push(piece);
    held += piece.length;
    if (held < INSPECTED_BYTES) continue;
    yield Buffer.concat(opening);
    opening = null;
  }
  if (opening !== null) yield Buffer.concat(opening);
}

/** A file that was converted twice ends its lines with CR CR LF, one of an old Mac with CR. */
function chooseLineEnds(opening: Buffer): Step {
  const firstEnd = opening.indexOf('\n');
  const isMac = firstEnd < 0 && opening.subarray(0, -1).includes('\r');
  if (isMac) return (piece) => Buffer.from(piece.toString('latin1').replaceAll('\r', '\n'), 'latin1');
  const isTwice = firstEnd > 1 && opening.toString('latin1', firstEnd - 2, firstEnd) === '\r\r';
  if (!isTwice) return (piece) => piece;
  let held = 0;
  return (piece) => {
    const text = piece.toString('latin1');
    const end = startOfRun(text, '\r');
    const before = end === 0 ? '' : '\r'.repeat(held);
    held = text.length - end + (end === 0 ? held : 0);
    return Buffer.from(joinReturns(before + text.slice(0, end)), 'latin1');
  };
}

/** One CR before each LF that has some. */
function joinReturns(text: string): string {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return (
    lines.map((line) => `${line.slice(0, startOfRun(line, '\r'))}${line.endsWith('\r') ? '\r' : ''}\n`).join('') + last
  );
}

function checkOpening(bytes: Buffer): Buffer {
  if (bytes.length === 0) throw new AppError('input', 'the mail is empty (0 bytes)', { hint: HINT });
  const mail = bytes.subarray(findStart(bytes));
  const [head = ''] = mail.toString('latin1').split(/\r?\n\r?\n/, 1);
  if (head.includes('\0')) throw new AppError('input', 'this is a binary file, not a mail', { hint: HINT });
  if (!HEADER_LINE.test(head)) {
    throw new AppError('input', 'this is not a mail: it has no header line such as "From: …"', { hint: HINT });
  }
  // mailparser takes `From :` for the line that begins a mail of an archive, and `Post :` for one of HTTP.
  const [before = '', name = ''] = /^(From|Post)[ \t]+(?=:)/i.exec(head) ?? [];
  return before === '' ? mail : Buffer.concat([Buffer.from(name), mail.subarray(before.length)]);
}

function findStart(bytes: Buffer): number {
  let start = 0;
  while (bytes[start] === 0x0a || bytes[start] === 0x0d) start += 1;
  return start;
}

/** Where a mail of an archive (mbox) begins: the envelope sender and a date. */
const ARCHIVE_LINE = /^From [^:]/;
const FROM_LINE = String.raw`From +\S.{0,250}? [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [^\r\n]*`;
/** Behind an empty line, as the format has it, or before a header. */
const NEXT_MAIL = new RegExp(String.raw`\n\r?\n${FROM_LINE}|\n${FROM_LINE}\r?\n[!-9;-~]+[ \t]*:`);
/** No such line, with the name of a header behind it, is longer. */
const HELD_CHARACTERS = 512;

interface ArchiveReader {
  read(piece: Buffer): Buffer;
  readRest(): Buffer;
  isAtEnd(): boolean;
}

/** Reads up to the second mail; holds back the last characters, which may be the beginning of its first line. */
function makeArchiveReader(): ArchiveReader {
  let held = '';
  let isAtEnd = false;
  return {
    read: (piece) => {
      const text = held + piece.toString('latin1');
      const next = NEXT_MAIL.exec(text);
      isAtEnd = next !== null;
      const end = next === null ? Math.max(text.length - HELD_CHARACTERS, 0) : next.index + 1;
      held = text.slice(end);
      return Buffer.from(text.slice(0, end), 'latin1');
    },
    readRest: () => Buffer.from(held, 'latin1'),
    isAtEnd: () => isAtEnd,
  };
}
