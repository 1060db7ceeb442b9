import type { Clock } from '../../model/clock.ts';
import { openReceiver, type ReceiverOptions } from '../../receive/receiver.ts';
import { RequestAnswering, type AnsweringEnvironment, type AnsweringOptions } from './answer-request.ts';
import { isSuspicious } from './judge-received.ts';
import type { ReceivedEvent } from './received-event.ts';

export interface ListenOptions extends AnsweringOptions {
  receiver: Omit<ReceiverOptions, 'onError'>;
  /** End after this many requests, or after this long; null never. */
  exitAfter: number | null;
  forMs: number | null;
}

export interface ListenEnvironment extends AnsweringEnvironment {
  /** Aborts to end. */
  signal: AbortSignal;
  onReady(origin: string): void;
  onError(error: unknown): void;
}

export interface ListenEnd {
  endedBy: 'count' | 'time' | 'signal';
  requests: number;
  /** Requests whose signature was not in order. */
  suspicious: number;
}

/** How long answers that are under way when listening ends may take. */
const GRACE_MS = 2000;

/**
 * Listens until it is told to end; by then every request that came is recorded. Throws AppError `usage` when it cannot
 * listen, `history` when it cannot record.
 */
export async function listen(options: ListenOptions, environment: ListenEnvironment): Promise<ListenEnd> {
  const { clock, recorder, signal, onError } = environment;
  const ending = new Ending(signal);
  const counts = { requests: 0, suspicious: 0 };
  const count = ({ judged }: ReceivedEvent): void => {
    counts.requests += 1;
    if (isSuspicious(judged)) counts.suspicious += 1;
    if (options.exitAfter !== null && counts.requests >= options.exitAfter) ending.end('count');
  };
  const answering = new RequestAnswering(options, environment, ending.signal, count);
  const receiver = await openReceiver({ ...options.receiver, onError }, (request, over) =>
    answering.answer(request, over),
  );
  answering.origin = receiver.origin;
  try {
    environment.onReady(receiver.origin);
    if (options.forMs !== null) ending.endAfter(options.forMs, clock);
    await ending.ended;
  } finally {
    ending.stopWatching();
    await receiver.close(GRACE_MS);
    await recorder?.flush();
  }
  return { endedBy: ending.endedBy, ...counts };
}

/** Listening ends once, by whatever comes first: the caller's signal, the time, or the count. */
class Ending {
  endedBy: ListenEnd['endedBy'] = 'signal';
  readonly ended: Promise<void>;
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal;
  readonly #onSignal = (): void => this.end('signal');

  constructor(callerSignal: AbortSignal) {
    this.#callerSignal = callerSignal;
    this.ended = new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    callerSignal.addEventListener('abort', this.#onSignal, { once: true });
    if (callerSignal.aborted) this.end('signal');
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(endedBy: ListenEnd['endedBy']): void {
    if (this.signal.aborted) return;
    this.endedBy = endedBy;
    this.#controller.abort();
  }

  endAfter(ms: number, clock: Clock): void {
    void clock.sleep(ms, this.signal).then(
      () => this.end('time'),
      () => undefined,
    );
  }

  stopWatching(): void {
    this.#callerSignal.removeEventListener('abort', this.#onSignal);
  }
}
