import { AppError } from '../../model/error.ts';
import { isPostgresAddress } from '../postgres/address.ts';
import type { Queue, QueueReader, WorkerQueue, WorkerQueueOptions } from '../queue.ts';
import { loadLibsql } from './open-history.ts';

/** Opens the queue of the history at `path` to read it. */
export async function loadQueueReader(path: string): Promise<QueueReader> {
  requireFile(path);
  await loadLibsql();
  const { openQueueReader } = await import('../queue/queue-reader.ts');
  return openQueueReader(path);
}

/** Opens the queue of the history at `path` to fill and change it. */
export async function loadQueue(path: string): Promise<Queue> {
  requireFile(path);
  await loadLibsql();
  const { openQueue } = await import('../queue/sqlite-queue.ts');
  return openQueue(path);
}

/** Opens the queue of the history at `path` to send what is due. Throws AppError `history` while another one does. */
export async function loadWorkerQueue(path: string, options: WorkerQueueOptions): Promise<WorkerQueue> {
  requireFile(path);
  await loadLibsql();
  const { openWorkerQueue } = await import('../queue/worker-queue.ts');
  return openWorkerQueue(path, options);
}

function requireFile(path: string): void {
  if (isPostgresAddress(path))
    throw new AppError('usage', 'the queue can only be in a SQLite file for now, not in PostgreSQL', {
      hint: 'give the path to a SQLite file, for example --history ./history.db',
    });
}
