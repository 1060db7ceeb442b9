import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import {
  countFindings,
  countsText,
  describeCause,
  describeFinding,
  type Labelled,
  joinAlike,
  shorten,
} from '../../report/describe-findings.ts';
import { painter, type Paint } from './color.ts';
import { failedText, foldFindings } from './fold-findings.ts';
import { plainLine, plainText, wrapText, formatDuration } from './text.ts';

/** An answer of an endpoint may be of any length; --json has all of it. */
const MAX_TEXT = 1000;
const MAX_CHANGE = 4000;
/** Titles up to this length get their details in one column. */
const MAX_TITLE_COLUMN = 64;
const STATUS_WIDTH = 'fail  '.length;

/** How a report looks here; documents have all of it. */
export interface FindingsStyle {
  /** What comes from a cause is counted below it, what passed is counted, and at most one command is shown. */
  isFolded: boolean;
}

/** A report as a person reads it: what it comes to, then each finding, then the counts and what failed. */
export function renderReport(report: Report, style: FindingsStyle = { isFolded: false }): string {
  const { findings, durationMs, parts } = report;
  if (parts !== undefined)
    return [...parts.map((part) => renderReport(part, style)), line(report.conclusion)].join('\n\n');
  if (isUntried(report)) return renderUntried(report);
  const counts = `${countsText(countFindings(findings))} in ${formatDuration(durationMs)}`;
  const rows = [...renderCauses(report), ...(style.isFolded ? renderFolded(report) : renderFindings(findings))];
  return [
    renderHead(report),
    ...(rows.length === 0 ? [] : [rows.join('\n')]),
    [counts, ...renderFailed(style.isFolded ? report : { findings: findings.map(withoutCause) })].join('\n'),
  ].join('\n\n');
}

/** Which cases there would have been helps nobody. */
function isUntried({ facts, findings }: Report): boolean {
  return typeof facts['stopped'] === 'string' && findings.every(({ status }) => status === 'skip');
}

function renderUntried(report: Report): string {
  const [cause] = report.causes ?? [];
  if (cause === undefined) return renderHead(report);
  return [renderHead({ ...report, conclusion: cause.title }), ...wrapText(line(cause.fix), '  ')].join('\n');
}

const withoutCause = (finding: Finding): Finding => ({ ...finding, cause: null });

/** `cause  one-spelling  header names are found in Title-Case alone`, and below it what that rests on. */
function renderCauses({ causes = [], findings }: Report): string[] {
  const paint = painter(process.stdout);
  return causes.flatMap((cause) => {
    const prefix = `${'cause'.padEnd(STATUS_WIDTH)}${line(cause.id)}  `;
    const [first = '', ...others] = wrapText(line(cause.title), prefix);
    const below = describeCause(cause, findings).flatMap((one) => renderText(one, ' '.repeat(STATUS_WIDTH), paint));
    const statuses = new Set(findings.filter((one) => one.cause === cause.id).map(({ status }) => status));
    const paintCause = statuses.has('fail') || !statuses.has('warn') ? paint.red : paint.yellow;
    return [paintCause(first.slice(0, 'cause'.length)) + first.slice('cause'.length), ...others, ...below];
  });
}

function renderFolded(report: Report): string[] {
  const paint = painter(process.stdout);
  const { shown, counted } = foldFindings(report);
  return [
    ...renderFindings(shown),
    ...counted.flatMap(([status, text]) => wrapText(line(text), status.padEnd(STATUS_WIDTH)).map(paint.dim)),
  ];
}

/** What it comes to, and of what: on one line where that fits, else the target below. */
export function renderHead({ target, conclusion, isGood }: Pick<Report, 'target' | 'conclusion' | 'isGood'>): string {
  const { green, red } = painter(process.stdout);
  const paint = isGood ? green : red;
  const [said, of] = [line(conclusion), line(target)];
  if (fits(`${said}  ${of}`)) return `${paint(said)}  ${of}`;
  return [...wrapText(said, '').map((one) => paint(one)), ...wrapText(of, '  ')].join('\n');
}

/** On a small screen the findings themselves are out of sight by now. */
function renderFailed(report: Pick<Report, 'findings' | 'causes'>): string[] {
  const text = line(failedText(report));
  if (text === '') return [];
  return (fits(`failed: ${text}`) ? [`failed: ${text}`] : wrapText(text, 'failed: ')).map((one) =>
    painter(process.stdout).red(one),
  );
}

/** One line each, and below those that need a look what was expected and what to do. Skips come last, by reason. */
function renderFindings(findings: readonly Finding[]): string[] {
  const paint = painter(process.stdout);
  const run = foldRepeatedFixes(joinAlike(findings.filter(({ status }) => status !== 'skip')));
  const columns: Columns = {
    id: Math.max(0, ...findings.map(({ id }) => id.length)),
    title: Math.max(0, ...run.map(({ title }) => title.length).filter((length) => length <= MAX_TITLE_COLUMN)),
  };
  return [
    ...run.flatMap((finding, index) => renderFinding(finding, run[index - 1] ?? null, columns, paint)),
    ...renderSkips(findings, paint),
  ];
}

