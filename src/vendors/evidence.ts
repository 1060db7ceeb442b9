import type { Evidence } from '../model/fact.ts';
import type { Vendor } from '../model/vendor.ts';

/** Evidence with nothing left out. Our own choices have no source, and neither has what a user says without one. */
export interface FullEvidence {
  certainty: Evidence['certainty'];
  source: string | null;
  asOf: string;
}

/** What a fact of the vendor rests on: its own source and day, or else the vendor's. */
export function evidenceOf(vendor: Vendor, { certainty, source, asOf }: Evidence): FullEvidence {
  return { certainty, source: source ?? defaultSource(vendor, certainty), asOf: asOf ?? vendor.asOf };
}

function defaultSource({ documentation, publicSource }: Vendor, certainty: Evidence['certainty']): string | null {
  if (certainty === 'doc') return documentation;
  // What was inferred or chosen stands on no page, and what was seen in public stands where the file says it was.
  return certainty === 'pub' ? (publicSource ?? null) : null;
}

/**
 * A part of the vendor's data with the evidence of every fact in it filled in. Samples are left as they are.
 * @param fill what the evidence of a fact is, in full
 */
export function withEvidence(vendor: Vendor, part: unknown, fill: EvidenceFill = evidenceOf): unknown {
  if (Array.isArray(part)) return part.map((one) => withEvidence(vendor, one, fill));
  if (typeof part !== 'object' || part === null) return part;
  const filled = Object.entries(part).map(([key, value]: [string, unknown]) => [
    key,
    SAMPLES.has(key) ? value : withEvidence(vendor, value, fill),
  ]);
  return {
    ...(Object.fromEntries(filled) as object),
    ...('certainty' in part ? fill(vendor, part as Evidence) : {}),
  };
}

type EvidenceFill = (vendor: Vendor, given: Evidence) => object;

const SAMPLES: ReadonlySet<string> = new Set(['example', 'minimal', 'variants', 'sampleAttachment', 'vectors']);

/** A fact somewhere in the data: `signature`, `retries.delaysMs`, `events.optin.fields.email`. */
export interface PlacedEvidence {
  path: string;
  evidence: Evidence;
}

/** Every fact in a part of a vendor's data, but for what is in samples. */
export function listEvidence(part: unknown, path = ''): PlacedEvidence[] {
  if (typeof part !== 'object' || part === null) return [];
  const inside = Object.entries(part).flatMap(([key, one]: [string, unknown]) => {
    const step = Array.isArray(part) ? nameOf(one, key) : key;
    return SAMPLES.has(key) ? [] : listEvidence(one, path === '' ? step : `${path}.${step}`);
  });
  return 'certainty' in part ? [{ path, evidence: part as Evidence }, ...inside] : inside;
}

/** Of an event, a field, a header its name; of anything else its place in the list. */
function nameOf(value: unknown, index: string): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined;
  return typeof name === 'string' ? name : index;
}
