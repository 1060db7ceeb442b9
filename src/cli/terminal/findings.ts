import { isDeepStrictEqual } from 'node:util';
import type { Finding } from '../../model/finding.ts';
import type { CommonCause, Report } from '../../model/report.ts';
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
import { failedText, foldFindings, foldRepeatedFixes, isShort, skipsByReason } from './fold-findings.ts';
import { displayWidth } from './display-width.ts';
import { columnsOf, plainLine, plainText, wrapText, formatDuration } from './text.ts';
import { screenOf } from './stdio.ts';

/** An answer of an endpoint may be of any length; --json has all of it. */
const MAX_TEXT = 1000;
const MAX_CHANGE = 4000;
/** Titles up to this length get their details in one column. */
const MAX_TITLE_COLUMN = 64;
const STATUS_WIDTH = 'fail  '.length;

/** How a report looks here; documents have all of it. */
export interface FindingsStyle {
  /** Everything is listed, with the commands that reproduce it. Without it what passed is counted. */
  isVerbose: boolean;
  /** The commands stand below what failed all the same. */
  hasCommands: boolean;
}

const BRIEF: FindingsStyle = { isVerbose: false, hasCommands: false };

/**
 * A report as a person reads it: what was looked at, the findings with the worst at the end, and what they come to. A
 * long one scrolls, and its end is what stays in sight.
 */
export function renderReport(report: Report, style: FindingsStyle = BRIEF): string {
  const { findings, parts, target } = report;
  if (parts !== undefined)
    return [...parts.map((part) => renderReport(part, style)), renderConclusion(report)].join('\n\n');
  if (isUntried(report)) return renderUntried(report);
  const rows = style.isVerbose ? renderAll(report) : renderFolded(report, style);
  return [
    wrapText(line(target), '')
      .map(painter(screenOf(1)).bold)
      .join('\n'),
    ...(rows.length === 0 ? [] : [rows.join('\n')]),
    [
      renderConclusion(report),
      ...wrapText(countsLine(report, style), ''),
      ...renderFailed(style.isVerbose ? { findings: findings.map(withoutCause) } : report),
    ].join('\n'),
  ].join('\n\n');
}

function renderConclusion({ conclusion, isGood }: Report): string {
  const { green, red } = painter(screenOf(1));
  const said = line(conclusion);
  return (fits(said) ? [said] : wrapText(said, '')).map((one) => (isGood ? green(one) : red(one))).join('\n');
}

/** `59 passed, 1 failed in 1 s`, and how to see what is left out. */
function countsLine({ findings, durationMs }: Report, style: FindingsStyle): string {
  const counts = `${countsText(countFindings(findings))} in ${formatDuration(durationMs)}`;
  const more = [
    ...(!style.isVerbose && !isShort({ findings }) ? ['--verbose lists all'] : []),
    ...(!style.isVerbose && !style.hasCommands && findings.some(isReproducible)
      ? ['--only ID --curl prints a command to reproduce it']
      : []),
  ];
  return more.length === 0 ? counts : `${counts} (${more.join('; ')})`;
}

const isReproducible = ({ status, reproduce }: Finding): boolean =>
  (status === 'fail' || status === 'warn') && typeof reproduce === 'string';

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

/** As bad as the worst that it explains. */
function statusOfCause({ id }: CommonCause, { findings, isGood }: Report): 'fail' | 'warn' {
  const statuses = new Set(findings.filter(({ cause }) => cause === id).map(({ status }) => status));
  return statuses.has('fail') || (!statuses.has('warn') && !isGood) ? 'fail' : 'warn';
}

/** `cause  one-spelling  header names are found in Title-Case alone`, and below it what that rests on. */
function renderCauses(report: Report, of: Finding['status'], hasCommands: boolean): string[] {
  const paint = painter(screenOf(1));
  const causes = (report.causes ?? []).filter((cause) => statusOfCause(cause, report) === of);
  return causes.flatMap((cause) => {
    const prefix = `${'cause'.padEnd(STATUS_WIDTH)}${line(cause.id)}  `;
    const [first = '', ...others] = wrapText(line(cause.title), prefix);
    const shown = hasCommands ? cause : { ...cause, reproduce: null };
    const below = describeCause(shown, report.findings).flatMap((one) =>
      renderText(one, ' '.repeat(STATUS_WIDTH), paint),
    );
    const paintCause = of === 'fail' ? paint.red : paint.yellow;
    return [paintCause(first.slice(0, 'cause'.length)) + first.slice('cause'.length), ...others, ...below];
  });
}

/** From what needs no look to what needs it most. */
const ORDER = ['pass', 'skip', 'warn', 'fail'] as const satisfies readonly Finding['status'][];

