import { resolve } from 'node:path';
import { MessagePort, parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../model/error.ts';
import type { Survived } from '../open-database.ts';
import { isPostgresAddress } from '../postgres/address.ts';
import type { PackedBatch } from '../record-batch.ts';

/** What the thread receives: records to store, the order to close the history, or one more port with orders. */
export type WriterOrder = PackedBatch | 'close' | MessagePort;

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
  let store: BatchStore | undefined;
  await attempt(mainPort, async () => {
    store = await openStore(historyPath, survives);
  });
  if (store !== undefined) takeOrders(mainPort, store);
}

/**
 * Carries out what comes by the port, and by those that come by it. The first failure is that of every batch behind it:
 * whichever thread is heard first tells what went wrong, not what came of it.
 */
export function takeOrders(mainPort: MessagePort, store: BatchStore): void {
  let before: Promise<unknown> = Promise.resolve();
  let failure: Error | null = null;
  const inTurn = (work: () => Promise<unknown>): Promise<unknown> => (before = before.then(work));
  const insert = async (batch: PackedBatch): Promise<void> => {
    if (failure !== null) throw failure;
    try {
      await store.insert(batch);
    } catch (error) {
      failure = error as Error;
      throw error;
    }
  };
  const listen = (port: MessagePort): void => {
    port.on('message', (order: WriterOrder) => {
      if (order instanceof MessagePort) listen(order);
      else if (order === 'close') void inTurn(() => attempt(port, () => store.close()).then(() => port.close()));
      else void inTurn(() => attempt(port, () => insert(order)));
    });
  };
  listen(mainPort);
}

/** Tells the thread that ordered it how it went. */
async function attempt(port: MessagePort, work: () => Promise<unknown>): Promise<void> {
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
}

/** What the thread writes to. */
export interface BatchStore {
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
