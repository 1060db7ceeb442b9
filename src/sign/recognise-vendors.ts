import { headerAt } from '../model/signature.ts';
import { endOfText, startOfValue } from '../model/json-span.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor, VendorHeader } from '../model/vendor.ts';
import { signatureOf } from '../vendors/facts.ts';
import { readLoosely } from './explain/read-loosely.ts';
import { parseSignature } from './scheme/signature-text.ts';

/** Points for each sign of a vendor. The fields of a body weigh most where no header decides. */
const SCORE = { signatureHeader: 8, unit: 4, form: 2, ownHeader: 3, fields: 6 };

/**
 * Lists the vendors this request may come from, best first: by signature and other headers, form of the signature, unit
 * of the time, fields of the body. Empty when nothing fits.
 */
export function recogniseVendors(
  request: { headers: readonly Header[]; body: Uint8Array },
  vendors: readonly Vendor[],
): Vendor[] {
  const keys = readTopLevelKeys(request.body);
  return vendors
    .map((vendor) => ({ vendor, score: scoreHeaders(vendor, request.headers) + scoreFields(vendor, keys) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ vendor }) => vendor);
}

function scoreHeaders(vendor: Vendor, headers: readonly Header[]): number {
  const own = vendor.headers.filter((header) => isOwn(header, headers)).length * SCORE.ownHeader;
  const signature = signatureOf(vendor);
  if (signature === null) return own;
  const place = headerAt(signature.at)?.toLowerCase();
  const values = headers.filter(([name]) => name.toLowerCase() === place).map(([, value]) => value);
  if (values.length === 0) return own;
  const [timestamp] = readLoosely(values).timestamps;
  const fits = timestamp !== undefined && unitOf(timestamp) === signature.timestamp?.unit;
  const hasForm = values.some((text) => 'values' in parseSignature(signature, text));
  return own + SCORE.signatureHeader + (fits ? SCORE.unit : 0) + (hasForm ? SCORE.form : 0);
}

/** Content-Type says nothing about the sender. */
function isOwn({ name, value }: VendorHeader, headers: readonly Header[]): boolean {
  const lower = name.toLowerCase();
  if (lower === 'content-type') return false;
  return headers.some(
    ([other, text]) => other.toLowerCase() === lower && (typeof value !== 'string' || text === value),
  );
}

/** Of this century: seconds have ten digits until 2286, milliseconds thirteen. */
export function unitOf(timestamp: string): 'ms' | 's' | undefined {
  return timestamp.length === 13 ? 'ms' : timestamp.length === 10 ? 's' : undefined;
}

/** How much of the body is the vendor's, by the event that fits best: what it must hold and what else it holds. */
function scoreFields(vendor: Vendor, keys: ReadonlySet<string>): number {
  if (keys.size === 0) return 0;
  const shares = vendor.events.map(({ fields }) => {
    const common = fields.filter(({ name }) => keys.has(name)).length;
    return common < 2 ? 0 : common / (fields.length + keys.size - common) + common / keys.size;
  });
  const best = Math.max(0, ...shares);
  return best < 1 ? 0 : best * (SCORE.fields / 2);
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
