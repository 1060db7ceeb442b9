import { markup, type Markup, type MarkupPiece } from './markup.ts';

// What every chart is drawn with: a frame with a scale on the left, lines and their names.

/** In units of the picture, which fills the width of the page. */
export const WIDTH = 880;
const HEIGHT = 220;
export const LEFT = 56;
const TOP = 12;
const BOTTOM = 26;
export const RIGHT = 64;
export const PLOT_WIDTH = WIDTH - LEFT - RIGHT;
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM;

export interface Picture {
  /** Of its title and description: there is one of each on a page. */
  id: string;
  title: string;
  /** What it shows, for those who do not see it. */
  description: string;
}

export type Point = readonly [x: number, y: number];

/** `median` is the one to look at, `high` stands beside it, `most` is the extreme. */
export interface Line {
  kind: 'median' | 'high' | 'most';
  /** Behind its end: no colour needs to be looked up. */
  name: string;
  /** Null: a gap. */
  points: readonly (Point | null)[];
}

export function chart({ id, title, description }: Picture, parts: MarkupPiece): Markup {
  return markup`<div class="chart">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-text">
      <title id="${id}-title">${title}</title>
      <desc id="${id}-text">${description}</desc>
      ${parts}
    </svg>
  </div>`;
}

/** Lines at the ticks, each with its value. */
export function grid(
  ticks: readonly number[],
  y: (value: number) => number,
  text: (value: number) => string,
): MarkupPiece {
  return ticks.map(
    (tick) =>
      markup`<path class="grid" d="M${LEFT} ${y(tick)}H${WIDTH - RIGHT}" />
        <text x="${LEFT - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${tick === 0 ? '0' : text(tick)}</text>`,
  );
}

/** Below the picture there is room for so many. */
export const MOST_LABELS = 8;

export const xLabel = (x: number, text: string): Markup =>
  markup`<text x="${x}" y="${HEIGHT - 6}" text-anchor="middle">${text}</text>`;

/** 0, and some round numbers of which the last is at least `most`. */
export function ticksTo(most: number, isWhole: boolean): number[] {
  const rough = Math.max(most, isWhole ? 1 : 0.001) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const nice = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const step = isWhole ? Math.max(1, Math.round(nice)) : nice;
  return Array.from({ length: Math.ceil(Math.max(most, step) / step) + 1 }, (_, index) =>
    Number((index * step).toPrecision(6)),
  );
}

export function scaleOf(ticks: readonly number[]): (value: number) => number {
  const top = ticks.at(-1) as number;
  return (value) => round(TOP + PLOT_HEIGHT * (1 - value / top));
}

/** Powers of ten of a millisecond, from the one below the least to the one above the greatest; two at least. */
export function powersAround(values: readonly (number | null)[]): number[] {
  const powers = values.flatMap((value) => (value === null ? [] : [Math.log10(Math.max(value, 0.1))]));
  const least = Math.floor(powers.reduce((one, other) => Math.min(one, other), powers[0] ?? 0));
  const greatest = Math.ceil(powers.reduce((one, other) => Math.max(one, other), least + 1));
  return Array.from({ length: greatest - least + 1 }, (_, index) => Number((10 ** (least + index)).toPrecision(1)));
}

export function logScaleOf(ticks: readonly number[]): (value: number) => number {
  const [least, greatest] = [Math.log10(ticks[0] as number), Math.log10(ticks.at(-1) as number)];
  return (value) => {
    const place = (Math.log10(Math.max(value, ticks[0] as number)) - least) / (greatest - least);
    return round(TOP + PLOT_HEIGHT * (1 - place));
  };
}

/** Lines with their names behind them, in the order of their ends. */
export function lines(all: readonly Line[]): MarkupPiece {
  return [all.map(({ kind, points }) => line(kind, points)), lineNames(all)];
}

function line(kind: Line['kind'], points: Line['points']): MarkupPiece {
  return [
    markup`<path class="line ${kind}" d="${pathOf(points)}"/>`,
    points.map((point, index) =>
      point !== null && !points[index - 1] && !points[index + 1]
        ? markup`<circle class="dot ${kind}" cx="${point[0]}" cy="${point[1]}" r="3"/>`
        : null,
    ),
  ];
}

function pathOf(points: readonly (Point | null)[]): string {
  return points
    .flatMap((point, index) => (point === null ? [] : [`${points[index - 1] ? 'L' : 'M'}${point[0]} ${point[1]}`]))
    .join('');
}

const isPoint = (point: Point | null): point is Point => point !== null;

/** The least distance of two lines of text. */
const LETTERS = 13;

/** None stands on another: the higher value stands higher, and all of them within the picture. */
function lineNames(all: readonly Line[]): MarkupPiece {
  const ends = all.flatMap(({ name, points }) => {
    const end = points.findLast(isPoint);
    return end === undefined ? [] : [{ name, x: end[0], y: end[1] }];
  });
  const sorted = ends.toSorted((one, other) => one.y - other.y);
  for (const [index, one] of sorted.entries()) {
    const above = sorted[index - 1];
    if (above !== undefined) one.y = Math.max(one.y, above.y + LETTERS);
  }
  const beyond = Math.max(0, (sorted.at(-1)?.y ?? 0) - (TOP + PLOT_HEIGHT));
  return sorted.map(
    ({ name, x, y }) => markup`<text class="name" x="${round(x + 8)}" y="${round(y + 4 - beyond)}">${name}</text>`,
  );
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
