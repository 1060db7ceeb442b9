import type {
  DailyStatistics,
  DirectionTotals,
  HistoryStatistics,
  OutcomeTotals,
} from '../../report/statistics/daily-statistics.ts';
import { painter } from '../terminal/color.ts';
import { columnsOf, formatDuration, plainLine } from '../terminal/text.ts';

const NUMBERS = ['sent', 'delivered', 'refused', 'unreachable', 'retries', 'p50', 'p95'] as const;
/** What a narrow terminal does without, the first first. */
const DROPPED = ['retries', 'p50', 'p95', 'delivered'] as const satisfies StatisticsColumn[];
const GAP = '  ';
const INDENT = '  ';
const TOTAL = 'total';

type StatisticsColumn = (typeof NUMBERS)[number];

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
  nameOf: (uuid: string) => string | null,
  available = columnsOf(process.stdout),
): string {
  const columns = columnsFor([...days, ...totals], available);
  const lines = days.map((row) => ({ label: `${INDENT}${plainLine(row.event)}`, numbers: numbersOf(row, columns) }));
  const sums = totals.map((total) => ({ label: totalLabel(total, totals), numbers: numbersOf(total, columns) }));
  const widths = columns.map((column) => widthOf(column, [...days, ...totals]));
  const labelWidth = Math.min(
    longest([...lines, ...sums].map(({ label }) => label)),
    available === undefined ? Infinity : Math.max(TOTAL.length, available - widthOfAll(widths)),
  );
  const { dim, bold } = painter(process.stdout);
  const draw = ({ label, numbers }: StatisticsLine): string => {
    const cells = numbers.map((number, column) => number.padStart(widths[column] ?? 0)).join(GAP);
    return label.length > labelWidth
      ? `${label}\n${' '.repeat(labelWidth)}${GAP}${cells}`
      : `${label.padEnd(labelWidth)}${GAP}${cells}`;
  };
  const rows = days.flatMap((row, index) => {
    const heading = headingOf(row, nameOf);
    const before = days[index - 1];
    const isNew = before === undefined || headingOf(before, nameOf) !== heading;
    return [...(isNew ? [bold(heading)] : []), draw(lines[index] as StatisticsLine)];
  });
  return [dim(draw({ label: '', numbers: columns })), ...rows, ...sums.map(draw)].join('\n');
}

/** The direction only where there are both. */
function totalLabel({ direction }: DirectionTotals, totals: readonly DirectionTotals[]): string {
  if (totals.length === 1) return TOTAL;
  return direction === 'in' ? 'all received' : 'all sent';
}

/** As many columns as fit beside the word for the total. */
function columnsFor(rows: readonly OutcomeTotals[], available: number | undefined): StatisticsColumn[] {
  const columns: StatisticsColumn[] = [...NUMBERS];
  if (available === undefined) return columns;
  for (const column of DROPPED) {
    if (TOTAL.length + widthOfAll(columns.map((one) => widthOf(one, rows))) <= available) break;
    columns.splice(columns.indexOf(column), 1);
  }
  return columns;
}

function widthOf(column: StatisticsColumn, rows: readonly OutcomeTotals[]): number {
  return longest([column, ...rows.map((row) => cellOf(row, column))]);
}

function widthOfAll(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + GAP.length + width, 0);
}

function headingOf(row: DailyStatistics, nameOf: (uuid: string) => string | null): string {
  const { day, webhookUuid, vendor, direction } = row;
  const received = direction === 'in' ? ['received'] : [];
  return [day, plainLine(nameOf(webhookUuid) ?? webhookUuid), plainLine(vendor), ...received].join(GAP);
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
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}
