import type { Vendor } from '../../model/vendor.ts';
import { listSome } from '../../model/wording.ts';
import { wrapText } from '../terminal/text.ts';
import { evidenceOf, listEvidence } from '../../vendors/evidence.ts';

/**
 * Where the facts of a part of the vendor's data were read, and when: each page and day, with what stands there.
 * What is inferred, assumed or the user's own stands on no page.
 */
export function renderSources(vendor: Vendor, part: unknown): string[] {
  const facts = new Map<string, string[]>();
  for (const { path, evidence } of listEvidence(part)) {
    const { source, asOf, certainty } = evidenceOf(vendor, evidence);
    if (source === null) continue;
    const page = `${source}\n(${certainty}), looked up ${asOf}`;
    facts.set(page, [...(facts.get(page) ?? []), path]);
  }
  const items = [...facts].flatMap(([page, paths]) => {
    const [address = '', when = ''] = page.split('\n');
    return [
      ...wrapText(address, '    - '),
      ...wrapText(`${when}: ${listSome(paths.map((path) => path || 'the event'))}`, '      '),
    ];
  });
  return items.length === 0 ? [] : ['  sources', ...items];
}
