// Beside locate-json.ts, which reads a whole text in UTF-16 units and refuses what is no JSON: a body is bytes of any
// length and depth, may be no JSON behind the value that is looked for, and is gone over for every request.

/** Where a value stands in a JSON body, in bytes; `end` is behind its last one. */
export interface JsonSpan {
  start: number;
  end: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Finds the value at a dotted path (`signature.token`, `items.0.id`) without parsing what is around it: bodies are
 * signed as they are written, and anybody may have sent them. Of a key that repeats the last one counts, as in
 * `JSON.parse`. Null where there is none, or the text is no JSON up to there. Goes over the bytes once.
 */
export function findJsonSpan(body: Uint8Array, path: string): JsonSpan | null {
  let span: JsonSpan | null = { start: startOfValue(body), end: body.length };
  for (const step of path.split('.')) {
    span = body[span.start] === OPEN_LIST ? findElement(body, span.start, step) : findMember(body, span.start, step);
    if (span === null) return null;
  }
  return span;
}

/** The text at a path: a JSON text without its quotes and escapes, anything else as it is written; null without one. */
export function readJsonText(body: Uint8Array, path: string): string | null {
  const span = findJsonSpan(body, path);
  return span === null ? null : readJsonSpan(body, span);
}

/**
 * The texts at many paths, each as `readJsonText` has it: goes over each object once, and not once for every path.
 * Those of what is not there are left out.
 */
export function readJsonTexts(body: Uint8Array, paths: readonly string[]): Map<string, string> {
  const texts = new Map<string, string>();
  const wanted = paths.map((path) => ({ path, steps: path.split('.') }));
  collectTexts(body, { start: startOfValue(body), end: body.length }, wanted, texts);
  return texts;
}

interface WantedPath {
  path: string;
  /** The keys that are left of it. */
  steps: readonly string[];
}

function collectTexts(body: Uint8Array, at: JsonSpan, wanted: readonly WantedPath[], texts: Map<string, string>): void {
  const inner = new Map<string, WantedPath[]>();
  for (const { path, steps } of wanted) {
    const [step, ...rest] = steps;
    if (step !== undefined) inner.set(step, [...(inner.get(step) ?? []), { path, steps: rest }]);
    const text = step === undefined ? readJsonSpan(body, at) : null;
    if (text !== null) texts.set(path, text);
  }
  if (inner.size > 0)
    for (const [step, span] of findSteps(body, at.start, inner)) collectTexts(body, span, inner.get(step) ?? [], texts);
}

/** Where the members or elements of these names stand: of a key that repeats the last one counts. */
function findSteps(body: Uint8Array, start: number, wanted: ReadonlyMap<string, unknown>): Map<string, JsonSpan> {
  const spans = new Map<string, JsonSpan>();
  if (body[start] === OPEN_LIST) {
    for (const step of wanted.keys()) {
      const span = findElement(body, start, step);
      if (span !== null) spans.set(step, span);
    }
    return spans;
  }
  for (const [key, span] of listMembers(body, start)) if (key !== null && wanted.has(key)) spans.set(key, span);
  return spans;
}

/** The text of a value: see `readJsonText`. Null for a text with wrong escapes, or none at all. */
export function readJsonSpan(body: Uint8Array, span: JsonSpan): string | null {
  const raw = Buffer.from(body.buffer, body.byteOffset + span.start, span.end - span.start).toString('utf8');
  if (raw === '') return null;
  if (!raw.startsWith('"')) return raw;
  try {
    return JSON.parse(raw) as string;
  } catch {
    return null;
  }
}

function findMember(body: Uint8Array, start: number, wanted: string): JsonSpan | null {
  let found: JsonSpan | null = null;
  for (const [key, span] of listMembers(body, start)) if (key === wanted) found = span;
  return found;
}

/** The members of a JSON object as they stand in the body; of one that breaks off, those before. */
export const listJsonMembers = (body: Uint8Array): Generator<[key: string | null, JsonSpan]> =>
  listMembers(body, startOfValue(body));

function* listMembers(body: Uint8Array, start: number): Generator<[key: string | null, JsonSpan]> {
  if (body[start] !== OPEN_OBJECT) return;
  let at = skipSpace(body, start + 1);
  while (body[at] === QUOTE) {
    const keyEnd = Math.min(endOfText(body, at) + 1, body.length);
    const key = readKey(body, at, keyEnd);
    at = skipSpace(body, keyEnd);
    if (body[at] !== COLON) return;
    const valueStart = skipSpace(body, at + 1);
    const end = endOfValue(body, valueStart);
    yield [key, { start: valueStart, end }];
    at = skipSpace(body, end);
    if (body[at] !== COMMA) return;
    at = skipSpace(body, at + 1);
  }
}

function findElement(body: Uint8Array, start: number, step: string): JsonSpan | null {
  if (!/^\d{1,6}$/.test(step)) return null;
  let at = skipSpace(body, start + 1);
  for (let left = Number(step); ; left--) {
    if (at >= body.length || body[at] === CLOSE_LIST) return null;
    const end = endOfValue(body, at);
    if (left === 0) return { start: at, end };
    at = skipSpace(body, end);
    if (body[at] !== COMMA) return null;
    at = skipSpace(body, at + 1);
  }
}

function readKey(body: Uint8Array, start: number, end: number): string | null {
  const raw = Buffer.from(body.buffer, body.byteOffset + start, end - start).toString('utf8');
  if (!raw.includes('\\')) return raw.slice(1, -1);
  try {
    return JSON.parse(raw) as string;
  } catch {
    return null;
  }
}

function endOfValue(body: Uint8Array, start: number): number {
  const first = body[start];
  if (first === QUOTE) return Math.min(endOfText(body, start) + 1, body.length);
  if (first !== OPEN_OBJECT && first !== OPEN_LIST) return endOfScalar(body, start);
  let depth = 0;
  for (let at = start; at < body.length; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfText(body, at);
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return body.length;
}

function endOfScalar(body: Uint8Array, start: number): number {
  let at = start;
  while (at < body.length && !isScalarEnd(body[at] as number)) at++;
  return at;
}

const isScalarEnd = (byte: number): boolean =>
  byte <= 0x20 || byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_LIST;

function skipSpace(body: Uint8Array, start: number): number {
  let at = start;
  while ((body[at] ?? 0xff) <= 0x20) at++;
  return at;
}

/** After a byte order mark and white space. */
export function startOfValue(body: Uint8Array): number {
  return skipSpace(body, body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);
}

/** Index of the quote that ends the text beginning at `start`; the body's end without one. */
export function endOfText(body: Uint8Array, start: number): number {
  let at = start + 1;
  for (; at < body.length && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
  return Math.min(at, body.length);
}
