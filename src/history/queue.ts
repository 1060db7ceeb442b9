import type { Attempt, Delivery } from '../model/attempt.ts';
import type { Clock } from '../model/clock.ts';
import type { NextAttempt, QueuedDelivery } from '../model/queued-delivery.ts';

/** What waits to be sent. It stands in the database of the history, in tables of its own. */
export interface QueueReader {
  readonly path: string;
  /** In the order in which they are due. */
  list(filter: QueueFilter): Promise<WaitingDelivery[]>;
  /** By webhook; those that have none and are not held are left out. */
  counts(nowMs: number): Promise<QueueCounts[]>;
  close(): Promise<void>;
}

/** Fills the queue and changes it; on return what it did survives a power failure. */
export interface Queue extends QueueReader {
  /** All of them or none. */
  enqueue(items: readonly QueuedDelivery[], nowMs: number): Promise<void>;
  /** Records an attempt that no worker made, and queues the rest of its delivery, in one transaction. */
  recordFirst(first: FirstAttempt, nowMs: number): Promise<void>;
  /** Those under way stay. Returns how many are gone. */
  cancel(filter: QueueFilter): Promise<number>;
  /** They are due now. Those under way are left. Returns how many. */
  makeDue(filter: QueueFilter, nowMs: number): Promise<number>;
  /** False when the webhook was not held. */
  enable(webhookUuid: string): Promise<boolean>;
}

/**
 * The queue in the hands of who sends. Its times are by the clock of the queue: on a server by that of the database. So
 * `nowMs` is what the caller's clock shows, and what it is told of the future is counted from now.
 */
export interface WorkerQueue extends Queue {
  /** Opened for `once`: what is due, or under way and was due, when it was opened; all else is later. */
  counts(nowMs: number): Promise<QueueCounts[]>;
  /** Of each webhook that is not held and has something, when the first of it can be claimed; the first comes first. */
  listNext(nowMs: number): Promise<WebhookDue[]>;
  /** Of one webhook what is due, at most so many. They are marked as under way before this returns. */
  claim(webhookUuid: string, most: number, nowMs: number): Promise<ClaimedDelivery[]>;
  /** Nothing of this webhook is claimed from here for so long: others may have it, or it may stay. */
  postpone(webhookUuid: string, ms: number): Promise<void>;
  /** Records each attempt and what becomes of its delivery, in one transaction. */
  settle(items: readonly SettledAttempt[], nowMs: number): Promise<void>;
  /** They did not go out: due as before. */
  release(items: readonly ClaimedDelivery[]): Promise<void>;
  /** Those whose worker ended before it recorded what came of them, as far as that is known by now; each once. */
  takeOrphans(): Promise<ClaimedDelivery[]>;
}

/** How the queue of a worker is opened. */
export interface WorkerQueueOptions {
  /** Only what is due when it is opened. */
  once: boolean;
  nowMs: number;
  /** Where it is on a server that goes away: who waits for it, until when at most, and what is said. */
  outage: { clock: Clock; signal: AbortSignal; say(text: string): void };
}

export interface ClaimedDelivery extends QueuedDelivery {
  /** Milliseconds since the epoch: marked as under way. */
  beganAt: number;
  /** By which the queue knows this claim; empty where there is one worker. */
  claimId: string;
}

export interface WebhookDue {
  webhookUuid: string;
  /** From now; 0 or less: it can be claimed. */
  inMs: number;
}

export interface SettledAttempt {
  /** Of the claim. */
  claimId: string;
  delivery: Delivery;
  attempt: Attempt;
  next: NextAttempt;
  /** The vendor deactivates the whole webhook: what else waits for it is held. */
  hold?: { heldAt: number; reason: string };
}

export interface FirstAttempt {
  delivery: Delivery;
  attempt: Attempt;
  /** Null: there is no further attempt. */
  rest: QueuedDelivery | null;
}

/** Which of the queue: what is absent does not narrow it. */
export interface QueueFilter {
  webhookUuid?: string;
  vendor?: string;
  event?: string;
  /** The id, or its beginning. */
  idBeginning?: string;
  /** Milliseconds since the epoch: queued at or after this. */
  sinceMs?: number;
  limit?: number;
}

export interface WaitingDelivery extends Pick<
  Delivery,
  'id' | 'webhookUuid' | 'vendor' | 'event' | 'eventId' | 'url' | 'createdAt'
> {
  /** Of the attempt that is next, or under way. */
  number: number;
  /** Null: it is under way. */
  dueAt: number | null;
  isHeld: boolean;
}

/** How much of one webhook waits. */
export interface QueueCounts {
  webhookUuid: string;
  /** Where it is called, as it is shown. */
  url: string;
  due: number;
  later: number;
  underWay: number;
  /** Milliseconds since the epoch; null without any but those under way. */
  nextDueAt: number | null;
  /** What is due or later waits until the webhook is enabled. */
  held: { heldAt: number; reason: string } | null;
}

/** Of an attempt whose worker ended before it recorded what came of it. */
export const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';

export const isUnknownOutcome = ({ errorCode }: Pick<Attempt, 'errorCode'>): boolean => errorCode === OUTCOME_UNKNOWN;
