import { resolve } from 'node:path';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { AppError } from '../../model/error.ts';
import type { Database } from '../database.ts';
import type { Survived } from '../open-database.ts';
import type { PackedBatch } from '../record-batch.ts';

/** What the thread receives: records to store, or the order to close the file and end. */
export type WriterOrder = PackedBatch | 'close';

/** What the thread replies: done, or the AppError it met. */
export type WriterAnswer = 'done' | Pick<AppError, 'message' | 'hint' | 'withoutIt' | 'thenAgain'>;

/** Started as a thread, this module gets this; imported otherwise, it does nothing. */
export interface WriterData {
  historyPath: string;
  survives: Survived;
}

/** For starting this module as a thread. */
export const WRITER_THREAD_URL = import.meta.url;

if (parentPort !== null && isWriterData(workerData)) void serve(parentPort, workerData);

function isWriterData(data: unknown): data is WriterData {
  return typeof data === 'object' && data !== null && 'historyPath' in data;
}

/** Opens the history, reports that, then carries out one order after another. */
async function serve(port: MessagePort, { historyPath, survives }: WriterData): Promise<void> {
  const answer = (reply: WriterAnswer): void => port.postMessage(reply);
  const attempt = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
      answer('done');
    } catch (error) {
      // Anything else is a bug: the thread's error event reports it.
      if (!(error instanceof AppError)) throw error;
      const { message, hint, withoutIt, thenAgain } = error;
      answer({ message, hint, withoutIt, thenAgain });
    }
  };
  const [{ openForWriting }, { closeWritten }, { insertBatch }, { unpackBatch }] = await Promise.all([
    import('../open-database.ts'),
    import('../writer.ts'),
    import('../insert-batch.ts'),
    import('../record-batch.ts'),
  ]);
  let database: Database | undefined;
  await attempt(async () => {
    database = await openForWriting(resolve(historyPath), survives);
  });
  port.on('message', (order: WriterOrder) => {
    if (order === 'close') void attempt(async () => database && closeWritten(database)).then(() => port.close());
    else void attempt(async () => database && insertBatch(database, unpackBatch(order)));
  });
}
