import { setImmediate } from 'node:timers/promises';
import type { SettledAttempt, WorkerQueue } from '../../history/queue.ts';
import type { Clock } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';

/** Keeps what ends at about the same time in one transaction. */
export interface SettleTogether {
  /** Resolves when it is kept. */
  settle(settled: SettledAttempt): Promise<void>;
  /** Why nothing is kept any more; null while all is well. */
  failure(): AppError | null;
}

interface WaitingAttempt {
  settled: SettledAttempt;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** A transaction waits for the disk, so of two hundred attempts each does not wait for its own. */
const MOST = 200;

/** @param onFailure called once: what was answered and is not kept stays under way */
export function settleTogether(
  queue: Pick<WorkerQueue, 'settle'>,
  recordClock: Clock,
  onFailure: () => void,
): SettleTogether {
  const waiting: WaitingAttempt[] = [];
  let isRunning = false;
  let failure: AppError | null = null;
  const keep = async (batch: readonly WaitingAttempt[]): Promise<void> => {
    if (failure !== null) throw failure;
    const settled = batch.map((one) => one.settled);
    await queue.settle(settled, recordClock.now()).catch((error: unknown) => {
      if (error instanceof AppError) failure = error;
      onFailure();
      throw error;
    });
  };
  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      // Whatever has been read from the sockets by then is one batch.
      await setImmediate();
      const batch = waiting.splice(0, MOST);
      await keep(batch).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
    isRunning = false;
  };
  return {
    settle: (settled) =>
      new Promise((resolve, reject) => {
        waiting.push({ settled, resolve, reject });
        if (!isRunning) void run();
      }),
    failure: () => failure,
  };
}
