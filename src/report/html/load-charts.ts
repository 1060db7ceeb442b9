import type { Arrival, LoadReport, LoadSecond, PercentileStep } from '../../model/load-report.ts';
import { coarsenSeries } from '../../model/load-second.ts';
import { formatDuration } from '../../model/wording.ts';
import { countText } from './figures.ts';
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

/** More columns would be thinner than a line. */
const MOST_COLUMNS = 90;
/** From the ground up. */
export const LOAD_OUTCOMES = ['delivered', 'refused', 'unreachable', 'dropped'] as const;

/** Response times along the run, on a logarithmic scale: a time-out does not flatten the rest. */
export function latencyOverTimeChart(series: readonly LoadSecond[], picture: Picture): Markup {
  const ticks = powersAround(series.flatMap(({ p50Ms, p99Ms, maxMs }) => [p50Ms, p99Ms, maxMs]));
  const [x, y] = [timeScaleOf(series), logScaleOf(ticks)];
  const pointsOf = (name: 'p50Ms' | 'p99Ms' | 'maxMs'): (Point | null)[] =>
    series.map((one) => (one[name] === null ? null : [x(middleOf(one)), y(one[name])]));
  return chart(picture, [
    grid(ticks, y, formatDuration),
    timeAxis(series, x),
    lines([
      { kind: 'most', name: 'max', points: pointsOf('maxMs') },
      { kind: 'high', name: 'p99', points: pointsOf('p99Ms') },
      { kind: 'median', name: 'p50', points: pointsOf('p50Ms') },
    ]),
  ]);
}

export interface PercentileCurves {
  response: readonly PercentileStep[];
  /** Null: the same as the other. */
  service: readonly PercentileStep[] | null;
}

/** The time within which a share was answered: each further nine is as wide as the one before. */
export function percentileChart({ response, service }: PercentileCurves, picture: Picture): Markup {
  const all = [...response, ...(service ?? [])];
  const ticks = powersAround(all.map(({ ms }) => ms));
  const nines = Math.max(2, ...all.filter(({ percent }) => percent < 100).map(({ percent }) => ninesOf(percent)));
  const x = (percent: number): number => round(LEFT + (Math.min(ninesOf(percent), nines) / nines) * PLOT_WIDTH);
  const y = logScaleOf(ticks);
  const pointsOf = (steps: readonly PercentileStep[]): Point[] => steps.map(({ ms, percent }) => [x(percent), y(ms)]);
  return chart(picture, [
    grid(ticks, y, formatDuration),
    [0, 50, ...ninesUpTo(nines)].map((percent) => xLabel(x(percent), `${percent}%`)),
    lines([
      ...(service === null ? [] : [{ kind: 'high', name: 'service', points: pointsOf(service) } as const]),
      { kind: 'median', name: 'response', points: pointsOf(response) },
    ]),
  ]);
}

/** 90% has one, 99% has two. */
const ninesOf = (percent: number): number => (percent >= 100 ? Infinity : -Math.log10(1 - percent / 100));

/** 90, 99, 99.9 … as far as there is room. */
function ninesUpTo(nines: number): number[] {
  return Array.from({ length: Math.floor(nines + 1e-9) }, (_, index) => Number((100 - 10 ** (1 - index)).toFixed(9)));
}

/** What of a run tells how many were to be answered, and when it ended. */
type RateRun = Pick<LoadReport, 'arrival' | 'durationMs'>;

/** Answers a second along the run, and beside them how many events were to start. */
export function rateChart(given: readonly LoadSecond[], run: RateRun, picture: Picture): Markup {
  const { arrival, durationMs } = run;
  const series = wholeSeconds(given, durationMs);
  const asked = series.map((one) => askedRate(arrival, middleOf(one)));
  const most = [...series.map(rateOf), ...asked.map((rate) => rate ?? 0)].reduce((a, b) => Math.max(a, b), 0);
  const ticks = ticksTo(most, false);
  const [x, y] = [timeScaleOf(given), scaleOf(ticks)];
  return chart(picture, [
    grid(ticks, y, (rate) => `${countText(rate)}/s`),
    timeAxis(given, x),
    lines([
      ...(arrival.kind === 'closed'
        ? []
        : [
            {
              kind: 'high',
              name: 'timetable',
              points: series.map((one, index): Point => [x(middleOf(one)), y(asked[index] ?? 0)]),
            } as const,
          ]),
      { kind: 'median', name: 'answers', points: series.map((one): Point => [x(middleOf(one)), y(rateOf(one))]) },
    ]),
  ]);
}

