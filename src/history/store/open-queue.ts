import { isPostgresAddress } from '../postgres/address.ts';
import type { Queue, QueueReader, WorkerQueue, WorkerQueueOptions } from '../queue.ts';
import { loadLibsql } from './open-history.ts';

/** Opens the queue of the history at `path` to read it. */
export async function loadQueueReader(path: string): Promise<QueueReader> {
  if (isPostgresAddress(path)) {
    const { openPostgresQueueReader } = await import('../postgres/queue/queue-reader.ts');
    return openPostgresQueueReader(path);
  }
  await loadLibsql();
  const { openQueueReader } = await import('../queue/queue-reader.ts');
  return openQueueReader(path);
}

/** Opens the queue of the history at `path` to fill and change it. Loads pg-boss only for a server. */
export async function loadQueue(path: string): Promise<Queue> {
  if (isPostgresAddress(path)) {
    const { openPostgresQueue } = await import('../postgres/queue/postgres-queue.ts');
    return openPostgresQueue(path);
  }
  await loadLibsql();
  const { openQueue } = await import('../queue/sqlite-queue.ts');
  return openQueue(path);
}

/**
 * Opens the queue of the history at `path` to send what is due. Throws AppError `history` while another one works on
 * the same SQLite file; a server has as many workers as are started.
 */
export async function loadWorkerQueue(path: string, options: WorkerQueueOptions): Promise<WorkerQueue> {
  if (isPostgresAddress(path)) {
    const { openPostgresWorkerQueue } = await import('../postgres/queue/worker-queue.ts');
    return openPostgresWorkerQueue(path, options);
  }
  await loadLibsql();
  const { openWorkerQueue } = await import('../queue/worker-queue.ts');
  return openWorkerQueue(path, options);
}
