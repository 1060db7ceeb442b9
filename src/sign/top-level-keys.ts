/** More than any vendor's event has, several times over. */
const MAX_KEYS = 1000;
/** Names are short: of a longer one the beginning is enough to see that it is nobody's. */
const MAX_NAME_BYTES = 200;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The keys of a JSON object, without those further down; none when it is another value. At most 1001: whoever has more
 * than 1000 sends no vendor's event. Anybody may have sent the body, so it is not parsed: that of a million keys takes
 * half a second and 200 MB, this a few nanoseconds a byte and no memory. A body that breaks off tells what it holds so far.
 */
export function readTopLevelKeys(body: Uint8Array): ReadonlySet<string> {
  const keys = new Set<string>();
  const start = startOfValue(body);
  if (body[start] !== OPEN_OBJECT) return keys;
  let depth = 1;
  let isKeyNext = true;
  for (let at = start + 1; at < body.length && depth > 0 && keys.size <= MAX_KEYS; at++) {
    const byte = body[at] as number;
    if (byte === QUOTE) {
      const end = endOfText(body, at);
      if (depth === 1 && isKeyNext) keys.add(readName(body, at, end));
      isKeyNext = false;
      at = end;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth -= 1;
    } else if (byte === COMMA) {
      isKeyNext = depth === 1;
    }
  }
  return keys;
}

/** Behind a byte order mark and white space. */
function startOfValue(body: Uint8Array): number {
  let at = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while ((body[at] ?? 0xff) <= 0x20) at++;
  return at;
}

/** Of the quote that ends the text which begins at `start`; the body's end without one. */
function endOfText(body: Uint8Array, start: number): number {
  let at = start + 1;
  for (; at < body.length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
  return Math.min(at, body.length);
}

function readName(body: Uint8Array, start: number, end: number): string {
  const name = Buffer.from(
    body.buffer,
    body.byteOffset + start + 1,
    Math.min(end - start - 1, MAX_NAME_BYTES),
  ).toString('utf8');
  if (!name.includes('\\')) return name;
  try {
    return JSON.parse(`"${name}"`) as string;
  } catch {
    return name;
  }
}
