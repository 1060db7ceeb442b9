import type { LoopEnd } from './closed-loop.ts';

/** What is due, in the order of time. */
export interface Turns<Turn> {
  /** When the next one is due, in milliseconds from the start; infinite: nothing more as yet. */
  dueMs(): number;
  take(): Turn;
}

export interface OpenLoopOptions {
  /** What comes due while so many are under way is dropped. */
  maxInFlight: number;
  /** Milliseconds from the start. */
  elapsedMs(): number;
  signal: AbortSignal;
}

/** More at once would keep the answers waiting that are there. */
const MOST_AT_ONCE = 16;
/** A timer of Node's fires at once when it is to wait longer. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * Starts each turn when it is due, however long the others take. Ends when nothing is due any more and all have ended;
 * once one has failed, or `signal` aborts, it starts no other.
 */
export async function runOpenLoop<Turn>(
  turns: Turns<Turn>,
  { maxInFlight, elapsedMs, signal }: OpenLoopOptions,
  sendOne: (turn: Turn) => Promise<void>,
  drop: (turn: Turn) => void,
): Promise<LoopEnd> {
  let started = 0;
  let inFlight = 0;
  const failures: unknown[] = [];
  const sleep = makeSleep(elapsedMs);
  const isStopped = (): boolean => failures.length > 0 || signal.aborted;
  const nextDueMs = (): number => (isStopped() ? Infinity : turns.dueMs());
  const ended = (): void => {
    inFlight--;
    if (inFlight === 0 || isStopped() || turns.dueMs() < sleep.untilMs()) sleep.end();
  };
  const start = (turn: Turn): void => {
    started++;
    inFlight++;
    void sendOne(turn).then(ended, (error: unknown) => {
      failures.push(error);
      ended();
    });
  };
  signal.addEventListener('abort', sleep.end, { once: true });
  for (;;) {
    for (let count = 0; count < MOST_AT_ONCE && nextDueMs() <= elapsedMs(); count++) {
      const turn = turns.take();
      if (inFlight >= maxInFlight) drop(turn);
      else start(turn);
    }
    if (inFlight === 0 && nextDueMs() === Infinity) break;
    await sleep.until(nextDueMs());
  }
  signal.removeEventListener('abort', sleep.end);
  return { started, failures };
}

interface Sleep {
  /** At least until the next turn of the event loop, so that answers are read. */
  until(dueMs: number): Promise<void>;
  /** The end of the one that goes on, 0 without. */
  untilMs(): number;
  end(): void;
}

function makeSleep(elapsedMs: () => number): Sleep {
  let endsMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let resolveWait: (() => void) | undefined;
  return {
    until: (dueMs) =>
      new Promise((resolve) => {
        const waitMs = dueMs - elapsedMs();
        endsMs = dueMs;
        resolveWait = resolve;
        if (waitMs <= 0) setImmediate(resolve);
        else if (waitMs < Infinity) timer = setTimeout(resolve, Math.min(Math.ceil(waitMs), LONGEST_WAIT_MS));
      }),
    untilMs: () => endsMs,
    end: () => {
      endsMs = 0;
      clearTimeout(timer);
      resolveWait?.();
    },
  };
}
