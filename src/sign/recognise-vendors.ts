import type { Header } from '../model/plan.ts';
import type { Vendor, VendorHeader } from '../model/vendor.ts';
import { readLoosely } from './explain/read-loosely.ts';
import { readTopLevelKeys } from './top-level-keys.ts';

/** What each sign of a vendor counts. The fields of a body weigh most where no header tells. */
const SCORE = { signatureHeader: 8, unit: 4, ownHeader: 3, fields: 6 };

/** The vendors this request may be from, best first: by signature and other headers, unit of the time, fields of the body. Empty when nothing fits. */
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
  const { signature } = vendor;
  if (signature === null) return own;
  const values = headers
    .filter(([name]) => name.toLowerCase() === signature.header.toLowerCase())
    .map(([, value]) => value);
  if (values.length === 0) return own;
  const [timestamp] = readLoosely(values).timestamps;
  const fits = timestamp !== undefined && unitOf(timestamp) === signature.timestampUnit;
  return own + SCORE.signatureHeader + (fits ? SCORE.unit : 0);
}

/** Content-Type says nothing of who sends. */
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
