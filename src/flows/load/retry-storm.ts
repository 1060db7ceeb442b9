import { DueQueue } from '../../load/due-queue.ts';
import type { Turns } from '../../load/open-loop.ts';
import type { Attempt, Outcome } from '../../model/attempt.ts';
import type { Vendor } from '../../model/vendor.ts';
import { readHeader } from '../../vendors/event-key.ts';
import { decideRetry, delaysOf, type FailedAttempt, waitAfter } from '../../vendors/retry-rule.ts';
import type { OpenDelivery } from '../send/send-event.ts';

/** What waits for its retry is held in memory: at most so many events, and so many bytes of their bodies. */
const MOST_WAITING = 20_000;
const MOST_BYTES = 64 * 1024 * 1024;
/** Until there may be room for a retry that is due while too many attempts are under way. */
const POSTPONED_MS = 5;

/** An event on its way, with what is known of its attempts so far. */
export interface LoadEvent extends FailedAttempt {
  name: string;
  open: OpenDelivery;
  /** Of its body. */
  bytes: number;
  /** When the present attempt should have started, in milliseconds from the start of the run. */
  dueMs: number;
  /** When it could start: after that it is this machine's fault. */
  turnMs: number;
  /** Of the last attempt that has ended. */
  outcome: Outcome | null;
  /** Whether the vendor waits as long as the last answer asked for; null where it did not ask. */
  keepsRetryAfter: boolean | null;
}

/** What becomes of an event after an attempt: it comes again, it has ended, or there was no room to remember it. */
export type AfterAttempt = 'waits' | 'ended' | 'forgotten';

/** Failed events, each of which comes again as the vendor does it, on a clock that runs faster. */
export class RetryStorm implements Turns<LoadEvent> {
  readonly #queue = new DueQueue<LoadEvent>();
  readonly #vendor: Vendor;
  readonly #timeScale: number;
  /** Waits by event name. */
  readonly #delays = new Map<string, readonly number[]>();
  readonly #mostWaiting: number;
  readonly #mostBytes: number;
  #bytes = 0;
  #heldUntilMs = 0;

  /** @param of how many storms of a run share what may wait */
  constructor(vendor: Vendor, timeScale: number, of = 1) {
    this.#vendor = vendor;
    this.#timeScale = timeScale;
    this.#mostWaiting = MOST_WAITING / of;
    this.#mostBytes = MOST_BYTES / of;
  }

  get size(): number {
    return this.#queue.size;
  }

  dueMs(): number {
    return this.#queue.dueMs();
  }

  take(): LoadEvent {
    const event = this.#queue.take();
    this.#bytes -= event.bytes;
    event.turnMs = Math.max(event.dueMs, this.#heldUntilMs);
    return event;
  }

  /** How long the vendor waits after this attempt; null: it does not try again. */
  waitOf(event: LoadEvent, attempt: Attempt): number | null {
    const { retries } = this.#vendor;
    if (attempt.outcome === 'delivered' || decideRetry(retries, attempt) === 'drop') return null;
    return waitAfter(this.#delaysOf(event.name), retries, event);
  }

  /** @param nowMs from the start of the run */
  afterAttempt(event: LoadEvent, attempt: Attempt, nowMs: number): AfterAttempt {
    const waitMs = this.waitOf(event, attempt);
    if (waitMs === null) return 'ended';
    if (this.#queue.size >= this.#mostWaiting || this.#bytes + event.bytes > this.#mostBytes) return 'forgotten';
    const askedMs = attempt.status === TOO_MANY ? retryAfterMs(attempt) : null;
    event.sinceFirstMs += waitMs;
    event.keepsRetryAfter = askedMs === null ? null : waitMs >= askedMs;
    event.dueMs = nowMs + waitMs / this.#timeScale;
    this.#push(event.dueMs, event);
    return 'waits';
  }

  /** It is due, and finds no room. Its response time still counts from when it was due. */
  postpone(event: LoadEvent, nowMs: number): void {
    this.holdUntil(nowMs + POSTPONED_MS);
    this.#push(nowMs + POSTPONED_MS, event);
  }

  /** There is no room before that: whatever starts then is not late. */
  holdUntil(ms: number): void {
    this.#heldUntilMs = ms;
  }

  #push(dueMs: number, event: LoadEvent): void {
    this.#queue.push(dueMs, event);
    this.#bytes += event.bytes;
  }

  #delaysOf(name: string): readonly number[] {
    const known = this.#delays.get(name) ?? delaysOf(this.#vendor.retries, name);
    this.#delays.set(name, known);
    return known;
  }
}

/** Too Many Requests (RFC 6585 §4). */
export const TOO_MANY = 429;

/** The oldest of the three forms of a date in HTTP has none, and is in GMT (RFC 9110 §5.6.7). */
const IN_ZONE = /(?:GMT|UTC|Z|[+-]\d\d:?\d\d)$/i;

/** How long an answer asks to wait (RFC 9110 §10.2.3: seconds, or a date); null where it asks nothing readable. */
export function retryAfterMs({
  responseHeaders,
  startedAt,
  timings,
}: Pick<Attempt, 'responseHeaders' | 'startedAt' | 'timings'>): number | null {
  const text = readHeader(responseHeaders, 'retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // V8 reads "in 5" as the first of May.
  const atMs = /\d\d:\d\d:\d\d/.test(text) ? Date.parse(IN_ZONE.test(text) ? text : `${text} GMT`) : NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - (startedAt + timings.totalMs));
}
