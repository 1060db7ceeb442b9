import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What `npm run soak` prints of a test that held. */
    figures?: string;
  }
}

/** Of `npm run soak`; absent in `npm test`, which tries a few of each. */
const { SOAK_SEED: seed, SOAK_COUNT: count } = process.env;
export const isLong = seed !== undefined;

/** Fixed in `npm test`: it must not fail by chance. */
export const SEED = Number(seed ?? 1);

/** How many to try: few in `npm test`, many in `npm run soak`, or as many as its `--count` says. */
export const amount = ({ few, many }: { few: number; many: number }): number => (isLong ? Number(count ?? many) : few);

/** Keeps the figures of a test for `npm run soak` to print, in their order: `{ kills: 100, unrecorded: 0 }`. */
export function tell({ task }: TestContext, figures: Readonly<Record<string, number | string>>): void {
  task.meta.figures = Object.entries(figures)
    .map(([name, value]) => `${value} ${name}`)
    .join(', ');
}

/** Numbers from 0 to 1, always the same ones of a seed and a name (mulberry32). */
export function makeRandom(name: string): () => number {
  let state = [...name].reduce((sum, letter) => Math.imul(sum, 31) + (letter.codePointAt(0) ?? 0), SEED) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
