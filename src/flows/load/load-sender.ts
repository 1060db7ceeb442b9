import type { Recorder } from '../../history/store/recorder.ts';
import { spreadEvents, type WeightedEvent } from '../../load/event-mix.ts';
import type { LoadTally } from '../../load/load-tally.ts';
import type { Transport } from '../../deliver/transport.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import type { Environment } from '../../model/environment.ts';
import type { Plan } from '../../model/plan.ts';
import type { AckMode } from '../../model/vendor.ts';
import { prepareFor, type EventContent, type MakeNextEvent } from '../send/make-event.ts';
import { openDelivery, type SendEnvironment } from '../send/send-event.ts';
import { type OpenTarget, secretsOf } from '../session/open-target.ts';
import { type LoadEvent, type RetryStorm, retryAfterMs, TOO_MANY } from './retry-storm.ts';

/** What sending load needs to know of its target: data alone. */
export type LoadedTarget = Pick<OpenTarget, 'url' | 'shownUrl' | 'webhookUuid' | 'name' | 'vendor' | 'select'> &
  Pick<OpenTarget, 'signingSecret' | 'moreSecrets' | 'timeoutMs'>;

/** The events of a run: what is sent, and to whom. */
export interface LoadContent {
  target: LoadedTarget;
  mix: readonly WeightedEvent[];
  content: EventContent;
  ackMode?: AckMode;
}

/** What sending many events needs. Each has its own clock and ids, whatever ends first. */
export interface LoadEnvironment extends Pick<Environment, 'recordClock' | 'recordIds' | 'signal'> {
  clockOf(index: number): Clock;
  idsOf(index: number): Ids;
  newDeliveryId(): string;
  transport: Transport;
  /** Null keeps no record. */
  recorder: Pick<Recorder, 'record' | 'flush' | 'unstored'> | null;
}

/** An event that is to be made and sent. */
export interface NewEvent {
  /** The n-th of the run, from 0. */
  index: number;
  /** From the start of the run; null in a closed loop, where it is due when it can start. */
  dueMs: number | null;
}

/** Plans the n-th event: a new one, with an id of its own. Throws AppError `usage` where it cannot be made. */
export function makePlanner(
  { target, mix, content }: LoadContent,
  { clockOf, idsOf, newDeliveryId }: Pick<LoadEnvironment, 'clockOf' | 'idsOf' | 'newDeliveryId'>,
): (index: number) => Plan | Promise<Plan> {
  const nameOf = spreadEvents(mix);
  const makers = new Map(mix.map(({ name }) => [name, prepareFor(target, name, content)]));
  return (index) => {
    const makeNext = makers.get(nameOf(index)) as MakeNextEvent;
    return makeNext(newDeliveryId(), clockOf(index), idsOf(index));
  };
}

/** Makes, signs and sends the events of a run, has them recorded, and tells the tally what came of each attempt. */
export class LoadSender {
  inFlight = 0;
  /** The first attempt without an answer. */
  unreachable: Attempt | null = null;
  readonly #content: LoadContent;
  readonly #planEvent: (index: number) => Plan | Promise<Plan>;
  readonly #secrets: ReturnType<typeof secretsOf>;
  readonly #environment: LoadEnvironment;
  readonly #history: SendEnvironment['history'];
  readonly #tally: LoadTally;
  readonly #storm: RetryStorm | null;
  readonly #elapsedMs: () => number;

  constructor(
    content: LoadContent,
    environment: LoadEnvironment,
    { tally, storm, elapsedMs }: { tally: LoadTally; storm: RetryStorm | null; elapsedMs: () => number },
  ) {
    this.#content = content;
    this.#planEvent = makePlanner(content, environment);
    this.#environment = environment;
    const { recorder } = environment;
    this.#secrets = secretsOf(content.target);
    this.#history = recorder && { append: (delivery, attempt) => recorder.record(delivery, attempt) };
    this.#tally = tally;
    this.#storm = storm;
    this.#elapsedMs = elapsedMs;
  }

  /** The first attempt of an event, signed when it is sent. */
  async sendNew({ index, dueMs }: NewEvent): Promise<void> {
    const planned = this.#planEvent(index);
    const plan = planned instanceof Promise ? await planned : planned;
    const onAttempt = (attempt: Attempt): void => this.#end(event, attempt, dueMs === null);
    const { secret, moreSecrets } = this.#secrets;
    const { clockOf, recordClock, recordIds, transport, signal } = this.#environment;
    const open = openDelivery(
      plan,
      { secret, moreSecrets, ackMode: this.#content.ackMode, onAttempt },
      { clock: clockOf(index), recordClock, recordIds, transport, signal, history: this.#history },
    );
    const startMs = this.#elapsedMs();
    const event: LoadEvent = {
      name: plan.event.name,
      open,
      bytes: plan.body.length,
      number: 1,
      dueMs: dueMs ?? startMs,
      turnMs: startMs,
      sinceFirstMs: 0,
      outcome: null,
      keepsRetryAfter: null,
    };
    this.#tally.start(event.dueMs, startMs);
    await this.#attempt(event);
  }

  /** A further attempt, signed anew. */
  async sendAgain(event: LoadEvent): Promise<void> {
    event.number += 1;
    this.#tally.startRetry(event.keepsRetryAfter, this.#elapsedMs() - event.turnMs);
    await this.#attempt(event);
  }

  async #attempt(event: LoadEvent): Promise<void> {
    this.inFlight++;
    try {
      // Recorded with the attempt: where the run is stopped before the retry, the delivery is unfinished.
      await event.open.attempt(event.number, (attempt) => this.#storm?.waitOf(event, attempt) ?? null);
    } finally {
      this.inFlight--;
    }
  }

  #end(event: LoadEvent, attempt: Attempt, isClosed: boolean): void {
    const endMs = this.#elapsedMs();
    const serviceMs = attempt.timings.totalMs;
    const dueMs = isClosed ? endMs - serviceMs : event.dueMs;
    const isResent = attempt.timings.resentAfterMs !== undefined;
    this.#tally.end(attempt, { dueMs, endMs, serviceMs, isResent }, event.outcome);
    event.outcome = attempt.outcome;
    const isAnswered = attempt.outcome !== 'unreachable';
    if (!isAnswered) this.unreachable ??= attempt;
    if (isAnswered && attempt.status === TOO_MANY) this.#tally.throttle(retryAfterMs(attempt) !== null);
    if (this.#storm?.afterAttempt(event, attempt, endMs) === 'forgotten') this.#tally.counts.forgotten++;
  }
}
