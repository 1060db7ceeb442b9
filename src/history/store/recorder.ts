import type { MessagePort, Worker } from 'node:worker_threads';
import type { Attempt, Delivery } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import type { HistoryRecord, HistoryWriter } from '../history.ts';
import { loadWriter } from './open-history.ts';
import type { Survived } from '../open-database.ts';
import { makeBatcher, packBatch } from '../record-batch.ts';
import type { WriterAnswer, WriterOrder } from './writer-thread.ts';

/** Stores attempts in batches: many in one transaction, soon instead of at once. */
export interface Recorder {
  /** How many records were taken and are not stored: those that wait, and after a failure all that are lost. */
  unstored(): number;
  /** Returns a promise when too much is waiting, for when this record is stored: await it before making more. */
  record(delivery: Delivery, attempt: Attempt): Promise<void> | undefined;
  /** Resolves once what came so far is stored, without hurry. Rejects with AppError `history`. */
  stored(): Promise<void>;
  /** Resolves once everything so far is stored and survives a `kill -9`. Rejects with AppError `history`. */
  flush(): Promise<void>;
  /** Flushes first. */
  close(): Promise<void>;
}

export interface RecorderOptions {
  /** The longest a record waits for others while nothing is being written. */
  pauseMs?: number;
  /** What a stored batch survives; default: `process-end`. */
  survives?: Survived;
  /** Called once, with AppError `history`: what could not be written is lost, and so is everything after it. */
  onFailure: (error: Error) => void;
}

/** A transaction for one attempt costs four times what its rows do; records that wait longer are moved by the GC. */
const PAUSE_MS = 10;
const FULL_RECORDS = 1000;
const FULL_BYTES = 8 * 1024 * 1024;
/**
 * Beyond these `record` asks the caller to wait: memory stays bounded however slow the disk is. While another program
 * holds the file, a load run of 10,000 a second takes 30 MiB more; with 10,000 records it took 230.
 */
const MAX_RECORDS = 3000;
const MAX_BYTES = 64 * 1024 * 1024;

/** Takes records, and writes them in batches. */
export interface RecordStore {
  /** Adds a record to the next batch and returns how many bytes that takes. */
  add(delivery: Delivery, attempt: Attempt): number;
  /** Writes what was added since the last call: all of it or none. */
  write(): Promise<void>;
  close(): Promise<void>;
}

const bytesOf = ([{ body }, { responseBody }]: HistoryRecord): number => body.length + responseBody.length;

/** Stores batches in a history of this thread. */
export function storeOf(history: Pick<HistoryWriter, 'appendAll' | 'close'>): RecordStore {
  let records: HistoryRecord[] = [];
  return {
    add: (delivery, attempt) => {
      records.push([delivery, attempt]);
      return bytesOf([delivery, attempt]);
    },
    write: () => {
      const batch = records;
      records = [];
      return history.appendAll(batch);
    },
    close: () => history.close(),
  };
}

/** Collects records and writes them in batches, one batch at a time, in the order they came. */
// oxlint-disable-next-line max-lines-per-function -- one state machine: its steps share every variable
export function makeRecorder(store: RecordStore, { pauseMs = PAUSE_MS, onFailure }: RecorderOptions): Recorder {
  let taken = 0;
  let stored = 0;
  let waiting = 0;
  let waitingBytes = 0;
  let writingBytes = 0;
  /** What found no room in the next batch: large bodies are copied, all of a batch at once. */
  const backlog: HistoryRecord[] = [];
  let backlogBytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | null = null;
  let failure: Error | null = null;
  /** By the number of the record they wait for, the lowest first. */
  const waiters: { record: number; resolve: () => void; reject: (error: Error) => void }[] = [];

  const settleWaiters = (): void => {
    const stillWait = failure === null ? waiters.findIndex(({ record }) => record > stored) : -1;
    for (const { resolve, reject } of waiters.splice(0, stillWait === -1 ? waiters.length : stillWait)) {
      if (failure === null) resolve();
      else reject(failure);
    }
  };
  const hasRoom = (): boolean => waiting < MAX_RECORDS && waitingBytes < FULL_BYTES;
  const admit = (): void => {
    while (backlog.length > 0 && hasRoom()) {
      const record = backlog.shift() as HistoryRecord;
      backlogBytes -= bytesOf(record);
      waitingBytes += store.add(...record);
      waiting += 1;
    }
  };
  const write = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const records = waiting;
    writingBytes = waitingBytes;
    waiting = 0;
    waitingBytes = 0;
    writing = store
      .write()
      .then(
        () => {
          stored += records;
        },
        (error: unknown) => {
          failure = error as Error;
          onFailure(failure);
        },
      )
      .then(() => {
        writing = null;
        writingBytes = 0;
        settleWaiters();
        admit();
        schedule();
      });
    return writing;
  };
  const isFull = (): boolean => waiting >= FULL_RECORDS || waitingBytes >= FULL_BYTES;
  const schedule = (): void => {
    if (waiting === 0 || writing !== null || failure !== null) return;
    if (isFull()) void write();
    else timer ??= setTimeout(() => void write(), pauseMs);
  };
  const flush = async (): Promise<void> => {
    if (failure !== null) throw failure;
    if (writing === null && waiting === 0) return;
    await (writing ?? write());
    if (failure !== null) throw failure;
    if (writing !== null || waiting > 0) await flush();
  };
  const untilStored = async (): Promise<void> => {
    if (failure !== null) throw failure;
    if (stored >= taken) return;
    await new Promise<void>((resolve, reject) => {
      waiters.push({ record: taken, resolve, reject });
    });
  };

  return {
    unstored: () => taken - stored,
    record(delivery, attempt) {
      taken += 1;
      if (failure !== null) return undefined;
      backlog.push([delivery, attempt]);
      backlogBytes += bytesOf([delivery, attempt]);
      admit();
      schedule();
      const isTooMuch = waiting >= MAX_RECORDS || backlogBytes + waitingBytes + writingBytes >= MAX_BYTES;
      // Until then its body is held here. A failure is reported by itself.
      return isTooMuch && writing !== null ? untilStored().catch(() => undefined) : undefined;
    },
    stored: untilStored,
    flush,
    async close() {
      try {
        await flush();
      } finally {
        clearTimeout(timer);
        await store.close();
      }
    },
  };
}

