/**
 * Calls `sendOne(0 … count-1)`, at most `connections` at a time, and stops starting new ones when `signal`
 * aborts or one fails. Nothing is kept per call.
 */
export async function sendMany(
  options: { count: number; connections: number; signal?: AbortSignal },
  sendOne: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < options.count && !options.signal?.aborted) {
      const index = next++;
      try {
        await sendOne(index);
      } catch (error) {
        next = options.count;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.connections, options.count) }, worker));
}
