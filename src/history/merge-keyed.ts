import { compareKeys, type AttemptKey } from './select-attempts.ts';

/** An attempt's key, and what else of it was asked for. */
export type KeyedRow = readonly [timestamp: string, id: string, ...cells: (string | number | null)[]];

export const keyOf = ([timestamp, id]: KeyedRow): AttemptKey => ({ timestamp, id });

/** Rows of several webhooks, each in the order of time, as one: `direction` is 1 for the oldest first, else -1. */
export function* mergeKeyed<Row extends KeyedRow>(
  streams: readonly Generator<Row>[],
  direction: 1 | -1,
): Generator<Row> {
  const heads: { row: Row; rest: Generator<Row> }[] = [];
  const put = (rest: Generator<Row>): void => {
    const { value, done } = rest.next();
    if (done) return;
    // The next of all stands at the end, where it is taken off in no time.
    let [low, high] = [0, heads.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const isLater = direction * compareKeys(keyOf((heads[middle] as { row: Row }).row), keyOf(value)) > 0;
      if (isLater) low = middle + 1;
      else high = middle;
    }
    heads.splice(low, 0, { row: value, rest });
  };
  for (const stream of streams) put(stream);
  for (let next = heads.pop(); next !== undefined; next = heads.pop()) {
    yield next.row;
    put(next.rest);
  }
}
