/** What a loop came to. */
export interface LoopEnd {
  started: number;
  /** What was thrown: not empty when the loop ended before its time. */
  failures: readonly unknown[];
}

/** The next item; null when there are no more. */
export type NextItem<Item> = () => Item | null | Promise<Item | null>;

/**
 * Keeps `connections` items going: each connection asks for its next one when the last has ended, so that a slow
 * endpoint gets fewer. Once one has failed, or `signal` aborts, it starts no other; those under way end first. Keeps
 * nothing of an item, so memory does not grow with their number.
 */
export async function runClosedLoop<Item>(
  next: NextItem<Item>,
  connections: number,
  sendOne: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<LoopEnd> {
  let started = 0;
  const failures: unknown[] = [];
  const isStopped = (): boolean => failures.length > 0 || signal?.aborted === true;
  const connection = async (): Promise<void> => {
    while (!isStopped()) {
      const made = next();
      const item = made instanceof Promise ? await made : made;
      if (item === null) return;
      started += 1;
      await sendOne(item);
    }
  };
  const guarded = (): Promise<void> => connection().catch((error: unknown) => void failures.push(error));
  await Promise.all(Array.from({ length: connections }, guarded));
  return { started, failures };
}
