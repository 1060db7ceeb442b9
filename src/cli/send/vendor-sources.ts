import type { Vendor } from '../../model/vendor.ts';
import { listSome } from '../../model/wording.ts';
import { evidenceOf, listEvidence } from '../../vendors/evidence.ts';

/**
 * Where the facts of a part of the vendor's data were read, and when: one line for each page and day, with what stands
 * there. What is inferred, assumed or the user's own stands on no page.
 */
export function listSources(vendor: Vendor, part: unknown): string[] {
  const facts = new Map<string, string[]>();
  for (const { path, evidence } of listEvidence(part)) {
    const { source, asOf, certainty } = evidenceOf(vendor, evidence);
    if (source === null) continue;
    const page = `${source} (${certainty}), looked up ${asOf}`;
    facts.set(page, [...(facts.get(page) ?? []), path]);
  }
  return [...facts].map(([page, paths]) => `${page}: ${listSome(paths.map((path) => path || 'the event'))}`);
}