/** A recorder whose history is written by a thread. */
export interface ThreadRecorder extends Recorder {
  /**
   * Makes a way for one more thread to have its records stored: `openRecorderAt` takes the port there, and no record
   * passes this thread. Null where SQLite works in this one.
   */
  openPort(): MessagePort | null;
}

/**
 * Opens the history at `path` to store many attempts a second: a thread of its own writes, so that it does not hold up
 * the receiver. Throws AppError `history` when the history cannot be written.
 */
export async function openRecorder(path: string, options: RecorderOptions): Promise<ThreadRecorder> {
  const [{ Worker: Thread, MessageChannel }, { WRITER_THREAD_URL }] = await Promise.all([
    import('node:worker_threads'),
    import('./writer-thread.ts'),
  ]);
  // Run from the source (in tests) no thread can be started: Node 20 reads no TypeScript.
  if (WRITER_THREAD_URL.endsWith('.ts'))
    return { ...makeRecorder(storeOf(await loadWriter(path)), options), openPort: () => null };
  const { survives = 'process-end' } = options;
  const thread = new Thread(new URL(WRITER_THREAD_URL), { workerData: { historyPath: path, survives } });
  try {
    await expectDone(thread);
  } catch (error) {
    await thread.terminate();
    throw error;
  }
  let hasFailed = false;
  const onFailure = (error: Error): void => {
    if (!hasFailed) options.onFailure(error);
    hasFailed = true;
  };
  // An order that is under way tells of it as well. Without one nobody would listen, and it would end the program.
  thread.on('error', onFailure);
  const { send, ...store } = storeAt(thread);
  const close = (): Promise<void> => send('close').finally(() => thread.terminate());
  return {
    ...makeRecorder({ ...store, close }, { ...options, onFailure }),
    openPort: () => {
      const { port1, port2 } = new MessageChannel();
      thread.postMessage(port1, [port1]);
      return port2;
    },
  };
}

/** In another thread than the one that opened the history. `port` is what its `openPort` gave. */
export function openRecorderAt(port: MessagePort, options: RecorderOptions): Recorder {
  const { add, write } = storeAt(port);
  return makeRecorder({ add, write, close: async () => port.close() }, options);
}

interface ThreadStore extends Pick<RecordStore, 'add' | 'write'> {
  /** Rejects when the thread is gone, or meets an error. */
  send(what: WriterOrder, transfer?: ArrayBuffer[]): Promise<void>;
}

function storeAt(writer: Worker | MessagePort): ThreadStore {
  const batcher = makeBatcher();
  let isGone = false;
  for (const event of GONE)
    writer.once(event, () => {
      isGone = true;
    });
  const send = async (what: WriterOrder, transfer: ArrayBuffer[] = []): Promise<void> => {
    // To a thread that has ended anything can be posted, and nothing comes back.
    if (isGone) throw writerGone();
    const done = expectDone(writer);
    writer.postMessage(what, transfer);
    await done;
  };
  return {
    add: batcher.add,
    write: async () => {
      const batch = packBatch(batcher.take());
      await send(batch, [batch.bytes.buffer as ArrayBuffer]);
    },
    send,
  };
}

/** What a thread says at its end, and the port to one. */
const GONE = ['exit', 'close'] as const;

/** Resolves when the thread replies that it is done; rejects with the error it met. */
function expectDone(writer: Worker | MessagePort): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      stopListening();
      reject(error);
    };
    const failGone = (): void => fail(writerGone());
    const settle = (reply: WriterAnswer): void => {
      stopListening();
      if (reply === 'done') resolve();
      else reject(new AppError('history', reply.message, reply));
    };
    const stopListening = (): void => {
      for (const event of GONE) writer.off(event, failGone);
      writer.off('error', fail).off('message', settle);
    };
    for (const event of GONE) writer.on(event, failGone);
    writer.on('error', fail).on('message', settle);
  });
}

const writerGone = (): Error => new Error('the thread that writes the history has ended');
