import { AppError } from '../model/error.ts';
import { loadHistory } from './load-history.ts';
import { makePacker } from './packed-records.ts';
import { makeRecorder, storeOf, type Recorder, type RecorderOptions, type RecordStore } from './recorder.ts';
import type { WriterAnswer, WriterOrder } from './writer-thread.ts';

/**
 * Opens the history at `path` for keeping many attempts a second: SQLite works in a thread of its own, so that whoever
 * receives is not held up. Throws AppError `history` when it cannot be written.
 */
export async function openRecorder(path: string, options: RecorderOptions): Promise<Recorder> {
  return makeRecorder(await openWriterThread(path), options);
}

async function openWriterThread(path: string): Promise<RecordStore> {
  const [{ Worker }, { WRITER_THREAD_URL }] = await Promise.all([
    import('node:worker_threads'),
    import('./writer-thread.ts'),
  ]);
  // Run from the source (in tests) there is no file that a thread could be started with: Node 20 reads no TypeScript.
  if (WRITER_THREAD_URL.endsWith('.ts')) return storeOf(await loadHistory(path));
  const thread = new Worker(new URL(WRITER_THREAD_URL), { workerData: { historyPath: path } });
  const expectDone = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (said: WriterAnswer): void => {
        thread.off('error', reject);
        if (said === 'done') resolve();
        else reject(new AppError('history', said.message, said.hint === undefined ? {} : { hint: said.hint }));
      };
      thread.once('message', settle);
      thread.once('error', reject);
    });
  const order = (what: WriterOrder, transfer: ArrayBuffer[] = []): Promise<void> => {
    const done = expectDone();
    thread.postMessage(what, transfer);
    return done;
  };
  try {
    await expectDone();
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  const packer = makePacker();
  return {
    path,
    add: packer.add,
    write: async () => {
      const packed = packer.take();
      await order(
        packed,
        [packed.bytes, packed.rows, ...packed.large.map(({ rest }) => rest)].map(({ buffer }) => buffer as ArrayBuffer),
      );
    },
    close: async () => {
      await order('close').finally(() => thread.terminate());
    },
  };
}