/** The last one is as long as the run went on; where that is a moment, its rate would be chance, and it is left out. */
function wholeSeconds(series: readonly LoadSecond[], durationMs: number): LoadSecond[] {
  return series.flatMap((one, index) => {
    const widthMs = Math.min(one.widthMs, Math.max(0, durationMs - one.atMs));
    const isMoment = widthMs < one.widthMs / 4;
    return index > 0 && isMoment ? [] : [{ ...one, widthMs: isMoment ? one.widthMs : widthMs }];
  });
}

const rateOf = ({ delivered, refused, widthMs }: LoadSecond): number => ((delivered + refused) / widthMs) * 1000;

/** Null in a closed loop. */
function askedRate(arrival: Arrival, atMs: number): number | null {
  if (arrival.kind === 'closed') return null;
  if (arrival.kind !== 'ramp') return arrival.perSecond;
  const { fromPerSecond, toPerSecond, overMs } = arrival;
  return fromPerSecond + (toPerSecond - fromPerSecond) * Math.min(1, overMs === 0 ? 1 : atMs / overMs);
}

/** What became of the events along the run, stacked. */
export function loadOutcomeChart(series: readonly LoadSecond[], picture: Picture): Markup {
  const columns = coarsenSeries(series, MOST_COLUMNS);
  const ticks = ticksTo(
    columns.reduce(
      (most, one) =>
        Math.max(
          most,
          LOAD_OUTCOMES.reduce((sum, outcome) => sum + one[outcome], 0),
        ),
      0,
    ),
    true,
  );
  const [x, y] = [timeScaleOf(series), scaleOf(ticks)];
  return chart(picture, [grid(ticks, y, countText), timeAxis(series, x), columns.map((one) => column(one, x, y))]);
}

function column(one: LoadSecond, x: (ms: number) => number, y: (count: number) => number): MarkupPiece {
  const [left, right] = [x(one.atMs), x(one.atMs + one.widthMs)];
  const width = round(Math.min((right - left) * 0.8, 48));
  const counts = LOAD_OUTCOMES.map((outcome) => `${countText(one[outcome])} ${outcome}`).join(', ');
  let below = 0;
  return LOAD_OUTCOMES.map((outcome) => {
    const [from, to] = [y(below), y((below += one[outcome]))];
    if (one[outcome] === 0) return null;
    return markup`<rect
        class="${outcome}"
        x="${round((left + right - width) / 2)}"
        y="${to}"
        width="${width}"
        height="${round(Math.max(from - to, 0.5))}"
        ><title>${formatDuration(one.atMs)}: ${counts}</title></rect
      >`;
  });
}

const middleOf = ({ atMs, widthMs }: LoadSecond): number => atMs + widthMs / 2;

const endOf = (series: readonly LoadSecond[]): number =>
  series.reduce((end, { atMs, widthMs }) => Math.max(end, atMs + widthMs), 1);

function timeScaleOf(series: readonly LoadSecond[]): (ms: number) => number {
  const end = endOf(series);
  return (ms) => round(LEFT + (ms / end) * PLOT_WIDTH);
}

/** 1 s, 2 s, 5 s … 6 h; then days. */
const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600].map((s) => s * 1000);
const DAY_MS = 86_400_000;

/** From the start of the run, in round steps. */
function timeAxis(series: readonly LoadSecond[], x: (ms: number) => number): MarkupPiece {
  const end = endOf(series);
  const least = end / MOST_LABELS;
  const step = STEPS_MS.find((one) => one >= least) ?? Math.ceil(least / DAY_MS) * DAY_MS;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) =>
    xLabel(x(index * step), index === 0 ? '0' : formatDuration(index * step)),
  );
}
