/** A part of a range within one block of 65 536 addresses: nginx keeps ranges so. */
interface RangePart<Item> {
  first: number;
  last: number;
  item: Item;
}

/** The ranges of a `geo { ranges; }`, as its lines leave them. */
export interface GeoRanges<Item> {
  /**
   * One that lies within another takes its place there. False: it overlaps another in part, or holds it: nginx does not
   * start.
   */
  add(first: number, last: number, item: Item): boolean;
  /** Takes out what has these very ends: of a range with another one in it there is no such part any more. */
  remove(first: number, last: number): void;
  /** In the order of the addresses; parts of one item that touch are one. */
  list(): RangePart<Item>[];
}

const BLOCK = 0x1_00_00;

/** https://github.com/nginx/nginx/blob/release-1.22.1/src/http/modules/ngx_http_geo_module.c#L760 */
export function makeGeoRanges<Item>(): GeoRanges<Item> {
  const blocks = new Map<number, RangePart<Item>[]>();
  return {
    add: (first, last, item) =>
      partsOf(first, last, item).every((part) => {
        const block = Math.floor(part.first / BLOCK);
        const parts = blocks.get(block) ?? [];
        blocks.set(block, parts);
        return insert(parts, part);
      }),
    remove: (first, last) => {
      for (const part of partsOf(first, last, null)) {
        const parts = blocks.get(Math.floor(part.first / BLOCK)) ?? [];
        const at = parts.findIndex((one) => one.first === part.first && one.last === part.last);
        if (at !== -1) parts.splice(at, 1);
      }
    },
    list: () => join([...blocks].toSorted(([one], [other]) => one - other).flatMap(([, parts]) => parts)),
  };
}

function partsOf<Item>(first: number, last: number, item: Item): RangePart<Item>[] {
  const parts: RangePart<Item>[] = [];
  for (let at = first; at <= last; at = (Math.floor(at / BLOCK) + 1) * BLOCK)
    parts.push({ first: at, last: Math.min(last, (Math.floor(at / BLOCK) + 1) * BLOCK - 1), item });
  return parts;
}

/** Parts are sorted and apart; most lines come in the order of their addresses, so it begins at the end. */
function insert<Item>(parts: RangePart<Item>[], part: RangePart<Item>): boolean {
  let at = parts.length - 1;
  while (at >= 0 && part.last < (parts[at] as RangePart<Item>).first) at -= 1;
  const around = parts[at];
  if (around === undefined || part.first > around.last) {
    parts.splice(at + 1, 0, part);
    return true;
  }
  if (part.first < around.first || part.last > around.last) return false;
  const pieces = [{ ...around, last: part.first - 1 }, part, { ...around, first: part.last + 1 }];
  parts.splice(at, 1, ...pieces.filter(({ first, last }) => first <= last));
  return true;
}

function join<Item>(parts: readonly RangePart<Item>[]): RangePart<Item>[] {
  const joined: RangePart<Item>[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    if (before !== undefined && before.item === part.item && before.last + 1 === part.first)
      joined[joined.length - 1] = { ...before, last: part.last };
    else joined.push(part);
  }
  return joined;
}
