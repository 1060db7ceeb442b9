import { headerAt, type RequestPlace, type Signature } from '../model/signature.ts';
import { endOfText, findJsonSpan, readJsonText, startOfValue } from '../model/json-span.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { bodyFormatOf } from '../vendors/body-facts.ts';
import { eventFieldOf, perVendor, signatureOf } from '../vendors/facts.ts';
import { isCommonWord, ownFields } from './own-fields.ts';
import { isSignatureText } from './scheme/compute.ts';
import { listFormPairs } from './scheme/form.ts';
import { parseSignature } from './scheme/signature-text.ts';
import { readLoosely } from './explain/read-loosely.ts';

/** Points for each sign of a vendor. The fields of a body weigh most where no header decides. */
const SCORE = { signaturePlace: 8, unit: 4, ownHeader: 3, format: 2, fields: 6 };

/** What of a request tells the vendor. */
export interface RecognisedRequest {
  headers: readonly Header[];
  body: Uint8Array;
}

/**
 * Lists the vendors this request may come from, best first: by signature and other headers, unit of the time, fields of
 * the body. Empty when nothing fits.
 */
export function recogniseVendors(request: RecognisedRequest, vendors: readonly Vendor[]): Vendor[] {
  const traces = readTraces(request);
  return vendors
    .map((vendor) => {
      const score = scoreTraces(vendor, traces);
      return { vendor, score: score + scoreFields(vendor, traces, score > 0 ? null : vendors) };
    })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ vendor }) => vendor);
}

/**
 * The first of them. Asked for with every request: the fields are read only where they can still decide.
 */
export function recogniseVendor(request: RecognisedRequest, vendors: readonly Vendor[]): Vendor | null {
  const traces = readTraces(request);
  const scored = vendors.map((vendor) => ({ vendor, score: scoreTraces(vendor, traces) }));
  const most = Math.max(0, ...scored.map(({ score }) => score));
  const left = scored.filter(({ score }) => score + SCORE.fields >= most);
  // The only one by its headers: what its body says changes nothing.
  if (left.length === 1 && most > 0) return left[0]?.vendor ?? null;
  let best: { vendor: Vendor; score: number } | null = null;
  for (const { vendor, score } of left) {
    const whole = score + scoreFields(vendor, traces, score > 0 ? null : vendors);
    if (whole > (best?.score ?? 0)) best = { vendor, score: whole };
  }
  return best?.vendor ?? null;
}

/** A request as it is asked for again and again. */
interface Traces {
  body: Uint8Array;
  /** By their names in lower case. */
  headers: ReadonlyMap<string, readonly string[]>;
  /** Of a body of JSON, read when they are asked for. */
  keys: () => ReadonlySet<string>;
  /** Of a form. */
  fields: () => ReadonlyMap<string, string>;
}

function readTraces({ headers, body }: RecognisedRequest): Traces {
  const byName = new Map<string, string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const known = byName.get(lower);
    if (known === undefined) byName.set(lower, [value]);
    else known.push(value);
  }
  let keys: ReadonlySet<string> | undefined;
  let fields: ReadonlyMap<string, string> | undefined;
  return {
    body,
    headers: byName,
    keys: () => (keys ??= readTopLevelKeys(body)),
    fields: () => (fields ??= readFields({ headers, body })),
  };
}

/** What of a vendor's data tells it, with the names of headers in lower case. */
const signsOf = perVendor((vendor) => {
  const signature = signatureOf(vendor);
  return {
    signature,
    // Content-Type says nothing about the sender.
    headers: vendor.headers
      .map(({ name, value }) => ({ name: name.toLowerCase(), value: typeof value === 'string' ? value : null }))
      .filter(({ name }) => name !== 'content-type'),
    at: signature === null ? null : lowered(signature.at),
    timeAt: signature?.timestamp?.at === undefined ? null : lowered(signature.timestamp.at),
  };
});

const lowered = (place: RequestPlace): RequestPlace =>
  'header' in place ? { header: place.header.toLowerCase() } : place;

function scoreTraces(vendor: Vendor, traces: Traces): number {
  const { signature, headers, at, timeAt } = signsOf(vendor);
  let score = 0;
  for (const { name, value } of headers) {
    const texts = traces.headers.get(name);
    if (texts !== undefined && (value === null || texts.includes(value))) score += SCORE.ownHeader;
  }
  return signature === null || at === null ? score : score + scoreSignature(signature, at, timeAt, traces);
}

/** Headers in which everybody sends something: they tell nobody. */
const COMMON_HEADERS: ReadonlySet<string | null> = new Set(['authorization', 'x-api-key', 'x-auth-token']);
/** Signatures have some hundred characters. */
const MAX_TEXT = 4096;

function scoreSignature(signature: Signature, at: RequestPlace, timeAt: RequestPlace | null, traces: Traces): number {
  const texts = textsAt(at, traces);
  const [text] = texts;
  if (text === undefined || COMMON_HEADERS.has(headerAt(at)) || ('json' in at && isCommonWord(at.json))) return 0;
  const parsed = text.length > MAX_TEXT ? null : parseSignature(signature, text.trim());
  const fits = parsed !== null && 'values' in parsed ? parsed : null;
  const isFormat = fits !== null && isTold(signature) && fits.values.some((value) => isSignatureText(signature, value));
  const time = timeAt === null ? (fits?.timestamp ?? readLoosely(texts).timestamps[0]) : textsAt(timeAt, traces)[0];
  const isUnit = signature.timestamp !== undefined && unitOf(time?.trim() ?? '') === signature.timestamp.unit;
  return SCORE.signaturePlace + (isFormat ? SCORE.format : 0) + (isUnit ? SCORE.unit : 0);
}