function renderAll(report: Report): string[] {
  const sorted = ORDER.flatMap((status) => report.findings.filter((one) => one.status === status));
  const shown = foldRepeatedFixes(joinAlike(sorted.filter(({ status }) => status !== 'skip')));
  const skips = renderSkips(report.findings);
  return ORDER.flatMap((status) => [
    ...(status === 'skip' ? skips : renderFindings(shown, status)),
    ...renderCauses(report, status, true),
  ]);
}

function renderFolded(report: Report, { hasCommands }: FindingsStyle): string[] {
  const { dim } = painter(screenOf(1));
  const { shown, counted } = foldFindings(report, hasCommands);
  return ORDER.flatMap((status) => [
    ...counted
      .filter(([of]) => of === status)
      .flatMap(([, text]) => wrapText(line(text), status.padEnd(STATUS_WIDTH)).map(dim)),
    ...renderFindings(shown, status),
    ...renderCauses(report, status, hasCommands),
  ]);
}

/** What it comes to, and of what: on one line where that fits, else the target below. */
export function renderHead({ target, conclusion, isGood }: Pick<Report, 'target' | 'conclusion' | 'isGood'>): string {
  const { green, red } = painter(screenOf(1));
  const paint = isGood ? green : red;
  const [said, of] = [line(conclusion), line(target)];
  if (fits(`${said}  ${of}`)) return `${paint(said)}  ${of}`;
  return [...wrapText(said, '').map((one) => paint(one)), ...wrapText(of, '  ')].join('\n');
}

/** By name, so that the next command can be typed. */
function renderFailed(report: Pick<Report, 'findings' | 'causes'>): string[] {
  const text = line(failedText(report));
  if (text === '') return [];
  return (fits(`failed: ${text}`) ? [`failed: ${text}`] : wrapText(text, 'failed: ')).map((one) =>
    painter(screenOf(1)).red(one),
  );
}

/** One line each, and below those that need a look what was expected and what to do. */
function renderFindings(all: readonly Finding[], of: Finding['status']): string[] {
  const paint = painter(screenOf(1));
  const columns: Columns = {
    id: Math.max(0, ...all.map(({ id }) => id.length)),
    title: Math.max(0, ...all.map(({ title }) => title.length).filter((length) => length <= MAX_TITLE_COLUMN)),
  };
  const run = all.filter(({ status }) => status === of);
  return run.flatMap((finding, index) => renderFinding(finding, run[index - 1] ?? null, columns, paint));
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
  if (saysTheSame(finding, above)) return [head, ...others, ...reason, paint.dim(`${indent}the rest as above`)];
  return [head, ...others, ...reason, ...describeFinding(finding).flatMap((one) => renderText(one, indent, paint))];
}

/** The same check on another version of TLS often ends alike: what to do about it is read once. */
function saysTheSame(finding: Finding, above: Finding | null): boolean {
  if (above === null || above.id !== finding.id || above.status !== finding.status) return false;
  const texts = describeFinding(finding);
  return texts.length > 1 && isDeepStrictEqual(texts, describeFinding(above));
}

/** `label  text`, wrapped; the lines of a change to a configuration stay as they are, to be copied. */
function renderText({ label, text, isChange, isCommand }: Labelled, indent: string, paint: Paint): string[] {
  const prefix = `${indent}${label.padEnd('expected '.length)} `;
  // Whoever copies several lines copies what they are indented by, too.
  if (isCommand && (text.includes('\n') || !fits(prefix + text)))
    return [paint.dim(prefix.trimEnd()), ...shorten(plainText(text), MAX_CHANGE).split('\n')];
  const lines = isChange
    ? shorten(plainText(text), MAX_CHANGE)
        .split('\n')
        .map((part, index) => (index === 0 ? prefix : ' '.repeat(prefix.length)) + part)
    : wrapText(line(text), prefix);
  return lines.map((one, index) => (index === 0 ? paint.dim(prefix) + one.slice(prefix.length) : one));
}

/** `skip  L1, L2, N1 (TLS 1.2): the reason`: what was skipped for one reason stands together. */
function renderSkips(findings: readonly Finding[]): string[] {
  const { dim } = painter(screenOf(1));
  return skipsByReason(findings, Infinity).flatMap((text) => wrapText(line(text), 'skip  ').map(dim));
}

function paintStatus(status: Finding['status'], paint: Paint): string {
  return { pass: paint.green, fail: paint.red, warn: paint.yellow, skip: paint.dim }[status](status);
}

/** In a file or a pipe a line may have any length: a finding can then be found with grep. */
function fits(text: string): boolean {
  return displayWidth(text) <= (columnsOf(screenOf(1)) ?? Infinity);
}

function line(text: string): string {
  return shorten(plainLine(text), MAX_TEXT);
}
