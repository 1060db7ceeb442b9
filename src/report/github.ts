import type { Finding } from '../model/finding.ts';
import type { CommonCause, Report } from '../model/report.ts';
import {
  causeText,
  failsUnseen,
  joinAlike,
  shorten,
  countFindings,
  countsText,
  describeFinding,
} from './describe-findings.ts';

/** GitHub shows so many errors and so many warnings of one step, and drops the others without a word. */
export const MAX_ANNOTATIONS = 10;
const MAX_MESSAGE = 4000;

/**
 * Workflow commands (https://docs.github.com/actions/reference/workflow-commands-for-github-actions), a line each:
 * `::error` for what failed, `::warning` for warnings, one for what is the same on both versions of TLS, and one for
 * all that a cause explains. Where there are more than GitHub shows, the last names the rest. Empty when all is well.
 */
export function renderAnnotations(report: Report): string {
  const of = (status: Finding['status']): Finding[] =>
    joinAlike(report.findings.filter((finding) => finding.status === status && !finding.cause));
  const causes = (kind: AnnotationKind): Annotated[] =>
    (report.causes ?? []).filter((cause) => kindOf(cause, report) === kind).map((cause) => ofCause(cause, report));
  const unseen = failsUnseen(report)
    ? [annotation('error', { title: report.command, message: `${report.conclusion}: ${report.target}` })]
    : [];
  return [
    ...unseen,
    ...annotations('error', [...causes('error'), ...of('fail').map(ofFinding)]),
    ...annotations('warning', [...causes('warning'), ...of('warn').map(ofFinding)]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

type AnnotationKind = 'error' | 'warning';

/** Of a text that may have any number: it stands beside others, and the job summary has all of it. */
const LINES_AT_MOST = 4;

/** `detail`, and what else there is behind its label, each on a line: a command of twenty lines hides the fix. */
function briefly(
  detail: string,
  others: readonly (readonly [label: string, text: string | null | undefined])[],
): string {
  const lines = [detail, ...others.flatMap(([label, text]) => (text ? [`${label}: ${text}`] : []))];
  return lines.map((one) => one.replace(/\s*[\r\n]\s*/g, ' ')).join('\n');
}

/** The first of them by name: with all of them it is a paragraph. */
function summaryOfCause({ explains }: CommonCause, findings: readonly Finding[]): string {
  const named = explains.slice(0, NAMED_AT_MOST).join(', ');
  const others = explains.length > NAMED_AT_MOST ? ` and ${explains.length - NAMED_AT_MOST} more` : '';
  const counts = countsText(countFindings(findings.filter(({ id }) => explains.includes(id))));
  return `${named}${others} (${counts})`;
}

const NAMED_AT_MOST = 5;

interface Annotated {
  title: string;
  message: string;
  /** Of many it is all that is told. */
  detail?: string;
  place?: Finding['place'];
}

const ofFinding = (finding: Finding): Annotated => ({
  title: `${finding.id} ${finding.title}`,
  message: briefly(finding.detail, [
    ['mistake', finding.mistake],
    ['fix', finding.fix],
  ]),
  detail: finding.detail,
  place: finding.place,
});

const ofCause = (cause: CommonCause, { findings }: Report): Annotated => ({
  title: cause.title,
  message: briefly(cause.detail, [
    ['fix', cause.fix],
    ['cases', summaryOfCause(cause, findings)],
  ]),
  detail: cause.detail,
});

/** As bad as the worst that it explains. */
function kindOf({ id }: CommonCause, { findings, isGood }: Report): AnnotationKind {
  const statuses = new Set(findings.filter(({ cause }) => cause === id).map(({ status }) => status));
  return statuses.has('fail') || (!statuses.has('warn') && !isGood) ? 'error' : 'warning';
}

function annotations(kind: AnnotationKind, all: readonly Annotated[]): string[] {
  const shown = all.length <= MAX_ANNOTATIONS ? all : all.slice(0, MAX_ANNOTATIONS - 1);
  const rest = all.slice(shown.length);
  const lines = shown.map((one) => annotation(kind, one));
  if (rest.length === 0) return lines;
  const told = rest.slice(0, rest.length > LINES_AT_MOST ? LINES_AT_MOST - 1 : LINES_AT_MOST);
  const message = [
    ...told.map(({ title, detail = '' }) => shorten(briefly(`${title}: ${detail}`, []), 200)),
    ...(told.length === rest.length ? [] : [`and ${rest.length - told.length} more: see the job summary`]),
  ].join('\n');
  return [...lines, annotation(kind, { title: `and ${rest.length} more`, message })];
}

/** With a place it stands beside that line of the pull request. */
function annotation(kind: AnnotationKind, { title, message, place }: Annotated): string {
  const where = place === undefined ? '' : `file=${escapeProperty(place.file)},line=${place.line},`;
  return `::${kind} ${where}title=${escapeProperty(shorten(title, 200))}::${escapeData(shorten(message, MAX_MESSAGE))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** GitHub refuses the summary of a step that is longer, all of it: https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
export const MAX_SUMMARY_BYTES = 1024 * 1024;

/** For what is said around the table and below it, when not all fits. */
const RESERVED_BYTES = 200;
const MAX_CELL = 500;
const MAX_DETAILS = 8000;

const RANK: Record<Finding['status'], number> = { fail: 0, warn: 1, pass: 2, skip: 3 };
const ICON: Record<Finding['status'], string> = { fail: '❌', warn: '⚠️', pass: '✅', skip: '➖' };

/**
 * The job summary in GitHub's Markdown: the conclusion, a table with what failed first, what to change below it,
 * folded. At most `maxBytes` of UTF-8; what does not fit is counted. Empty when not even the heading fits.
 */
export function renderSummary(report: Report, maxBytes: number = MAX_SUMMARY_BYTES): string {
  const { command, target, conclusion, isGood } = report;
  const counts = countsText(countFindings(report.findings));
  const causes = (report.causes ?? []).map(
    (cause) => `**cause ${cell(cause.id)}**: ${cell(cause.title)}<br>${cell(causeText(cause, report.findings))}`,
  );
  const heading = [
    `## ${isGood ? '✅' : '❌'} ${cell(command)} ${cell(target)}`,
    `**${cell(conclusion)}**`,
    ...causes,
    counts,
  ]
    .map((line) => `${line}\n\n`)
    .join('');
  const room = maxBytes - Buffer.byteLength(heading) - RESERVED_BYTES;
  if (room < 0) return '';
  const findings = report.findings.toSorted((one, other) => RANK[one.status] - RANK[other.status]);
  const rows = fill(findings.map(tableRow), room);
  const needy = findings.filter(({ status, cause }) => (status === 'fail' || status === 'warn') && !cause);
  const details = fill(needy.map(foldedDetails), room - Buffer.byteLength(rows.text));
  const table =
    findings.length === 0
      ? ''
      : `| status | id | check | detail |\n|---|---|---|---|\n${rows.text}${more(rows.left, 'findings')}\n`;
  return `${heading}${table}${details.text}${more(details.left, 'explanations')}`;
}

function tableRow({ status, id, title, detail }: Finding): string {
  return `| ${ICON[status]} ${status} | ${cell(id)} | ${cell(title)} | ${cell(detail)} |\n`;
}

function foldedDetails(finding: Finding): string {
  const texts = describeFinding(finding).map(({ label, text }) => `${label}\n  ${text.replaceAll('\n', '\n  ')}`);
  const inside = escapeMarkdown(shorten([finding.detail, ...texts].join('\n'), MAX_DETAILS));
  const summary = `${ICON[finding.status]} ${cell(`${finding.id} ${finding.title}`)}`;
  return `<details><summary>${summary}</summary>\n\n<pre>\n${inside}\n</pre>\n\n</details>\n\n`;
}

/** Whole parts, as many as fit. */
function fill(parts: readonly string[], maxBytes: number): { text: string; left: number } {
  let bytes = 0;
  const fitting = parts.findIndex((part) => (bytes += Buffer.byteLength(part)) > maxBytes);
  const count = fitting === -1 ? parts.length : fitting;
  return { text: parts.slice(0, count).join(''), left: parts.length - count };
}

function more(left: number, what: string): string {
  return left === 0 ? '' : `\nand ${left} more ${what}: GitHub shows at most 1 MiB\n`;
}

/** On one line of a table. */
function cell(text: string): string {
  return escapeMarkdown(shorten(text, MAX_CELL)).replace(/\r\n|[\r\n\u0085\u2028\u2029]/g, '<br>');
}

/** Whatever could be HTML or Markdown, as a character reference: those never count as markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[&<>|`*_~\\[\]#@$!]/g, (character) => `&#${character.charCodeAt(0)};`);
}
