import { resolve } from 'node:path';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { AppError } from '../../model/error.ts';
import type { Survived } from '../open-database.ts';
import { isPostgresAddress } from '../postgres/address.ts';
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
  let store: BatchStore | undefined;
  await attempt(async () => {
    store = await openStore(historyPath, survives);
  });
  port.on('message', (order: WriterOrder) => {
    if (order === 'close') void attempt(async () => store?.close()).then(() => port.close());
    else void attempt(async () => store?.insert(order));
  });
}

/** What the thread writes to. */
interface BatchStore {
  insert(batch: PackedBatch): Promise<void>;
  close(): Promise<void>;
}

/** A server is as durable as it is set to be: `survives` is for a file. */
async function openStore(path: string, survives: Survived): Promise<BatchStore> {
  if (isPostgresAddress(path)) {
    const { openPostgresWriter } = await import('../postgres/writer.ts');
    const writer = await openPostgresWriter(path);
    return { insert: writer.appendBatch, close: writer.close };
  }
  const [{ openForWriting }, { closeWritten }, { insertBatch }, { unpackBatch }] = await Promise.all([
    import('../open-database.ts'),
    import('../writer.ts'),
    import('../insert-batch.ts'),
    import('../record-batch.ts'),
  ]);
  const database = await openForWriting(resolve(path), survives);
  return {
    insert: async (batch) => insertBatch(database, unpackBatch(batch)),
    close: async () => closeWritten(database),
  };
}
