import { percentEncode } from '../../model/http-url.ts';
import type { PipedInput } from './curl-calls.ts';
import type { CurlOption } from './curl-options.ts';
import type { ShellWord } from './shell-word.ts';

/** The data that options of a curl command give. */
export interface CurlData {
  bytes: Buffer;
  /** What of it the command does not hold, in words; null when it holds all. */
  missing: string | null;
}

/** How an option reads its value: `@` before it may name a file. */
type DataKind = 'text' | 'raw' | 'binary' | 'urlencode' | 'json';

const KINDS: Record<string, DataKind> = {
  data: 'text',
  'data-ascii': 'text',
  'data-raw': 'raw',
  'data-binary': 'binary',
  'data-urlencode': 'urlencode',
  json: 'json',
};

/** Of one option. `missing`: the file or variable that holds what the command does not. */
interface DataPart {
  bytes: Buffer;
  missing?: string;
}

/** All `-d` of a command, put together as curl does. Null where there is none. */
export function readCurlData(options: readonly CurlOption[], input: PipedInput | null): CurlData | null {
  const parts: Buffer[] = [];
  let [isThere, length] = [false, 0];
  let missing: string | null = null;
  for (const { name, value } of options) {
    const kind = KINDS[name];
    if (kind === undefined || value === null) continue;
    const part = readPart(kind, value, input);
    if (length > 0 && kind !== 'json') parts.push(AMPERSAND);
    parts.push(part.bytes);
    [isThere, length] = [true, length + part.bytes.length];
    missing ??= part.missing ?? null;
  }
  return isThere ? { bytes: Buffer.concat(parts), missing } : null;
}

const AMPERSAND = Buffer.from('&');
const AT = 0x40;
const EQUALS = 0x3d;

function readPart(kind: DataKind, value: ShellWord, input: PipedInput | null): DataPart {
  const [unread] = value.unknown;
  if (unread !== undefined) return { bytes: value.bytes, missing: unread };
  if (kind === 'urlencode') return encodePart(value.bytes, input);
  if (kind === 'raw' || value.bytes[0] !== AT) return { bytes: value.bytes };
  const read = readFile(value.bytes.subarray(1), input);
  return kind === 'text' ? { ...read, bytes: withoutLineBreaks(read.bytes) } : read;
}

/** What `@-` names is known where it is piped; no file is opened. */
function readFile(name: Buffer, input: PipedInput | null): DataPart {
  const isInput = name.equals(Buffer.from('-'));
  const source: PipedInput = isInput
    ? (input ?? { unknown: 'standard input' })
    : { unknown: `the file ${name.toString('utf8', 0, 60)}` };
  return 'unknown' in source ? { bytes: Buffer.alloc(0), missing: source.unknown } : source;
}

/** `-d @FILE` leaves out line breaks and zero bytes. */
function withoutLineBreaks(bytes: Buffer): Buffer {
  const kept = Buffer.allocUnsafe(bytes.length);
  let end = 0;
  for (const byte of bytes) if (byte !== 0x0a && byte !== 0x0d && byte !== 0) kept[end++] = byte;
  return kept.subarray(0, end);
}

/** `content`, `=content`, `name=content`, `@file` or `name@file`. */
function encodePart(value: Buffer, input: PipedInput | null): DataPart {
  const equals = value.indexOf(EQUALS);
  const at = equals < 0 ? value.indexOf(AT) : equals;
  const content = at < 0 ? value : value.subarray(at + 1);
  const { bytes, missing }: DataPart = at >= 0 && value[at] === AT ? readFile(content, input) : { bytes: content };
  const name = at > 0 ? [value.subarray(0, at), Buffer.from('=')] : [];
  return { bytes: Buffer.concat([...name, percentEncode(bytes)]), missing };
}
