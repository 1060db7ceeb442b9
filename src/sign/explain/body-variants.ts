import { hasMoreValues, tryParseJson, type JsonValue } from '../../model/json.ts';
import type { VendorEvent } from '../../model/vendor.ts';
import type { BodyVariant, Deviation } from './deviation.ts';
import { listFormVariants } from './form-variants.ts';
import { orderKeys, sortKeys, writeJson, type JsonWriting } from './write-json.ts';

const RAW_BYTES =
  'verify the raw bytes as received, before any JSON parser (Express: express.raw({ type: "application/json" }))';

const SPACINGS = [
  { name: 'compact', comma: ',', colon: ':', indent: 0 },
  { name: 'with spaces after commas and colons', comma: ', ', colon: ': ', indent: 0 },
  { name: 'indented by 2 spaces', comma: ',', colon: ': ', indent: 2 },
  { name: 'indented by 4 spaces', comma: ',', colon: ': ', indent: 4 },
];
const ESCAPES = [
  { escapes: 'none', says: '' },
  { escapes: 'ascii', says: ', non-ASCII as \\u escapes' },
  { escapes: 'html', says: ', < > & as \\u escapes' },
] as const;

/** Lists bodies of the same content in other bytes: line ends, marks, and JSON as other programs write it. */
export function* listBodyVariants(
  body: Uint8Array,
  events: readonly VendorEvent[],
  maxJsonBytes: number,
): Generator<BodyVariant> {
  yield* listByteVariants(body);
  yield* listFormVariants(body);
  if (isWritable(body, maxJsonBytes)) yield* listJsonVariants(body, events);
}

/** JSON with more values is not written again: each writing takes some hundred bytes a value. */
export const MAX_WRITTEN_VALUES = 200_000;

/** True for JSON small enough to be written again many times. */
export function isWritable(body: Uint8Array, maxBytes: number): boolean {
  return body.length <= maxBytes && !hasMoreValues(body, MAX_WRITTEN_VALUES);
}

/** A change gives equal bytes where it does not apply. */
interface ByteChange extends Deviation {
  change: (bytes: Buffer) => Buffer;
}

/** Changes that take a part of the body, without a copy. */
const CUTS: readonly ByteChange[] = [
  {
    change: (bytes) => bytes.subarray(0, endBefore(bytes, isLineEnd)),
    cause: 'trailing-newline',
    fits: 'the body without its trailing line break',
    fix:
      'remove the line break that an editor, echo or a log added; if the receiver added it, verify the bytes as ' +
      'received',
  },
  {
    change: (bytes) =>
      bytes.subarray(
        bytes.findIndex((byte) => !isWhiteSpace(byte)),
        endBefore(bytes, isWhiteSpace),
      ),
    cause: 'surrounding-white-space',
    fits: 'the body without surrounding white space',
    fix: 'verify the bytes as received: something padded the body',
  },
  {
    change: () => Buffer.alloc(0),
    cause: 'empty-body',
    fits: 'an empty body',
    fix: 'read the body before signing: it was signed while still empty',
  },
];

const COPIES: readonly ByteChange[] = [
  {
    change: (bytes) => Buffer.concat([bytes, LF]),
    cause: 'trailing-newline',
    fits: 'the body with a trailing line break',
    fix: 'keep the trailing line break of the body: do not trim the body before verifying',
  },
  {
    change: (bytes) => Buffer.concat([bytes, CRLF]),
    cause: 'trailing-newline',
    fits: 'the body with a trailing Windows line break',
    fix: 'keep the trailing line break of the body: do not trim the body before verifying',
  },
  {
    change: (bytes) => withLineEnds(bytes, LF),
    cause: 'line-endings',
    fits: 'the body with LF line endings instead of CRLF',
    fix: 'keep line endings as received: no text mode, no editor, curl --data-binary',
  },
  {
    change: (bytes) => withLineEnds(bytes, CRLF),
    cause: 'line-endings',
    fits: 'the body with CRLF line endings instead of LF',
    fix: 'keep line endings as received: curl -d drops them, curl --data-binary does not',
  },
  {
    change: (bytes) => bytes.filter((byte) => !isLineEnd(byte)) as Buffer,
    cause: 'line-endings',
    fits: 'the body without its line breaks',
    fix: 'keep line endings as received: curl -d drops them, curl --data-binary does not',
  },
  {
    change: (bytes) => (hasMark(bytes) ? bytes.subarray(MARK.length) : bytes),
    cause: 'byte-order-mark',
    fits: 'the body without a byte order mark (EF BB BF)',
    fix: 'read and write the body as bytes: an editor or a text stream changed its first three bytes',
  },
  {
    change: (bytes) => (hasMark(bytes) ? bytes : Buffer.concat([MARK, bytes])),
    cause: 'byte-order-mark',
    fits: 'the body with a byte order mark (EF BB BF)',
    fix: 'read and write the body as bytes: an editor or a text stream changed its first three bytes',
  },
  {
    change: (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
    cause: 'other-charset',
    fits: 'the body read as UTF-8 and written as Latin-1',
    fix: 'keep the body as bytes: do not decode and re-encode it',
  },
  {
    change: (bytes) => Buffer.from(bytes.toString('latin1'), 'utf8'),
    cause: 'other-charset',
    fits: 'the body read as Latin-1 and written as UTF-8',
    fix: 'keep the body as bytes: do not decode and re-encode it',
  },
];

function* listByteVariants(body: Uint8Array): Generator<BodyVariant> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const changes = bytes.length > MAX_COPIED_BYTES ? CUTS : [...CUTS, ...COPIES];
  // Made one by one: each is as large as the body, and garbage is not collected before the search is over.
  for (const { change, cause, fits, fix } of changes) {
    const changed = change(bytes);
    if (!changed.equals(bytes)) yield { body: changed, cause, fits, fix };
  }
}

