import type {
  DailyStatistics,
  DirectionTotals,
  HistoryStatistics,
  OutcomeTotals,
} from '../../report/statistics/daily-statistics.ts';
import { painter } from '../terminal/color.ts';
import { cutMiddle, displayWidth, padLine, wrapLine } from '../terminal/display-width.ts';
import { columnsOf, formatDuration, plainLine } from '../terminal/text.ts';
import type { TopicPart } from '../terminal/topic.ts';
import { screenOf } from '../terminal/stdio.ts';

export const TEXTS = {
  statistics: (): readonly TopicPart[] => [
    'webhook history stats counts attempts, including retries, by the day (UTC) on which they started: sent ' +
      'is the sum of delivered, refused and unreachable.',
    'p50 and p95 are the response times of answered attempts: nearest rank, to three digits.',
  ],
};

const NUMBERS = ['sent', 'delivered', 'refused', 'unreachable', 'retries', 'p50', 'p95'] as const;
/** What a narrow terminal does without, the first first; the others add up, so all of them stay. */
const DROPPED = ['retries', 'p50', 'p95'] as const satisfies StatisticsColumn[];
const GAP = '  ';
const INDENT = '  ';
const TOTAL = 'total';

type StatisticsColumn = (typeof NUMBERS)[number];

/** What a webhook is called: its configured name, or where it is called. */
export interface WebhookWords {
  nameOf: (uuid: string) => string | null;
  placeOf: (uuid: string) => string | null;
}

interface StatisticsLine {
  label: string;
  numbers: readonly string[];
}

/**
 * Days of one webhook below each other under one heading, so that the numbers fit beside the name of the event. A name
 * that is too long for a line with them stands on a line of its own, whole.
 */
export function renderStatistics(
  { days, totals }: HistoryStatistics,
  words: WebhookWords,
  available = columnsOf(screenOf(1)),
): string {
  const columns = columnsFor([...days, ...totals], available);
  if (columns === null) return renderBelow({ days, totals }, words, available ?? 0);
  const lines = days.map((row) => ({ label: `${INDENT}${plainLine(row.event)}`, numbers: numbersOf(row, columns) }));
  const sums = totals.map((total) => ({ label: totalLabel(total, totals), numbers: numbersOf(total, columns) }));
  const widths = columns.map((column) => widthOf(column, [...days, ...totals]));
  const labelWidth = Math.min(
    longest([...lines, ...sums].map(({ label }) => label)),
    available === undefined ? Infinity : Math.max(TOTAL.length, available - widthOfAll(widths)),
  );
  const { dim, bold } = painter(screenOf(1));
  const draw = ({ label, numbers }: StatisticsLine): string => {
    const cells = numbers.map((number, column) => number.padStart(widths[column] ?? 0)).join(GAP);
    return displayWidth(label) > labelWidth
      ? `${label}\n${' '.repeat(labelWidth)}${GAP}${cells}`
      : `${padLine(label, labelWidth)}${GAP}${cells}`;
  };
  const rows = days.flatMap((row, index) => {
    const heading = isUnderSameHeading(row, days[index - 1]) ? [] : headingOf(row, words, available ?? Infinity);
    return [...heading.map(bold), draw(lines[index] as StatisticsLine)];
  });
  return [dim(draw({ label: '', numbers: columns })), ...rows, ...sums.map(draw)].join('\n');
}

/** Where not even the counts fit beside a label: below it, each with its name. */
function renderBelow({ days, totals }: HistoryStatistics, words: WebhookWords, available: number): string {
  const { bold } = painter(screenOf(1));
  const numbers = (one: OutcomeTotals, indent: string): string[] => {
    const cells = NUMBERS.map((column) => `${column}\u00a0${cellOf(one, column).replace(' ', '\u00a0')}`).join(', ');
    return wrapLine(cells, available - indent.length).map((line) => indent + line.replaceAll('\u00a0', ' '));
  };
  const rows = days.flatMap((row, index) => [
    ...(isUnderSameHeading(row, days[index - 1]) ? [] : headingOf(row, words, available).map(bold)),
    `${INDENT}${plainLine(row.event)}`,
    ...numbers(row, INDENT + INDENT),
  ]);
  const sums = totals.flatMap((total) => [totalLabel(total, totals), ...numbers(total, INDENT)]);
  return [...rows, ...sums].join('\n');
}

/** The direction only where there are both. */
function totalLabel({ direction }: DirectionTotals, totals: readonly DirectionTotals[]): string {
  if (totals.length === 1) return TOTAL;
  return direction === 'in' ? 'all received' : 'all sent';
}

/** As many columns as fit beside the word for the total; null where those that add up do not. */
function columnsFor(rows: readonly OutcomeTotals[], available: number | undefined): StatisticsColumn[] | null {
  const columns: StatisticsColumn[] = [...NUMBERS];
  if (available === undefined) return columns;
  const fits = (): boolean => TOTAL.length + widthOfAll(columns.map((one) => widthOf(one, rows))) <= available;
  for (const column of DROPPED) if (!fits()) columns.splice(columns.indexOf(column), 1);
  return fits() ? columns : null;
}

function widthOf(column: StatisticsColumn, rows: readonly OutcomeTotals[]): number {
  return longest([column, ...rows.map((row) => cellOf(row, column))]);
}

function widthOfAll(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + GAP.length + width, 0);
}

function isUnderSameHeading(row: DailyStatistics, before: DailyStatistics | undefined): boolean {
  const parts = ['day', 'webhookUuid', 'vendor', 'direction'] as const;
  return parts.every((part) => row[part] === before?.[part]);
}

/** A URL is cut in the middle as far as this. */
const LEAST_PLACE = 16;

/** Lines of at most `available` columns. */
function headingOf(row: DailyStatistics, { nameOf, placeOf }: WebhookWords, available: number): string[] {
  const { day, webhookUuid, vendor, direction } = row;
  const received = direction === 'in' ? ['received'] : [];
  const withWebhook = (called: string): string => [day, called, plainLine(vendor), ...received].join(GAP);
  const place = plainLine(placeOf(webhookUuid) ?? webhookUuid);
  const room = available - displayWidth(withWebhook(''));
  const called = nameOf(webhookUuid) ?? cutMiddle(place, Math.max(LEAST_PLACE, room));
  const heading = withWebhook(plainLine(called));
  return displayWidth(heading) <= available ? [heading] : wrapLine(heading, available);
}

function numbersOf(totals: OutcomeTotals, columns: readonly StatisticsColumn[]): string[] {
  return columns.map((column) => cellOf(totals, column));
}

function cellOf(totals: OutcomeTotals, column: StatisticsColumn): string {
  const value = column === 'p50' ? totals.p50Ms : column === 'p95' ? totals.p95Ms : totals[column];
  if (value === null) return '–';
  return column === 'p50' || column === 'p95' ? formatDuration(value) : String(value);
}

/** Without spreading: of rows there may be more than a call takes arguments. */
function longest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, displayWidth(text)), 0);
}
