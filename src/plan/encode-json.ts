import { escapeUnits, type JsonValue } from '../model/json.ts';

export type JsonStyle = 'compact' | 'php';

/** A longer text is encoded in slices: with a mail of 25 MiB, its JSON as one more string would be too much. */
const SLICE_CHARS = 64 * 1024;

/**
 * The bytes of a JSON body, in UTF-8.
 * `compact`: no white space, nothing escaped that need not be.
 * `php`: as PHP's json_encode writes it without flags: `/` as `\/`, non-ASCII as `\uXXXX` in lower-case hex,
 * one pair of surrogates beyond the basic plane (https://www.php.net/manual/en/function.json-encode.php).
 */
export function encodeJson(value: JsonValue, style: JsonStyle): Uint8Array {
  const finish = style === 'php' ? escapeLikePhp : (json: string): string => json;
  if (!holdsLongText(value)) return Buffer.from(finish(JSON.stringify(value)), 'utf8');
  let length = 0;
  for (const piece of jsonPieces(value)) length += Buffer.byteLength(finish(piece));
  const bytes = Buffer.allocUnsafeSlow(length);
  let end = 0;
  for (const piece of jsonPieces(value)) end += bytes.write(finish(piece), end);
  return bytes;
}

/** Outside strings JSON has neither `/` nor non-ASCII, so the whole text is treated alike. */
function escapeLikePhp(json: string): string {
  return escapeUnits(json, /[\u0080-\uffff]/g).replaceAll('/', String.raw`\/`);
}

function holdsLongText(value: JsonValue): boolean {
  if (typeof value === 'string') return value.length > SLICE_CHARS;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsLongText);
}

/** What JSON.stringify gives, in pieces. */
function* jsonPieces(value: JsonValue): Generator<string> {
  if (!holdsLongText(value)) {
    yield JSON.stringify(value);
  } else if (typeof value === 'string') {
    yield '"';
    for (const slice of slicesOf(value)) yield JSON.stringify(slice).slice(1, -1);
    yield '"';
  } else {
    const isList = Array.isArray(value);
    let before = isList ? '[' : '{';
    for (const [key, member] of Object.entries(value as object) as [string, JsonValue][]) {
      yield isList ? before : `${before}${JSON.stringify(key)}:`;
      yield* jsonPieces(member);
      before = ',';
    }
    yield isList ? ']' : '}';
  }
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
