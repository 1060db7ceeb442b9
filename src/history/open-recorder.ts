import type { Attempt, Delivery } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import type { HistoryRecord } from './history.ts';
import { loadHistory } from './load-history.ts';
import { makeRecorder, type Recorder, type RecorderOptions, type RecordStore } from './recorder.ts';
import type { RecordMessage, WriterAnswer, WriterOrder } from './writer-thread.ts';

/**
 * Opens the history at `path` for keeping many attempts a second: SQLite works in a thread of its own, so that whoever
 * receives is not held up. Throws AppError `history` when it cannot be written.
 */
export async function openRecorder(path: string, options: RecorderOptions): Promise<Recorder> {
  return makeRecorder(await openWriterThread(path), options);
}

async function openWriterThread(path: string): Promise<RecordStore> {
  const [{ Worker }, { WRITER_THREAD_URL }] = await Promise.all([import('node:worker_threads'), import('./writer-thread.ts')]);
  // Run from the source (in tests) there is no file that a thread could be started with: Node 20 reads no TypeScript.
  if (WRITER_THREAD_URL.endsWith('.ts')) return loadHistory(path);
  const thread = new Worker(new URL(WRITER_THREAD_URL), { workerData: { historyPath: path } });
  const expectDone = (): Promise<void> => new Promise((resolve, reject) => {
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
  return {
    path,
    appendAll: async (records) => {
      const message = packRecords(records);
      await order(message, [message.bytes.buffer as ArrayBuffer]);
    },
    close: async () => {
      await order('close').finally(() => thread.terminate());
    },
  };
}

/** The records as they are cheap to hand over: a body that is a part of a network buffer would take all of it along. */
export function packRecords(records: readonly HistoryRecord[]): RecordMessage {
  const length = records.reduce((sum, [{ body }, { responseBody }]) => sum + body.length + responseBody.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  const put = (part: Uint8Array): number => {
    bytes.set(part, at);
    at += part.length;
    return part.length;
  };
  return {
    records: records.map(([delivery, attempt]) => ({
      delivery: withoutBody(delivery), attempt: withoutResponseBody(attempt), bodyBytes: put(delivery.body), responseBytes: put(attempt.responseBody),
    })),
    bytes,
  };
}

// Written out: taking one property away with a spread costs several times as much, and this runs for every request.

function withoutBody({ id, webhookUuid, vendor, event, eventId, direction, url, method, createdAt }: Delivery): Omit<Delivery, 'body'> {
  return { id, webhookUuid, vendor, event, eventId, direction, url, method, createdAt };
}

function withoutResponseBody(attempt: Attempt): Omit<Attempt, 'responseBody'> {
  const { id, deliveryId, number, startedAt, requestHeaders, outcome, status, errorCode, error, hint, responseHeaders, responseBytes, responseTruncated, timings, remoteAddress, tls, control } = attempt;
  return { id, deliveryId, number, startedAt, requestHeaders, outcome, status, errorCode, error, hint, responseHeaders, responseBytes, responseTruncated, timings, remoteAddress, tls, control };
}
