import type { JudgedExpectation, JudgedLoad, LatencySummary, LoadReport, LoadSecond } from '../../model/load-report.ts';
import {
  describeArrival,
  describeEvents,
  describeFigures,
  describeMeasured,
  describeVerdict,
} from '../../report/describe-load.ts';
import { shorten } from '../../report/describe-findings.ts';
import { painter } from '../terminal/color.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { renderTable } from '../terminal/table.ts';
import { fitLines, formatDuration, plainLine, wrapText } from '../terminal/text.ts';
import { screenOf } from '../terminal/stdio.ts';

/** A name in a file may be of any length; --json has all of it. */
const MAX_TEXT = 400;
const line = (text: string): string => shorten(plainLine(text), MAX_TEXT);

/** As wide as the longest label of a figure. */
const LABEL_WIDTH = 'unrecorded  '.length;

/** A load run as a person reads it: what was done, what was measured, and at the end what it comes to. */
export function renderLoad(load: JudgedLoad, isVerbose = false): string {
  const { report, expectations } = load;
  return [
    renderHead(report),
    ...(isVerbose && report.series.length > 0 ? [renderSeries(report.series)] : []),
    renderCounts(report),
    renderTimes(report),
    renderFigures(report),
    ...(expectations.length > 0 ? [renderExpectations(expectations)] : []),
    renderVerdict(load),
  ].join('\n\n');
}

function renderHead(report: LoadReport): string {
  const { target, arrival, durationMs, startedAt } = report;
  const { bold } = painter(screenOf(1));
  const name = target.webhook === null ? target.vendor : `${target.vendor} ${target.webhook}`;
  const span = `${formatDuration(durationMs)} from ${startedAt.slice(0, 19).replace('T', ' ')}Z`;
  return [
    ...wrapText(line(target.url), '').map(bold),
    ...wrapText(line(`${name}: ${describeEvents(report)}`), ''),
    ...wrapText(describeArrival(arrival), ''),
    ...wrapText(span, ''),
  ].join('\n');
}

function renderCounts({ counts, perSecond }: LoadReport): string {
  const { started, delivered, refused, unreachable, dropped } = counts;
  const cells = [started, delivered, refused, unreachable, dropped, Number(perSecond.toFixed(1))].map(String);
  return renderTable(['sent', 'delivered', 'refused', 'unreachable', 'dropped', 'answers/s'], [cells]);
}

function renderTimes({ response, service, arrival }: LoadReport): string {
  const rows = [['service', ...timesOf(service)]];
  // In a closed loop the two are one.
  if (arrival.kind !== 'closed') rows.unshift(['response', ...timesOf(response)]);
  return renderTable(['time', 'p50', 'p90', 'p99', 'p99.9', 'max'], rows);
}

function timesOf({ p50Ms, p90Ms, p99Ms, p999Ms, maxMs }: LatencySummary): string[] {
  return [p50Ms, p90Ms, p99Ms, p999Ms, maxMs].map(timeCell);
}

const timeCell = (ms: number | null): string => (ms === null ? '–' : formatDuration(ms));

function renderFigures(report: LoadReport): string {
  const { dim } = painter(screenOf(1));
  return describeFigures(report)
    .flatMap(({ label, text }) => {
      const prefix = label.padEnd(LABEL_WIDTH);
      const lines = fitLines(prefix + line(text), screenOf(1)).split('\n');
      return lines.map((one, index) => (index === 0 ? dim(prefix) + one.slice(prefix.length) : one));
    })
    .join('\n');
}

const SERIES_COLUMNS: readonly TableColumn[] = [
  { title: 'from' },
  { title: 'delivered' },
  { title: 'refused' },
  { title: 'unreachable' },
  { title: 'dropped', leaveOut: 1 },
  { title: 'p50', leaveOut: 3 },
  { title: 'p99' },
  { title: 'max', leaveOut: 2 },
];

function renderSeries(series: readonly LoadSecond[]): string {
  const rows = series.map(({ atMs, delivered, refused, unreachable, dropped, p50Ms, p99Ms, maxMs }) => [
    formatDuration(atMs),
    ...[delivered, refused, unreachable, dropped].map(String),
    ...[p50Ms, p99Ms, maxMs].map(timeCell),
  ]);
  return renderTable(SERIES_COLUMNS, rows);
}

/** Those that are not met come last: a long list scrolls. */
function renderExpectations(expectations: readonly JudgedExpectation[]): string {
  const { green, red } = painter(screenOf(1));
  const rows = expectations
    .toSorted((one, other) => Number(other.isMet) - Number(one.isMet))
    .map((one) => [one.isMet ? 'met' : 'not met', one.expectation, describeMeasured(one)]);
  return renderTable(['expected', '', 'measured'], rows, (cell, column) =>
    column === 0 ? (cell === 'met' ? green : red)(cell) : cell,
  );
}

function renderVerdict(load: JudgedLoad): string {
  const isGood = load.verdict.outcome === 'yes';
  const { green, red } = painter(screenOf(1));
  const prefix = (isGood ? 'passed' : 'failed').padEnd(LABEL_WIDTH);
  return fitLines(prefix + line(describeVerdict(load)), screenOf(1))
    .split('\n')
    .map(isGood ? green : red)
    .join('\n');
}
