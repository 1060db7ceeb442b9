import { setImmediate } from 'node:timers/promises';
import type { ClaimedDelivery, WebhookDue, WorkerQueue } from '../../history/queue.ts';
import type { Environment } from '../../model/environment.ts';
import { AppError } from '../../model/error.ts';
import { plural } from '../../model/wording.ts';
import { UnrecordedError } from '../send/send-event.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { EndpointGate, type EndpointLimits, type GateChange } from './endpoint-gate.ts';
import { KeptTargets } from './kept-targets.ts';
import { openReach, type ReachEnvironment } from './reach.ts';
import { sendQueued, settleUnknown, type EndedAttempt } from './send-queued.ts';
import { settleTogether, type SettleTogether } from './settle-together.ts';

export interface WorkerOptions {
  /** Requests at once, of all endpoints together. */
  concurrency: number;
  /** Of each endpoint, which is each webhook. */
  limits: EndpointLimits;
  /** So many times shorter are the waits of the ladders. */
  timeScale: number;
  /** `once`: what is due at the start. `until-empty`: until nothing waits but what is held. */
  until: 'stopped' | 'once' | 'empty';
}

export interface WorkerEnvironment
  extends ReachEnvironment, Pick<Environment, 'clock' | 'recordClock' | 'recordIds' | 'signal'> {}

/** Is told what happens, each attempt when it is kept. */
export interface WorkerReport {
  attempt(item: ClaimedDelivery, ended: EndedAttempt): void;
  /** A worker before this one ended in the middle of it. */
  unknown(item: ClaimedDelivery): void;
  /** The delivery waits: something that it names is missing here. */
  unopened(item: ClaimedDelivery, error: AppError): void;
  gate(item: ClaimedDelivery, change: NonNullable<GateChange>): void;
  warning(text: string): void;
}

/** Another process may put something in: how often it is looked for, in milliseconds. */
const POLL_MS = 500;
/** How soon a worker that runs until it is stopped looks again for what was missing. */
const MISSING_MS = 60_000;
/** Another worker may have what is missing here: it gets the rest of the webhook after so long. */
const PASS_ON_MS = 1000;

/**
 * Sends what is due, as it gets due. At `signal` those under way end, and nothing else begins. Throws AppError
 * `history` when nothing can be kept any more.
 */
export async function runWorker(
  queue: WorkerQueue,
  options: WorkerOptions,
  environment: WorkerEnvironment,
  report: WorkerReport,
): Promise<void> {
  const worker = new DeliveryWorker(queue, options, environment, report);
  try {
    await worker.run();
  } finally {
    await worker.close();
  }
}

class DeliveryWorker {
  readonly #queue: WorkerQueue;
  readonly #options: WorkerOptions;
  readonly #environment: WorkerEnvironment;
  readonly #report: WorkerReport;
  readonly #settling: SettleTogether;
  readonly #gates = new Map<string, EndpointGate>();
  readonly #targets: KeptTargets;
  readonly #warned = new Set<string>();
  /** Until when a webhook is left alone that cannot be reached from this machine. */
  readonly #missing = new Map<string, number>();
  readonly #underWay = new Set<Promise<void>>();
  #unrecorded = 0;
  #bug: { error: unknown } | null = null;
  #isWoken = false;
  #resting: AbortController | null = null;

