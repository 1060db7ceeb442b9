import { AppError } from '../../../model/error.ts';
import { formatDuration } from '../../../model/wording.ts';
import type { WorkerQueue, WorkerQueueOptions } from '../../queue.ts';

/** So long a worker waits for a server that went away: a restart takes seconds, a change to a standby a minute. */
const MOST_MS = 300_000;
/** How long between two tries: at first, and at most. */
const FIRST_MS = 250;
const LONGEST_MS = 5000;

/**
 * The queue that `open` opens, opened again when its server goes away. What was asked of it meanwhile is asked again,
 * so each of its functions must bear to be called twice. Throws what the server said when it stays away, or `signal`
 * aborts. That it cannot be opened the first time is not waited for.
 */
export async function outlastRestarts(
  open: () => Promise<WorkerQueue>,
  { outage }: Pick<WorkerQueueOptions, 'outage'>,
): Promise<WorkerQueue> {
  const first = await open();
  const opened = new OpenedQueue(open, first, outage);
  const ask = opened.ask.bind(opened);
  return {
    path: first.path,
    list: (filter) => ask((queue) => queue.list(filter)),
    counts: (nowMs) => ask((queue) => queue.counts(nowMs)),
    // Whoever fills and changes a queue is told at once: asked twice, it could be done twice.
    enqueue: async (items, nowMs) => (await opened.now()).enqueue(items, nowMs),
    recordFirst: async (attempt, nowMs) => (await opened.now()).recordFirst(attempt, nowMs),
    cancel: async (filter) => (await opened.now()).cancel(filter),
    makeDue: async (filter, nowMs) => (await opened.now()).makeDue(filter, nowMs),
    enable: async (webhookUuid) => (await opened.now()).enable(webhookUuid),
    listNext: (nowMs) => ask((queue) => queue.listNext(nowMs)),
    claim: (webhookUuid, most, nowMs) => ask((queue) => queue.claim(webhookUuid, most, nowMs)),
    postpone: (webhookUuid, ms) => ask((queue) => queue.postpone(webhookUuid, ms)),
    settle: (items, nowMs) => ask((queue) => queue.settle(items, nowMs)),
    release: (items) => ask((queue) => queue.release(items)),
    takeOrphans: () => ask((queue) => queue.takeOrphans()),
    close: async () => (await opened.now()).close(),
  };
}

const isGone = (error: unknown): error is AppError =>
  error instanceof AppError && error.kind === 'history' && error.thenAgain;

class OpenedQueue {
  /** The one that is asked, or is being opened. */
  #opening: Promise<WorkerQueue>;
  #last: WorkerQueue;
  readonly #broken = new WeakSet<WorkerQueue>();
  readonly #open: () => Promise<WorkerQueue>;
  readonly #outage: WorkerQueueOptions['outage'];

  constructor(open: () => Promise<WorkerQueue>, first: WorkerQueue, outage: WorkerQueueOptions['outage']) {
    this.#open = open;
    this.#opening = Promise.resolve(first);
    this.#last = first;
    this.#outage = outage;
  }

  /** The last one that was opened, when no other could be. */
  now(): Promise<WorkerQueue> {
    return this.#opening.catch(() => this.#last);
  }

  async ask<Answer>(question: (queue: WorkerQueue) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const queue = await this.#opening;
      try {
        return await question(queue);
      } catch (error) {
        if (!isGone(error)) throw error;
        // Of several that were asking at the same time, one opens it for all.
        if (!this.#broken.has(queue)) this.#reopen(queue, error);
      }
    }
  }

  #reopen(broken: WorkerQueue, error: AppError): void {
    this.#broken.add(broken);
    this.#opening = this.#openAgain(error);
    // Whoever asks is told.
    this.#opening.catch(() => undefined);
    void broken.close().catch(() => undefined);
  }

  async #openAgain(failure: AppError): Promise<WorkerQueue> {
    const { clock, signal, say } = this.#outage;
    if (!signal.aborted) say(`${failure.message}: trying again for ${formatDuration(MOST_MS)}`);
    const beganAt = clock.now();
    let error = failure;
    for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_MS)) {
      await clock.sleep(waitMs, signal).catch(() => undefined);
      if (signal.aborted || clock.now() - beganAt > MOST_MS) throw error;
      try {
        this.#last = await this.#open();
        say(`${this.#last.path}: the queue is back after ${formatDuration(clock.now() - beganAt)}`);
        return this.#last;
      } catch (again) {
        if (!(again instanceof AppError)) throw again;
        error = again;
      }
    }
  }
}
