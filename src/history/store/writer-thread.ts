import { resolve } from 'node:path';
import { MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../model/error.ts';
import type { Database } from '../database.ts';
import type { Survived } from '../open-database.ts';
import type { RecordBatch } from '../record-batch.ts';

/** What the thread receives: records to store, the order to close the file and end, or one more port with orders. */
export type WriterOrder = RecordBatch | 'close' | MessagePort;

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

/** Opens the history, reports that, then carries out one order after another, whichever thread it comes from. */
async function serve(mainPort: MessagePort, { historyPath, survives }: WriterData): Promise<void> {
  const attempt = async (port: MessagePort, work: () => Promise<unknown>): Promise<void> => {
    const answer = (reply: WriterAnswer): void => port.postMessage(reply);
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
  const [{ openForWriting }, { closeWritten }, { insertBatch }] = await Promise.all([
    import('../open-database.ts'),
    import('../writer.ts'),
    import('../record-batch.ts'),
  ]);
  let database: Database | undefined;
  await attempt(mainPort, async () => {
    database = await openForWriting(resolve(historyPath), survives);
  });
  const listen = (port: MessagePort): void => {
    port.on('message', (order: WriterOrder) => {
      if (order instanceof MessagePort) listen(order);
      else if (order === 'close')
        void attempt(port, async () => database && closeWritten(database)).then(() => port.close());
      else void attempt(port, async () => database && insertBatch(database, order));
    });
  };
  listen(mainPort);
}
