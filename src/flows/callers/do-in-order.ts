/**
 * Starts work on items as they come, on at most `atOnce` of them, and gives the results in the order of the items, each as
 * soon as it can: also while the next item is waited for.
 */
export async function* doInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  start: (item: Item) => Promise<Result>,
  atOnce: number,
): AsyncGenerator<Result> {
  const iterator = items[Symbol.asyncIterator]();
  const underWay: Promise<{ result: Result }>[] = [];
  const takeNext = (): Promise<{ item: IteratorResult<Item> }> => iterator.next().then((item) => ({ item }));
  let next: ReturnType<typeof takeNext> | null = takeNext();
  try {
    while (next !== null || underWay.length > 0) {
      const first = await Promise.race([
        ...underWay.slice(0, 1),
        ...(next !== null && underWay.length < atOnce ? [next] : []),
      ]);
      if ('result' in first) {
        void underWay.shift();
        yield first.result;
      } else if (first.item.done) next = null;
      else {
        const work = start(first.item.value).then((result) => ({ result }));
        // It is looked at when its turn comes; until then its failure is nobody's.
        work.catch(() => undefined);
        underWay.push(work);
        next = takeNext();
      }
    }
  } finally {
    // What is waited for may never come: nobody waits for the iterator to end.
    void iterator.return?.()?.catch(() => undefined);
  }
}
