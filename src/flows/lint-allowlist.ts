import type { Clock } from '../model/clock.ts';
import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { countFindings } from '../report/count-findings.ts';
import { lintList } from '../source/list/lint-list.ts';
import { readAllowlist, type GivenList } from './read-allowlist.ts';

/** What is wrong with a list, as a report. Throws AppError `input` for what is no text. */
export function lintAllowlist(given: GivenList, clock: Clock): Report {
  const startedAt = clock.now();
  const list = readAllowlist(given);
  const findings = lintList(list);
  return {
    command: 'allowlist lint',
    target: given.name,
    facts: { entries: list.entries.length },
    conclusion: conclude(findings),
    isGood: findings.every(({ status }) => status !== 'fail'),
    findings,
    startedAt,
    durationMs: clock.now() - startedAt,
  };
}

function conclude(findings: readonly Finding[]): string {
  const { fail, warn } = countFindings(findings);
  if (fail > 0) return 'something is wrong with the list';
  return warn > 0 ? 'nothing is wrong with the list, but something needs a look' : 'nothing is wrong with the list';
}
