import type { Attempt, Outcome } from '../model/attempt.ts';
import type { GeneratorHealth, LoadCounts, LoadReport } from '../model/load-report.ts';
import { plural } from '../model/wording.ts';
import { LatencyHistogram } from './latency.ts';
import { summariseLatency } from './latency-summary.ts';
import { LoadSeries } from './load-series.ts';
import { answersPerSecond, ownFailuresOf, shareOf, slowShares, startsOf, type Waits } from './shares.ts';

/** A start that is later than this is late. Timers have a resolution of 1 ms; what is above is want of time. */
const LATE_MS = 10;
/** Of more late starts than that the timetable was not kept. */
const MOST_LATE_SHARE = 0.01;
/** Codes are few; were they made up, they would fill no memory. */
const MOST_CODES = 200;

/** When an attempt happened, in milliseconds; the two times are from the start of the run. */
export interface AttemptTimes {
  /** When it should have started. */
  dueMs: number;
  endMs: number;
  /** From its real start to the end of its answer. */
  serviceMs: number;
  /** Its request went out twice. */
  isResent?: boolean;
}

export const NO_COUNTS: Readonly<LoadCounts> = {
  started: 0,
  delivered: 0,
  refused: 0,
  unreachable: 0,
  dropped: 0,
  retries: 0,
  resent: 0,
  forgotten: 0,
  unrecorded: 0,
};

export interface LoadSpan {
  firstMs: number;
  lastMs: number;
}

/** From the first start to the last end of them all. */
export function durationOf(spans: readonly (LoadSpan | null)[]): number {
  const known = spans.filter((span) => span !== null);
  if (known.length === 0) return 0;
  return Math.max(...known.map(({ lastMs }) => lastMs)) - Math.min(...known.map(({ firstMs }) => firstMs));
}

/** What of a LoadReport is counted attempt by attempt. */
export type Tallied = Pick<
  LoadReport,
  'durationMs' | 'counts' | 'perSecond' | 'response' | 'service' | 'late' | 'slow' | 'statuses' | 'errorCodes'
> &
  Pick<LoadReport, 'throttled' | 'series'>;

/** How far a run is. */
export interface LoadProgress {
  elapsedMs: number;
  counts: LoadCounts;
  inFlight: number;
  /** Failed events that will come again. */
  waiting: number;
  /** Of the response times so far; null without an answer. */
  p99Ms: number | null;
}

/** Counts a run as it goes on. Its size does not depend on how many events there are. */
export class LoadTally {
  readonly counts: LoadCounts = { ...NO_COUNTS };
  readonly #waits: Waits;
  readonly #response = new LatencyHistogram();
  readonly #service = new LatencyHistogram();
  readonly #late = new LatencyHistogram();
  readonly #series = new LoadSeries();
  readonly #statuses = new Map<string, number>();
  readonly #errorCodes = new Map<string, number>();
  readonly #throttled = { answers: 0, withRetryAfter: 0, kept: 0, broken: 0 };
  #lateStarts = 0;
  #firstMs: number | null = null;
  #lastMs = 0;

  constructor(waits: Waits) {
    this.#waits = waits;
  }

  /** The first attempt of an event starts. */
  start(dueMs: number, startMs: number): void {
    this.#firstMs ??= startMs;
    this.counts.started++;
    this.#startAfter(startMs - dueMs);
  }

  /**
   * A further attempt starts.
   * @param keepsRetryAfter null where the answer before asked for no delay
   * @param lateMs after it could have started
   */
  startRetry(keepsRetryAfter: boolean | null, lateMs: number): void {
    this.counts.retries++;
    this.#startAfter(lateMs);
    if (keepsRetryAfter !== null) this.#throttled[keepsRetryAfter ? 'kept' : 'broken']++;
  }

  #startAfter(lateMs: number): void {
    this.#late.record(lateMs);
    if (lateMs > LATE_MS) this.#lateStarts++;
  }

  /** @param before what the event's attempt before this one came to; null at the first */
  end(attempt: Pick<Attempt, 'outcome' | 'status' | 'errorCode'>, times: AttemptTimes, before: Outcome | null): void {
    const { outcome, status, errorCode } = attempt;
    const { endMs, serviceMs } = times;
    if (before !== null) this.counts[before]--;
    this.counts[outcome]++;
    if (times.isResent) this.counts.resent++;
    this.#lastMs = Math.max(this.#lastMs, endMs);
    const hasAnswer = outcome !== 'unreachable';
    const responseMs = endMs - times.dueMs;
    if (hasAnswer) {
      this.#response.record(responseMs);
      this.#service.record(serviceMs);
      add(this.#statuses, String(status));
    } else add(this.#errorCodes, boundedKey(this.#errorCodes, errorCode ?? 'UNKNOWN'));
    this.#series.end(endMs, outcome, hasAnswer ? responseMs : null);
  }

  /** An answer with status 429. */
  throttle(hasRetryAfter: boolean): void {
    this.#throttled.answers++;
    if (hasRetryAfter) this.#throttled.withRetryAfter++;
  }

  drop(nowMs: number): void {
    this.counts.dropped++;
    this.#series.drop(nowMs);
  }

  /** From the first start to the last end, in milliseconds from the start of the run; null before the first. */
  span(): LoadSpan | null {
    return this.#firstMs === null ? null : { firstMs: this.#firstMs, lastMs: Math.max(this.#firstMs, this.#lastMs) };
  }

  responseP99Ms(): number | null {
    return this.#response.percentileMs(99);
  }

  report(): Tallied {
    const durationMs = durationOf([this.span()]);
    const [statuses, errorCodes] = [Object.fromEntries(this.#statuses), Object.fromEntries(this.#errorCodes)];
    return {
      durationMs,
      counts: { ...this.counts },
      perSecond: answersPerSecond({ statuses, durationMs }),
      response: summariseLatency(this.#response),
      service: summariseLatency(this.#service),
      late: {
        count: this.#lateStarts,
        share: shareOf(this.#lateStarts, startsOf(this.counts)),
        p99Ms: this.#late.percentileMs(99) ?? 0,
        maxMs: this.#late.percentileMs(100) ?? 0,
      },
      slow: slowShares(this.#service, { statuses, errorCodes }, this.#waits),
      statuses,
      errorCodes,
      throttled: { ...this.#throttled },
      series: this.#series.list(),
    };
  }
}

const boundedKey = (counts: Map<string, number>, key: string): string =>
  counts.has(key) || counts.size < MOST_CODES ? key : 'OTHER';

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Whether the endpoint had the load that was asked for: in time, and from a machine that could send it. */
export function judgeGenerator(
  { late, errorCodes }: Pick<LoadReport, 'late' | 'errorCodes'>,
  own: Pick<GeneratorHealth, 'eventLoopDelayP99Ms' | 'cpuShare'>,
): GeneratorHealth {
  const percent = (late.share * 100).toFixed(late.share < 0.1 ? 1 : 0);
  const reasons = [
    ...(late.share > MOST_LATE_SHARE ? [`${percent}% of the attempts started more than ${LATE_MS} ms late`] : []),
    ...ownFailuresOf({ errorCodes }).map(
      ([code, count]) => `${plural(count, 'attempt')} failed on this machine (${code})`,
    ),
  ];
  return { isValid: reasons.length === 0, reason: reasons.length === 0 ? null : reasons.join('; '), ...own };
}
