import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';

export type Counts = Record<Finding['status'], number>;

export function countFindings(findings: readonly Finding[]): Counts {
  const counts: Counts = { pass: 0, fail: 0, warn: 0, skip: 0 };
  for (const { status } of findings) counts[status] += 1;
  return counts;
}

/** `31 passed, 2 failed, 1 warning, 4 skipped`; of what did not occur nothing is said, but that nothing was checked is. */
export function countsText({ pass, fail, warn, skip }: Counts): string {
  const parts = [
    [pass, 'passed'],
    [fail, 'failed'],
    [warn, warn === 1 ? 'warning' : 'warnings'],
    [skip, 'skipped'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  return told.length === 0 ? 'nothing was checked' : told.join(', ');
}

/**
 * The exit code will not be 0, but no finding says why: nothing was checked, or everything was skipped. A document of
 * tests would then look like success, so its reporter adds the conclusion as one more case that went wrong.
 */
export function failsUnseen({ isGood, findings }: Report): boolean {
  return !isGood && findings.every(({ status }) => status !== 'fail');
}