/** A static secret may be any text. */
const isTold = ({ algorithm, format }: Signature): boolean => algorithm !== 'token' || format !== '{v}';

/** Of a header or a body of JSON: what stands in a query or a form has names that many use. */
function textsAt(place: RequestPlace, { headers, body, keys }: Traces): readonly string[] {
  if ('header' in place) return headers.get(place.header) ?? [];
  if (!('json' in place)) return [];
  // Most bodies have no such key, and are not read to their end for it.
  const text = keys().has(place.json.split('.', 1)[0] ?? '') ? readJsonText(body, place.json) : null;
  return text === null ? [] : [text];
}

/** Of this century: seconds have ten digits until 2286, milliseconds thirteen. */
export function unitOf(timestamp: string): 'ms' | 's' | undefined {
  return timestamp.length === 13 ? 'ms' : timestamp.length === 10 ? 's' : undefined;
}

/**
 * How much of the body is the vendor's, by the event that fits best: what it must hold and what else it holds.
 * @param among where nothing but the body tells the vendor: nothing counts that any of these might send as well
 */
function scoreFields(vendor: Vendor, traces: Traces, among: readonly Vendor[] | null): number {
  const { keys, textOf } = readFirstEvent(vendor, traces);
  if (keys.size === 0) return 0;
  const shares = vendor.events.map(({ fields }) => {
    const common = fields.filter(({ name }) => keys.has(name)).length;
    return common < 2 ? 0 : common / (fields.length + keys.size - common) + common / keys.size;
  });
  const best = Math.max(0, ...shares);
  if (best < 1 || (among !== null && !isOwn(vendor, keys, textOf, among))) return 0;
  return best * (SCORE.fields / 2);
}

/** By a field that no other vendor has, or by the name of the event: `id` and `type` are in everybody's bodies. */
function isOwn(
  vendor: Vendor,
  keys: FirstEvent['keys'],
  textOf: FirstEvent['textOf'],
  among: readonly Vendor[],
): boolean {
  for (const name of ownFields(among).get(vendor) ?? []) if (keys.has(name)) return true;
  const field = eventFieldOf(vendor);
  const named = field === null ? null : textOf(field);
  return named !== null && vendor.events.some(({ name }) => name === named);
}

/** Of the request, where it stands in this vendor's requests. */
interface FirstEvent {
  /** The names of its fields. */
  keys: ReadonlySet<string>;
  /** What stands at a dotted path. */
  textOf: (path: string) => string | null;
}

const NO_EVENT: FirstEvent = { keys: new Set(), textOf: () => null };

function readFirstEvent(vendor: Vendor, traces: Traces): FirstEvent {
  const { format, field } = bodyFormatOf(vendor);
  if (format === 'form' || format === 'multipart') {
    const fields = traces.fields();
    return { keys: new Set(fields.keys()), textOf: (path) => fields.get(path) ?? null };
  }
  if (format === 'form-json') {
    const text = traces.fields().get(field ?? '');
    return text === undefined ? NO_EVENT : readJsonEvent(vendor, Buffer.from(text, 'utf8'));
  }
  return format === 'json' || format === 'json-lines'
    ? readJsonEvent(format === 'json' ? vendor : {}, traces.body, traces.keys())
    : NO_EVENT;
}

/** Of a batch the first. */
function readJsonEvent({ batch }: Pick<Vendor, 'batch'>, json: Uint8Array, keys = readTopLevelKeys(json)): FirstEvent {
  const bare = { keys, textOf: (path: string) => readJsonText(json, path) };
  if (batch === undefined) return bare;
  const { shape, singleIsBare } = batch.value;
  const isWrapped = shape !== 'array';
  if (isWrapped ? keys.has(shape.wrappedIn) : json[startOfValue(json)] === OPEN_LIST) {
    const span = findJsonSpan(json, isWrapped ? `${shape.wrappedIn}.0` : '0');
    if (span === null) return NO_EVENT;
    const first = json.subarray(span.start, span.end);
    return { keys: readTopLevelKeys(first), textOf: (path) => readJsonText(first, path) };
  }
  return singleIsBare ? bare : NO_EVENT;
}

/** No form that anybody sends has as many. */
const MAX_FIELDS = 1000;

/** The fields of a form; none of another body. */
function readFields({ headers, body }: RecognisedRequest): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const first = body[startOfValue(body)];
  if (first === OPEN_OBJECT || first === OPEN_LIST) return fields;
  for (const [name, value] of listFormPairs({ headers, body })) {
    fields.set(name.slice(0, MAX_NAME_BYTES), value);
    if (fields.size > MAX_FIELDS) break;
  }
  return fields;
}

/** More than any vendor's event has, several times over. */
const MAX_KEYS = 1000;
/** Names are short: the beginning of a longer one shows that no vendor has it. */
const MAX_NAME_BYTES = 200;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Reads the keys of a JSON object, not those of nested ones; none from any other value. At most 1001: a body with more
 * than 1000 is no vendor's event. Anybody may have sent the body, so it is not parsed: parsing a million keys takes
 * half a second and 200 MB, this a few nanoseconds a byte and no memory. A body that breaks off gives the keys so far.
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
