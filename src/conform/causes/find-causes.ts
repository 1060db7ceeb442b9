import type { CommonCause } from '../../model/report.ts';
import type { CausePattern } from './cause-pattern.ts';
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
  for (const pattern of PATTERNS.filter(({ holds }) => holds(evidence))) {
    const explained = left.filter((judged) => judged.status !== 'pass' && pattern.explains(judged, evidence));
    if (explained.length < SEVERAL) continue;
    const voided = left.filter((judged) => judged.status === 'pass' && pattern.voids?.(judged, evidence) === true);
    causes.push(describeCause(pattern, evidence, explained, voided));
    left = left.filter((judged) => !explained.includes(judged) && !voided.includes(judged));
  }
  return causes;
}

const idsOf = (judged: readonly JudgedCase[]): string[] => judged.map(({ one }) => one.id);

function describeCause(
  { id, title, detail, fix }: CausePattern,
  evidence: SuiteEvidence,
  explained: readonly JudgedCase[],
  voided: readonly JudgedCase[],
): FoundCause {
  return {
    id,
    title: title(evidence),
    detail: detail(evidence),
    fix: fix(evidence),
    explains: idsOf(explained),
    voids: idsOf(voided),
  };
}
