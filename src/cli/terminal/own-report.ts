import type { Finding } from '../../model/finding.ts';
import type { CommonCause, Report } from '../../model/report.ts';
import { inOwnName, programName, USUAL_NAME } from './program-name.ts';

/** The report with its commands under the name that this program was called by. What was observed stays as it is. */
export function reportInOwnName(report: Report): Report {
  if (programName() === USUAL_NAME) return report;
  return {
    ...report,
    conclusion: inOwnName(report.conclusion),
    findings: report.findings.map(finding),
    causes: report.causes?.map(cause),
    parts: report.parts?.map(reportInOwnName),
  };
}

const finding = (one: Finding): Finding => ({
  ...one,
  detail: inOwnName(one.detail),
  fix: one.fix === null ? null : inOwnName(one.fix),
  mistake: typeof one.mistake === 'string' ? inOwnName(one.mistake) : one.mistake,
});

const cause = (one: CommonCause): CommonCause => ({ ...one, detail: inOwnName(one.detail), fix: inOwnName(one.fix) });
