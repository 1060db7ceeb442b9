import type { Outcome } from '../../model/attempt.ts';
import { formatDuration } from '../../model/wording.ts';
import type { OutcomeTotals } from '../statistics/daily-statistics.ts';
import type { TimeBucket, TimeSeries } from '../statistics/time-series.ts';
import { countText, timeText } from './figures.ts';
import { markup, type Markup, type MarkupPiece } from './markup.ts';

/** In units of the picture, which fills the width of the page. */
const WIDTH = 880;
const HEIGHT = 220;
const LEFT = 56;
const TOP = 12;
const BOTTOM = 26;
const RIGHT = 36;
const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

/** From the ground up. */
const STACK: readonly Outcome[] = ['delivered', 'refused', 'unreachable'];

interface Picture {
  /** Of its title and description: there is one of each on a page. */
  id: string;
  title: string;
  /** What it shows, for those who do not see it. */
  description: string;
}

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
  const high = pointsOf(({ p95Ms }) => p95Ms);
  const median = pointsOf(({ p50Ms }) => p50Ms);
  return chart(picture, [
    grid(ticks, y, formatDuration),
    timeAxis(series, slot),
    line('high', high),
    line('median', median),
    lineNames(median.findLast(isPoint), high.findLast(isPoint)),
  ]);
}

function line(kind: 'median' | 'high', points: readonly (Point | null)[]): MarkupPiece {
  return [
    markup`<path class="line ${kind}" d="${pathOf(points)}"/>`,
    points.map((point, index) =>
      point !== null && !points[index - 1] && !points[index + 1]
        ? markup`<circle class="dot ${kind}" cx="${point[0]}" cy="${point[1]}" r="3"/>`
        : null,
    ),
  ];
}

type Point = readonly [x: number, y: number];

function pathOf(points: readonly (Point | null)[]): string {
  return points
    .flatMap((point, index) => (point === null ? [] : [`${points[index - 1] ? 'L' : 'M'}${point[0]} ${point[1]}`]))
    .join('');
}

const isPoint = (point: Point | null): point is Point => point !== null;

/** The least distance of two lines of text. */
const LETTERS = 13;

/** Behind the ends of the lines: no colour needs to be looked up. The higher value stands higher. */
function lineNames(median: Point | undefined, high: Point | undefined): MarkupPiece {
  if (median === undefined || high === undefined) return null;
  const apart = Math.max(0, LETTERS - (median[1] - high[1])) / 2;
  const name = ([x, y]: Point, text: string, shift: number): Markup =>
    markup`<text class="name" x="${round(x + 8)}" y="${round(y + 4 + shift)}">${text}</text>`;
  return [name(high, 'p95', -apart), name(median, 'p50', apart)];
}

function chart({ id, title, description }: Picture, parts: MarkupPiece): Markup {
  return markup`<div class="chart">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-text">
      <title id="${id}-title">${title}</title>
      <desc id="${id}-text">${description}</desc>
      ${parts}
    </svg>
  </div>`;
}

/** Lines at the ticks, each with its value. */
function grid(ticks: readonly number[], y: (value: number) => number, text: (value: number) => string): MarkupPiece {
  return ticks.map(
    (tick) =>
      markup`<path class="grid" d="M${LEFT} ${y(tick)}H${WIDTH - RIGHT}" />
        <text x="${LEFT - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${tick === 0 ? '0' : text(tick)}</text>`,
  );
}

/** 0, and some round numbers of which the last is at least `most`. */
function ticksTo(most: number, isWhole: boolean): number[] {
  const rough = Math.max(most, isWhole ? 1 : 0.001) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const step = isWhole ? Math.max(1, Math.round(nice)) : nice;
  return Array.from({ length: Math.ceil(Math.max(most, step) / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}

function scaleOf(ticks: readonly number[]): (value: number) => number {
  const top = ticks.at(-1) as number;
  return (value) => round(TOP + PLOT_HEIGHT * (1 - value / top));
}

/** Powers of ten of a millisecond, from the one below the least to the one above the greatest; two at least. */
function powersAround(values: readonly (number | null)[]): number[] {
  const powers = values.flatMap((value) => (value === null ? [] : [Math.log10(Math.max(value, 0.1))]));
  const least = Math.floor(powers.reduce((one, other) => Math.min(one, other), powers[0] ?? 0));
  const greatest = Math.ceil(powers.reduce((one, other) => Math.max(one, other), least + 1));
  return Array.from({ length: greatest - least + 1 }, (_, index) => Number((10 ** (least + index)).toPrecision(1)));
}

function logScaleOf(ticks: readonly number[]): (value: number) => number {
  const [least, greatest] = [Math.log10(ticks[0] as number), Math.log10(ticks.at(-1) as number)];
  return (value) => {
    const place = (Math.log10(Math.max(value, ticks[0] as number)) - least) / (greatest - least);
    return round(TOP + PLOT_HEIGHT * (1 - place));
  };
}

const MOST_LABELS = 8;
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
    .map(
      ({ startMs, x }) =>
        markup`<text x="${round(x)}" y="${HEIGHT - 6}" text-anchor="middle">${axisText(startMs, wholeMs)}</text>`,
    );
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

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
