import type { ConformanceCase } from '../../conform/conformance-case.ts';
import { wrapText } from '../terminal/text.ts';

/** One line a case: group, severity, id, what holds when it passes. */
export function renderCases(cases: readonly ConformanceCase[]): string {
  const width = Math.max(0, ...cases.map(({ id }) => id.length));
  return cases
    .flatMap(({ id, group, severity, title }) =>
      wrapText(title, `${group.padEnd('accept'.length)}  ${severity.padEnd('should'.length)}  ${id.padEnd(width)}  `),
    )
    .join('\n');
}