  constructor(queue: WorkerQueue, options: WorkerOptions, environment: WorkerEnvironment, report: WorkerReport) {
    this.#queue = queue;
    this.#options = options;
    this.#environment = environment;
    this.#report = report;
    this.#targets = new KeptTargets((item) => this.#open(item), environment.recordClock);
    this.#settling = settleTogether(queue, environment.recordClock, () => this.#wakeUp());
    environment.signal.addEventListener('abort', () => this.#wakeUp());
  }

  async run(): Promise<void> {
    try {
      while (!this.#isStopped()) {
        await this.#settleOrphans();
        const waitMs = await this.#startDue();
        if (waitMs === null && this.#underWay.size === 0) break;
        await this.#rest(waitMs ?? POLL_MS);
      }
    } finally {
      await Promise.all(this.#underWay);
    }
    if (this.#bug !== null) throw this.#bug.error;
    const failure = this.#settling.failure();
    if (failure !== null) throw this.#withUnrecorded(failure);
  }

  #withUnrecorded({ kind, message, hint, cause }: AppError): AppError {
    const attempts = `${plural(this.#unrecorded, 'attempt')} ended and could not be recorded`;
    return new AppError(kind, `${message}; ${attempts}: the next worker records that the outcome is unknown`, {
      hint,
      cause,
    });
  }

  close(): Promise<void> {
    return this.#targets.close();
  }

  #isStopped(): boolean {
    return this.#environment.signal.aborted || this.#bug !== null || this.#settling.failure() !== null;
  }

  /** What another worker left under way. What cannot be settled here stays so. */
  async #settleOrphans(): Promise<void> {
    const { vendors, recordClock, recordIds } = this.#environment;
    const { timeScale } = this.#options;
    for (const item of await this.#queue.takeOrphans()) {
      const vendor = await vendors.load(item.reach.vendor).catch((error: unknown) => this.#leave(item, error));
      if (vendor === null) continue;
      const settled = settleUnknown(item, vendor, { recordClock, recordIds, timeScale });
      await this.#queue.settle([settled], recordClock.now());
      this.#report.unknown(item);
    }
  }

  #leave(item: ClaimedDelivery, error: unknown): null {
    if (!(error instanceof AppError)) throw error;
    this.#report.unopened(item, error);
    return null;
  }

  /** Starts what may go out. Returns how long until something else may, in milliseconds; null: nothing will. */
  async #startDue(): Promise<number | null> {
    const nowMs = this.#environment.recordClock.now();
    const waiting = await this.#listOpen(nowMs);
    for (const { webhookUuid } of waiting.filter(({ inMs }) => inMs <= 0)) {
      const gate = this.#gateOf(webhookUuid);
      const most = Math.min(this.#options.concurrency - this.#underWay.size, gate.free(nowMs));
      if (most > 0)
        for (const item of await this.#queue.claim(webhookUuid, most, nowMs)) this.#start(item, gate, nowMs);
      const spareMs = gate.freeAt(nowMs) - nowMs;
      if (spareMs > 0 && Number.isFinite(spareMs)) await this.#queue.postpone(webhookUuid, spareMs);
    }
    return this.#nextMs(await this.#listOpen(nowMs), nowMs);
  }

  /** What cannot be sent from here is not kept from the others. */
  async #listOpen(nowMs: number): Promise<WebhookDue[]> {
    const next = await this.#queue.listNext(nowMs);
    const isOpen = ({ webhookUuid }: WebhookDue): boolean => (this.#missing.get(webhookUuid) ?? 0) <= nowMs;
    for (const one of next) if (!isOpen(one) && one.inMs <= 0) await this.#queue.postpone(one.webhookUuid, PASS_ON_MS);
    return next.filter(isOpen);
  }

  #nextMs(open: readonly WebhookDue[], nowMs: number): number | null {
    const { until, concurrency } = this.#options;
    // A pause can be long, and who asks for `once` comes again.
    const waiting = open.filter(({ webhookUuid }) => until !== 'once' || !this.#gateOf(webhookUuid).isPaused(nowMs));
    if (waiting.length === 0 && until !== 'stopped') return null;
    if (this.#underWay.size >= concurrency) return POLL_MS;
    const times = waiting.map(({ webhookUuid, inMs }) =>
      Math.max(inMs, this.#gateOf(webhookUuid).freeAt(nowMs) - nowMs),
    );
    return Math.min(POLL_MS, Math.max(1, Math.min(...times)));
  }

  #gateOf(webhookUuid: string): EndpointGate {
    const gate = this.#gates.get(webhookUuid) ?? new EndpointGate(this.#options.limits);
    this.#gates.set(webhookUuid, gate);
    return gate;
  }

  #start(item: ClaimedDelivery, gate: EndpointGate, nowMs: number): void {
    gate.start(nowMs);
    const task = this.#send(item, gate)
      .catch((error: unknown) => {
        this.#bug ??= { error };
      })
      .finally(() => {
        this.#underWay.delete(task);
        this.#wakeUp();
      });
    this.#underWay.add(task);
  }

  async #send(item: ClaimedDelivery, gate: EndpointGate): Promise<void> {
    try {
      await this.#targets.use(item, (target) => this.#sendTo(target, item, gate));
    } catch (error) {
      // What was answered and not kept stays under way: nobody may take it for unsent.
      if (error instanceof UnrecordedError) {
        this.#unrecorded += 1;
        return;
      }
      if (!(error instanceof AppError)) throw error;
      gate.abandon();
      await this.#giveBack(item, error);
    }
  }

  async #sendTo(target: OpenTarget, item: ClaimedDelivery, gate: EndpointGate): Promise<void> {
    const { clock, recordClock, recordIds, signal } = this.#environment;
    if (signal.aborted) {
      gate.abandon();
      return this.#queue.release([item]);
    }
    const { timeScale } = this.#options;
    const { settle } = this.#settling;
    const ended = await sendQueued(item, target, { clock, recordClock, recordIds, timeScale, settle });
    const change = gate.end(ended.attempt.outcome === 'delivered', recordClock.now());
    this.#report.attempt(item, ended);
    if (change !== null) this.#report.gate(item, change);
  }

  async #open({ delivery, reach }: Pick<ClaimedDelivery, 'delivery' | 'reach'>): Promise<OpenTarget> {
    const { connections } = this.#options.limits;
    const target = await openReach(reach, delivery.webhookUuid, connections, this.#environment);
    await target.transport();
    for (const warning of target.warnings.filter((one) => !this.#warned.has(one))) {
      this.#warned.add(warning);
      this.#report.warning(warning);
    }
    return target;
  }

  /** It waits as it did, and so does all of its webhook for a while. */
  async #giveBack(item: ClaimedDelivery, error: AppError): Promise<void> {
    await this.#queue.release([item]);
    const { webhookUuid } = item.delivery;
    const nowMs = this.#environment.recordClock.now();
    const isKnown = (this.#missing.get(webhookUuid) ?? 0) > nowMs;
    const againAt = this.#options.until === 'stopped' ? nowMs + MISSING_MS : Number.POSITIVE_INFINITY;
    this.#missing.set(webhookUuid, againAt);
    await this.#queue.postpone(webhookUuid, PASS_ON_MS);
    if (!isKnown) this.#report.unopened(item, error);
  }

  /** Until the time is over, an attempt has ended or the worker is to stop. */
  async #rest(ms: number): Promise<void> {
    if (!this.#isWoken) {
      this.#resting = new AbortController();
      await this.#environment.recordClock.sleep(ms, this.#resting.signal).catch(() => undefined);
      this.#resting = null;
    }
    // Whatever ends at the same time is seen in one turn.
    await setImmediate();
    this.#isWoken = false;
  }

  #wakeUp(): void {
    this.#isWoken = true;
    this.#resting?.abort();
  }
}
