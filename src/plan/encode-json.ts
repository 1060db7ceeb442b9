import type { JsonStyle } from '../model/body-format.ts';
import { escapeUnits, type JsonObject, type JsonValue } from '../model/json.ts';

/** A longer text is encoded in slices: with a mail of 25 MiB, its JSON as one more string would be too much. */
const SLICE_CHARS = 64 * 1024;

/** The white space of a style: behind commas, behind colons, and for each level. */
interface Layout {
  comma: string;
  colon: string;
  indent: string;
}

const DENSE: Layout = { comma: '', colon: '', indent: '' };
const SPACED: Layout = { comma: ' ', colon: ' ', indent: '' };
const PRETTY: Layout = { comma: '', colon: ' ', indent: '  ' };

interface Style {
  layout: Layout;
  /** Outside strings JSON has nothing that is escaped, so the whole text is treated alike. */
  escape: (json: string) => string;
}

const asItIs = (json: string): string => json;

const STYLES: Record<JsonStyle, Style> = {
  compact: { layout: DENSE, escape: asItIs },
  spaced: { layout: SPACED, escape: asItIs },
  pretty: { layout: PRETTY, escape: asItIs },
  // https://www.php.net/manual/en/function.json-encode.php
  php: { layout: DENSE, escape: (json) => escapeUnits(json, /[\u0080-\uffff]/g).replaceAll('/', String.raw`\/`) },
  // https://docs.python.org/3/library/json.html#json.dumps
  python: { layout: SPACED, escape: (json) => escapeUnits(json, /[\u007f-\uffff]/g) },
  // https://pkg.go.dev/encoding/json#Marshal
  go: { layout: DENSE, escape: (json) => escapeUnits(json, /[<>&\u2028\u2029]/g) },
};

/** The bytes of a JSON body, in UTF-8. */
export function encodeJson(value: JsonValue, style: JsonStyle): Uint8Array {
  const { layout, escape } = STYLES[style];
  if (!holdsLongText(value)) return Buffer.from(escape(writeJson(value, layout, '')), 'utf8');
  let length = 0;
  for (const piece of jsonPieces(value, layout, '')) length += Buffer.byteLength(escape(piece));
  const bytes = Buffer.allocUnsafeSlow(length);
  let end = 0;
  for (const piece of jsonPieces(value, layout, '')) end += bytes.write(escape(piece), end);
  return bytes;
}

function holdsLongText(value: JsonValue): boolean {
  if (typeof value === 'string') return value.length > SLICE_CHARS;
  if (typeof value !== 'object' || value === null) return false;
  // Every event that is sent is asked: a list of the values would take longer than to look at them.
  for (const name in value) if (holdsLongText((value as JsonObject)[name] as JsonValue)) return true;
  return false;
}

function writeJson(value: JsonValue, layout: Layout, margin: string): string {
  return layout === DENSE || typeof value !== 'object' || value === null
    ? JSON.stringify(value)
    : [...membersOf(value, layout, margin, (member, inner) => [writeJson(member, layout, inner)])].join('');
}

/** What `writeJson` gives, in pieces. */
function* jsonPieces(value: JsonValue, layout: Layout, margin: string): Generator<string> {
  if (!holdsLongText(value)) {
    yield writeJson(value, layout, margin);
  } else if (typeof value === 'string') {
    yield '"';
    for (const slice of slicesOf(value)) yield JSON.stringify(slice).slice(1, -1);
    yield '"';
  } else yield* membersOf(value as object, layout, margin, (member, inner) => jsonPieces(member, layout, inner));
}

function* membersOf(
  container: object,
  { comma, colon, indent }: Layout,
  margin: string,
  write: (member: JsonValue, margin: string) => Iterable<string>,
): Generator<string> {
  const isList = Array.isArray(container);
  const members = Object.entries(container) as [string, JsonValue][];
  const inner = margin + indent;
  const newLine = indent === '' || members.length === 0 ? '' : '\n';
  const lineBreak = newLine && newLine + inner;
  let before = `${isList ? '[' : '{'}${lineBreak}`;
  for (const [key, member] of members) {
    yield isList ? before : `${before}${JSON.stringify(key)}:${colon}`;
    yield* write(member, inner);
    before = `,${comma}${lineBreak}`;
  }
  if (members.length === 0) yield before;
  yield `${newLine && newLine + margin}${isList ? ']' : '}'}`;
}

/** Never cuts a surrogate pair in two: each half alone would be escaped. */
function* slicesOf(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = start + SLICE_CHARS;
    const next = end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end;
    yield text.slice(start, next);
    start = next;
  }
}
