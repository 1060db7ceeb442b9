/** A column of a table, and what becomes of it where a line is too short for all of them. */
export interface TableColumn {
  title: string;
  /** It may be narrower than its cells, down to this: they are wrapped. */
  wrapTo?: number;
  /** The same, but they are cut short with `…`: for what is only a help to recognise the row. */
  cutTo?: number;
  /** With `cutTo`: in the middle, for the ends of a URL tell more. */
  keepsEnds?: true;
  /** Where nothing else helps, its cells are wrapped down to this. */
  atWorst?: number;
  /** It may be left out, the highest number (from 1) first. A column without it stays, whatever happens. */
  leaveOut?: number;
  /** Left out of the lines, its cells stand below their rows. */
  below?: true;
}

export interface FittedColumns {
  /** Places of the columns that are shown, with their widths. */
  shown: readonly { place: number; width: number }[];
  /** Places of those whose cells stand below their rows. */
  below: readonly number[];
}

/**
 * Which columns a line of `available` has room for, and how wide each is; `natural` is as wide as their cells. Columns
 * that may be narrower give way first, the widest of them before the others; then columns are left out; then the rest
 * is wrapped where it may be at worst. Null when not even that has room.
 */
export function fitColumns(
  columns: readonly TableColumn[],
  natural: readonly number[],
  available: number,
  gap: number,
): FittedColumns | null {
  let places = columns.map((_, place) => place);
  const tryWith = (leastOf: (column: TableColumn) => number | undefined): FittedColumns | null => {
    const asked = places.map((place) => {
      const width = natural[place] ?? 0;
      return { width, least: Math.min(width, leastOf(columns[place] as TableColumn) ?? width) };
    });
    const widths = narrow(asked, available - gap * (places.length - 1));
    if (widths === null) return null;
    return {
      shown: places.map((place, index) => ({ place, width: widths[index] ?? 0 })),
      below: columns.flatMap(({ below }, place) => (below && !places.includes(place) ? [place] : [])),
    };
  };
  for (;;) {
    const fitted = tryWith(({ wrapTo, cutTo }) => wrapTo ?? cutTo);
    if (fitted !== null) return fitted;
    const next = findNextOut(columns, places);
    if (next === undefined) return tryWith(({ wrapTo, cutTo, atWorst }) => atWorst ?? wrapTo ?? cutTo);
    places = places.filter((place) => place !== next);
  }
}

function findNextOut(columns: readonly TableColumn[], places: readonly number[]): number | undefined {
  const rank = (place: number): number => columns[place]?.leaveOut ?? 0;
  return places.filter((place) => rank(place) > 0).toSorted((a, b) => rank(b) - rank(a))[0];
}

/** Takes a column at a time from the widest that may give one. Null when all are at their least, and it is too much. */
function narrow(columns: readonly { width: number; least: number }[], room: number): number[] | null {
  const widths = columns.map(({ width }) => width);
  for (let total = widths.reduce((sum, width) => sum + width, 0); total > room; total--) {
    const able = columns.map(({ least }, index) => ((widths[index] ?? 0) > least ? (widths[index] ?? 0) : 0));
    const widest = Math.max(0, ...able);
    if (widest === 0) return null;
    const index = able.indexOf(widest);
    widths[index] = widest - 1;
  }
  return widths;
}