/** Larger bodies are not copied with other line ends or characters. */
export const MAX_COPIED_BYTES = 8 * 1024 * 1024;

const LF = Buffer.from('\n');
const CRLF = Buffer.from('\r\n');
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

const hasMark = (bytes: Buffer): boolean => bytes.subarray(0, MARK.length).equals(MARK);
const isLineEnd = (byte: number | undefined): boolean => byte === 0x0a || byte === 0x0d;
const isWhiteSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);

/**
 * Finds the end without trailing bytes of a kind. By hand: a pattern would try each line break as the first of the
 * trailing ones, which takes minutes.
 */
function endBefore(bytes: Buffer, isOfKind: (byte: number | undefined) => boolean): number {
  let end = bytes.length;
  while (isOfKind(bytes[end - 1])) end--;
  return end;
}

/** Replaces each LF and CRLF by `end`. By hand: replacing millions of matches in a text costs gigabytes. */
function withLineEnds(bytes: Buffer, end: Buffer): Buffer {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count += 1;
  const written = Buffer.allocUnsafe(bytes.length + count * (end.length - 1));
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) continue;
    if (bytes[at] === 0x0a) for (const byte of end) written[length++] = byte;
    else written[length++] = bytes[at] as number;
  }
  return written.subarray(0, length);
}

/** Yields writings that come to the same bytes once, where the body is small enough to remember them. */
export function* listJsonVariants(body: Uint8Array, events: readonly VendorEvent[]): Generator<BodyVariant> {
  const value = tryParseJson(new TextDecoder().decode(body));
  if (value === undefined) return;
  const seen = new Set<string>();
  for (const { text, how } of listTexts(value, events)) {
    if (seen.has(text)) continue;
    if (body.length < MAX_REMEMBERED_BYTES) seen.add(text);
    yield writtenAnew(text, how);
    yield writtenAnew(`${text}\n`, `${how}, with a trailing line break`);
  }
}

const writtenAnew = (text: string, how: string): BodyVariant => ({
  body: Buffer.from(text, 'utf8'),
  cause: 'reserialised-body',
  fits: `the same JSON written ${how}`,
  fix: RAW_BYTES,
});

/** In every order and writing; ends where it is nested too deep to write. */
function* listTexts(value: JsonValue, events: readonly VendorEvent[]): Generator<{ text: string; how: string }> {
  for (const [ordered, order] of listOrders(value, events)) {
    for (const writing of listWritings()) {
      const text = write(ordered, writing);
      if (text === undefined) return;
      yield { text, how: `${writing.name}${order}` };
    }
  }
}

const MAX_REMEMBERED_BYTES = 64 * 1024;

function* listWritings(): Generator<JsonWriting> {
  for (const escapesSlash of [false, true]) {
    for (const { escapes, says } of ESCAPES) {
      for (const spacing of SPACINGS) {
        yield { ...spacing, escapes, escapesSlash, name: `${spacing.name}${says}${escapesSlash ? ', / as \\/' : ''}` };
      }
    }
  }
}

function* listOrders(value: JsonValue, events: readonly VendorEvent[]): Generator<readonly [JsonValue, string]> {
  yield [value, ''];
  try {
    yield [sortKeys(value), ', keys sorted'];
  } catch {
    return;
  }
  const orders = new Set(events.map(({ fields }) => JSON.stringify(fields.map(({ name }) => name))));
  for (const order of orders) yield [orderKeys(value, JSON.parse(order) as string[]), ", keys in the vendor's order"];
}

/** Undefined when it is nested too deep to write. */
function write(value: JsonValue, writing: JsonWriting): string | undefined {
  try {
    return writeJson(value, writing);
  } catch {
    return undefined;
  }
}