interface Columns {
  id: number;
  title: number;
}

function renderFinding(finding: Finding, above: Finding | null, { id, title }: Columns, paint: Paint): string[] {
  const needsLook = finding.status !== 'pass';
  const indent = ' '.repeat(STATUS_WIDTH + id + 2);
  const [plainTitle, detail] = [line(finding.title), line(finding.detail)];
  const prefix = `${finding.status}  ${finding.id.padEnd(id)}  `;
  const isInline = detail !== '' && fits(`${prefix}${plainTitle.padEnd(title)}  ${detail}`);
  const titleLines = isInline || fits(prefix + plainTitle) ? [prefix + plainTitle] : wrapText(plainTitle, prefix);
  const [first = '', ...others] = titleLines;
  const painted = paintStatus(finding.status, paint) + first.slice(finding.status.length);
  const shownDetail = needsLook ? detail : paint.dim(detail);
  const head = isInline
    ? `${painted.padEnd(painted.length + prefix.length + title - first.length)}  ${shownDetail}`
    : painted;
  if (!needsLook) return [head, ...others];
  const reason = isInline || detail === '' ? [] : wrapText(detail, indent);
  if (saysTheSame(finding, above)) return [head, ...others, ...reason, paint.dim(`${indent}the rest is as above`)];
  return [head, ...others, ...reason, ...describeFinding(finding).flatMap((one) => renderText(one, indent, paint))];
}

/** The same check on another version of TLS often ends alike: what to do about it is read once. */
function saysTheSame(finding: Finding, above: Finding | null): boolean {
  if (above === null || above.id !== finding.id || above.status !== finding.status) return false;
  const texts = describeFinding(finding);
  return texts.length > 1 && isDeepStrictEqual(texts, describeFinding(above));
}

/** `label  text`, wrapped; the lines of a change to a configuration stay as they are, to be copied. */
function renderText({ label, text, isChange }: Labelled, indent: string, paint: Paint): string[] {
  const prefix = `${indent}${label.padEnd('expected '.length)} `;
  const lines = isChange
    ? shorten(plainText(text), MAX_CHANGE)
        .split('\n')
        .map((part, index) => (index === 0 ? prefix : ' '.repeat(prefix.length)) + part)
    : wrapText(line(text), prefix);
  return lines.map((one, index) => (index === 0 ? paint.dim(prefix) + one.slice(prefix.length) : one));
}

/** `skip  L1, L2, N1 (TLS 1.2): the reason`: what was skipped for one reason stands together. */
function renderSkips(findings: readonly Finding[], paint: Paint): string[] {
  const byReason = new Map<string, Set<string>>();
  for (const finding of findings.filter(({ status }) => status === 'skip')) {
    const isWhole = findings.every(
      ({ id, detail, status }) => id !== finding.id || (status === 'skip' && detail === finding.detail),
    );
    byReason.set(finding.detail, (byReason.get(finding.detail) ?? new Set()).add(line(skipName(finding, isWhole))));
  }
  return [...byReason].flatMap(([reason, names]) =>
    wrapText(`${[...names].join(', ')}: ${line(reason)}`, 'skip  ').map(paint.dim),
  );
}

/** Of several findings of one id the note at the end of the title says which. */
function skipName({ id, title }: Finding, isWhole: boolean): string {
  const note = isWhole ? null : /\([^()]*\)$/.exec(title);
  return note === null ? id : `${id} ${note[0]}`;
}

function paintStatus(status: Finding['status'], paint: Paint): string {
  return { pass: paint.green, fail: paint.red, warn: paint.yellow, skip: paint.dim }[status](status);
}

/** In a file or a pipe a line may have any length: a finding can then be found with grep. */
function fits(text: string): boolean {
  return text.length <= (process.stdout.columns ?? Infinity);
}

function line(text: string): string {
  return shorten(plainLine(text), MAX_TEXT);
}

/** Several checks fail for one cause: the first of them says what to change, the others point there. */
export function foldRepeatedFixes(findings: readonly Finding[]): Finding[] {
  const shownAt = new Map<string, string>();
  return findings.map((finding) => {
    const { id, fix, serverFixes, status } = finding;
    if (serverFixes.length === 0 || status === 'pass' || status === 'skip') return finding;
    const key = JSON.stringify([fix, serverFixes]);
    const where = shownAt.get(key);
    if (where === undefined) shownAt.set(key, id);
    return where === undefined ? finding : { ...finding, fix: `the same as for ${where}`, serverFixes: [] };
  });
}
