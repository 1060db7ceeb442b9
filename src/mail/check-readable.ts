import { AppError } from '../model/error.ts';

/** Mail programs keep headers far below this; what comes later does not decide whether it is a mail. */
const INSPECTED_BYTES = 64 * 1024;
const HEADER_LINE = /^[A-Za-z0-9][\w.-]*[ \t]*:/m;
const HINT =
  'give the raw source of one message: save it as .eml ("show original"), not as .msg, .pdf or a mailbox archive';

/**
 * Passes a mail on, without the byte-order mark and the empty lines that some programs put in front
 * when saving. Throws AppError('input') when it cannot be a mail: nothing there, binary, no header.
 */
export async function* checkReadable(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
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
