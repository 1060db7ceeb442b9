import type { Outcome } from '../../model/attempt.ts';
import { formatDuration } from '../../model/wording.ts';
import type { OutcomeTotals } from '../statistics/daily-statistics.ts';
import type { TimeBucket, TimeSeries } from '../statistics/time-series.ts';
import { countText, timeText } from './figures.ts';
import { markup, type Markup, type MarkupPiece } from './markup.ts';
import {
  chart,
  grid,
  LEFT,
  lines,
  logScaleOf,
  MOST_LABELS,
  type Picture,
  PLOT_WIDTH,
  type Point,
  powersAround,
  round,
  scaleOf,
  ticksTo,
  xLabel,
} from './plot.ts';

/** From the ground up. */
const STACK: readonly Outcome[] = ['delivered', 'refused', 'unreachable'];

/** Attempts along time, a column for each bucket, stacked by outcome. */
export function outcomeChart(series: TimeSeries, picture: Picture): Markup {
  const most = Math.max(...series.buckets.map(({ sent }) => sent));
  const ticks = ticksTo(most, true);
  const y = scaleOf(ticks);
  const slot = PLOT_WIDTH / series.buckets.length;
  const width = round(Math.min(slot * 0.8, 48));
  const columns = series.buckets.flatMap((bucket, index) => {
    let below = 0;
    return STACK.map((outcome) => {
      const [from, to] = [y(below), y((below += bucket[outcome]))];
      return bucket[outcome] === 0
        ? null
        : markup`<rect
            class="${outcome}"
            x="${round(LEFT + slot * (index + 0.5) - width / 2)}"
            y="${to}"
            width="${width}"
            height="${round(Math.max(from - to, 0.5))}"
            ><title>${columnTitle(bucket)}</title></rect
          >`;
    });
  });
  return chart(picture, [grid(ticks, y, countText), timeAxis(series, slot), columns]);
}

function columnTitle(bucket: TimeBucket): string {
  return `${timeText(bucket.startMs)}: ${outcomesText(bucket)}`;
}

/** `900 delivered, 90 refused, 10 unreachable` */
export function outcomesText({ delivered, refused, unreachable }: OutcomeTotals): string {
  return `${countText(delivered)} delivered, ${countText(refused)} refused, ${countText(unreachable)} unreachable`;
}

/**
 * The median and the 95th percentile of the response time along time, each step of the scale ten times the one before:
 * so a time-out does not flatten the rest. Where nothing was answered there is no line.
 */
export function responseTimeChart(series: TimeSeries, picture: Picture): Markup {
  const ticks = powersAround(series.buckets.flatMap(({ p50Ms, p95Ms }) => [p50Ms, p95Ms]));
  const y = logScaleOf(ticks);
  const slot = PLOT_WIDTH / series.buckets.length;
  const pointsOf = (valueOf: (bucket: TimeBucket) => number | null): (Point | null)[] =>
    series.buckets.map((bucket, index) => {
      const value = valueOf(bucket);
      return value === null ? null : [round(LEFT + slot * (index + 0.5)), y(value)];
    });
  return chart(picture, [
    grid(ticks, y, formatDuration),
    timeAxis(series, slot),
    lines([
      { kind: 'high', name: 'p95', points: pointsOf(({ p95Ms }) => p95Ms) },
      { kind: 'median', name: 'p50', points: pointsOf(({ p50Ms }) => p50Ms) },
    ]),
  ]);
}

const DAY_MS = 86_400_000;

/** Some of the buckets' beginnings, evenly: where there are days, those of days. */
function timeAxis({ buckets, stepMs }: TimeSeries, slot: number): MarkupPiece {
  const wholeMs = buckets.length * stepMs;
  const hasDays = wholeMs > 3 * DAY_MS;
  const labels = buckets.flatMap(({ startMs }, index) =>
    hasDays && startMs % DAY_MS !== 0 ? [] : [{ startMs, x: LEFT + slot * (index + 0.5) }],
  );
  const every = Math.ceil(labels.length / MOST_LABELS);
  return labels
    .filter((_, index) => index % every === 0)
    .map(({ startMs, x }) => xLabel(round(x), axisText(startMs, wholeMs)));
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As short as the whole of the time allows: `14:05`, `30 Nov 14:00`, `30 Nov`, `30 Nov 2026`. */
function axisText(startMs: number, wholeMs: number): string {
  const date = new Date(startMs);
  const clock = date.toISOString().slice(11, 16);
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  if (wholeMs <= DAY_MS) return clock;
  if (wholeMs <= 3 * DAY_MS) return `${day} ${clock}`;
  return wholeMs < 300 * DAY_MS ? day : `${day} ${date.getUTCFullYear()}`;
}
