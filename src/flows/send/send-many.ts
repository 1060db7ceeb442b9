/**
 * Calls `sendOne` for each event, at most `connections` at a time, and takes no more of them once one fails.
 * Nothing is kept per event.
 */
export async function sendMany<Planned>(
  events: AsyncIterable<Planned>,
  connections: number,
  sendOne: (event: Planned) => Promise<void>,
): Promise<void> {
  const iterator = events[Symbol.asyncIterator]();
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    while (!hasFailed) {
      const next = await iterator.next();
      if (next.done) return;
      try {
        await sendOne(next.value);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
}
