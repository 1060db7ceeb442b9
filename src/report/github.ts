import type { Finding } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { failsUnseen } from './count-findings.ts';
import { findingText } from './describe-finding.ts';
import { joinAlike } from './join-alike.ts';
import { shorten } from './shorten.ts';

/** GitHub shows so many errors and so many warnings of one step, and drops the others without a word. */
export const MAX_ANNOTATIONS = 10;
const MAX_MESSAGE = 4000;

/**
 * Workflow commands (https://docs.github.com/actions/reference/workflow-commands-for-github-actions), a line each:
 * `::error` for what failed, `::warning` for warnings, one for what is the same on both versions of TLS. Where there are
 * more than GitHub shows, the last names the rest.
 * Empty when all is well.
 */
export function renderAnnotations(report: Report): string {
  const of = (status: Finding['status']): Finding[] =>
    joinAlike(report.findings.filter((finding) => finding.status === status));
  const unseen = failsUnseen(report)
    ? [annotation('error', report.command, `${report.conclusion}: ${report.target}`)]
    : [];
  return [...unseen, ...annotations('error', of('fail')), ...annotations('warning', of('warn'))]
    .map((line) => `${line}\n`)
    .join('');
}

function annotations(kind: 'error' | 'warning', findings: readonly Finding[]): string[] {
  const shown = findings.length <= MAX_ANNOTATIONS ? findings : findings.slice(0, MAX_ANNOTATIONS - 1);
  const rest = findings.slice(shown.length);
  const lines = shown.map((finding) =>
    annotation(kind, `${finding.id} ${finding.title}`, findingText(finding), finding.place),
  );
  if (rest.length === 0) return lines;
  return [
    ...lines,
    annotation(
      kind,
      `and ${rest.length} more`,
      rest.map(({ id, title, detail }) => `${id} ${title}: ${shorten(detail, 200)}`).join('\n'),
    ),
  ];
}

/** With a place it stands beside that line of the pull request. */
function annotation(kind: 'error' | 'warning', title: string, message: string, place?: Finding['place']): string {
  const where = place === undefined ? '' : `file=${escapeProperty(place.file)},line=${place.line},`;
  return `::${kind} ${where}title=${escapeProperty(shorten(title, 200))}::${escapeData(shorten(message, MAX_MESSAGE))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
