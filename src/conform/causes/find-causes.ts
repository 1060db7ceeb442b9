import type { CommonCause } from '../../model/report.ts';
import type { JudgedCase, SuiteEvidence } from './judged-case.ts';
import { PATTERNS } from './list-patterns.ts';

/** How to see it again is not this room's. */
export type FoundCause = Omit<CommonCause, 'reproduce'>;

/** One case that fails says for itself why. */
const SEVERAL = 2;

/** What the pattern of the verdicts shows. A case has one cause at most: the first that explains it. */
export function findCauses(evidence: SuiteEvidence): FoundCause[] {
  const causes: FoundCause[] = [];
  let left = evidence.cases;
  for (const { id, find } of PATTERNS) {
    const found = find(evidence);
    if (found === null) continue;
    const { explains, voids, isOfOne, ...texts } = found;
    const explained = left.filter((judged) => judged.status !== 'pass' && explains(judged));
    if (explained.length < (isOfOne === true ? 1 : SEVERAL)) continue;
    const voided = left.filter((judged) => judged.status === 'pass' && voids?.(judged) === true);
    causes.push({ id, ...texts, explains: idsOf(explained), voids: idsOf(voided) });
    left = left.filter((judged) => !explained.includes(judged) && !voided.includes(judged));
  }
  return causes;
}

const idsOf = (judged: readonly JudgedCase[]): string[] => judged.map(({ one }) => one.id);
