/**
 * What one run of `webhook load` measured: what the table, the JSON, the page and the expectations are made of. Times
 * are milliseconds. Reports of several machines become one: counts add, histograms add.
 */
export interface LoadReport {
  kind: 'load';
  /**
   * The runs that are in it, each by an id, one for each of its threads: two reports that share one have events in
   * common. Empty in reports of older versions.
   */
  runs: readonly string[];
  target: LoadTarget;
  /** Weight by event name: `{ optin: 3, optout: 1 }`. */
  events: Readonly<Record<string, number>>;
  arrival: Arrival;
  /** ISO 8601, UTC. */
  startedAt: string;
  /** From the start of the first event to the end of the last one. */
  durationMs: number;
  /** Ctrl-C ended it before its time: what was done until then. */
  isInterrupted: boolean;
  counts: LoadCounts;
  /** Answers a second over `durationMs`. */
  perSecond: number;
  /** From the intended start of an event to the end of its answer; in a closed loop the same as `service`. */
  response: LatencySummary;
  /** From the real start. */
  service: LatencySummary;
  late: Lateness;
  generator: GeneratorHealth;
  slow: SlowShares;
  /** Answers by status, those of retries included: `{ "200": 9990, "503": 10 }`. */
  statuses: Readonly<Record<string, number>>;
  /** Attempts without an answer by error code, those of retries included: `{ "ECONNREFUSED": 3 }`. */
  errorCodes: Readonly<Record<string, number>>;
  throttled: Throttling;
  /** In the order of time, and together the whole run: the seconds do not overlap. */
  series: readonly LoadSecond[];
}

export interface LoadTarget {
  /** Without credentials. */
  url: string;
  /** The vendor's name. */
  vendor: string;
  /** The name of the configured webhook; null for a URL given on the command line. */
  webhook: string | null;
}

/**
 * When events start. `closed`: each connection sends its next one when the last has ended. Else a timetable that does
 * not wait for answers; what would be in flight above `maxInFlight` is dropped. Events in flight share so many
 * `connections`, and wait for a free one; left out, each has its own.
 */
export type Arrival =
  | { kind: 'closed'; connections: number }
  | { kind: 'constant' | 'poisson'; perSecond: number; maxInFlight: number; connections?: number }
  | {
      kind: 'ramp';
      fromPerSecond: number;
      toPerSecond: number;
      overMs: number;
      maxInFlight: number;
      connections?: number;
    };

/**
 * Each event that started is in one of `delivered`, `refused` and `unreachable`, by its last attempt; or it was still
 * in flight when the run ended.
 */
export interface LoadCounts {
  /** Events of which at least one attempt began. */
  started: number;
  delivered: number;
  refused: number;
  unreachable: number;
  /** Events of the timetable that were never sent: too many were in flight. Not in `started`. */
  dropped: number;
  /** Attempts after an event's first. */
  retries: number;
  /**
   * Attempts whose request went out twice: a reused connection ended before one byte of answer. The endpoint may have
   * processed the first one, too.
   */
  resent: number;
  /** Events that failed and were not tried again, because too many were waiting for it. */
  forgotten: number;
  /** Answered events that the history could not keep. */
  unrecorded: number;
}

/**
 * Times of the attempts that had an answer, delivered or refused. One without an answer has no time: it is in
 * `unreachable`, and an expectation about a percentile counts it as slower than any limit. Without an answer at all the
 * times are null.
 */
export interface LatencySummary {
  p50Ms: number | null;
  p90Ms: number | null;
  p99Ms: number | null;
  p999Ms: number | null;
  maxMs: number | null;
  meanMs: number | null;
  /** HdrHistogram V2, compressed, in Base64; of whole microseconds, three significant digits. */
  histogram: string;
}

/**
 * Attempts that this machine started after their time: that of the timetable, or of a retry for which there was a
 * connection. Of several threads or machines: the largest `p99Ms` of theirs, which that of all cannot be above.
 */
export interface Lateness {
  /** Later than the generator may be. */
  count: number;
  /** `count` of all attempts that started: 0 to 1. */
  share: number;
  p99Ms: number;
  maxMs: number;
}

/** Whether the program that sends was quick enough for its figures to be those of the endpoint. */
export interface GeneratorHealth {
  isValid: boolean;
  /** Why not, in plain words: `12 % of the events started late`; null when it is valid. */
  reason: string | null;
  eventLoopDelayP99Ms: number;
  /** Of one processor, and of all threads of the program: 0 to 1, and more where they work at once. */
  cpuShare: number;
}

/**
 * Shares of the attempts that took longer, by their service time: 0 to 1. One that had no answer in time (`TIMEOUT`)
 * took `waitedMs`, and nobody knows how much longer; one that failed otherwise is not in them.
 */
export interface SlowShares {
  /** After this the vendor gives up. */
  timeoutMs: number;
  /** After this an attempt of the run was given up: `timeoutMs`, or `--max-time`. */
  waitedMs: number;
  aboveTimeoutShare: number;
  above2sShare: number;
}

export interface Throttling {
  /** With status 429. */
  answers: number;
  withRetryAfter: number;
  /** Retries that came no sooner than Retry-After asked. */
  kept: number;
  /** Retries that came sooner: the vendor's ladder does not look at it. */
  broken: number;
}

/**
 * A part of the run: what ended in it. Of several threads or machines, or of two parts that became one: the largest of
 * their percentiles, which those of all cannot be above.
 */
export interface LoadSecond {
  /** Where it begins, from the start of the run. */
  atMs: number;
  /** 1 000, and more in a long run. */
  widthMs: number;
  delivered: number;
  refused: number;
  unreachable: number;
  dropped: number;
  /** Of the response times; null without an answer. */
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
}

/** Whether a figure of the report is as it was asked to be. */
export interface JudgedExpectation {
  /** As it was given: `p99<500ms`. */
  expectation: string;
  /** Null: it cannot be measured, such as a p99 where more than one in a hundred had no answer. */
  measured: number | null;
  /** Of `measured`; empty for a count. */
  unit: 'ms' | '%' | '/s' | '';
  isMet: boolean;
  /** It decides about `delivered`, or asks for another outcome (`refused>0`): a run may pass that delivered nothing. */
  allowsNoDelivery: boolean;
}

/** What a report comes to. */
export interface LoadVerdict {
  /** `unrecorded`: what was answered could not be kept, so nothing else counts. */
  outcome: 'yes' | 'no' | 'no-answer' | 'unrecorded';
  /** Why it is not a yes, the gravest first; empty for one. In plain words, without a full stop. */
  reasons: readonly string[];
}

/** A report with what became of it: what every way to show one is written against. */
export interface JudgedLoad {
  report: LoadReport;
  expectations: readonly JudgedExpectation[];
  verdict: LoadVerdict;
}

/** A point of the distribution of times. */
export interface PercentileStep {
  ms: number;
  /** 0 to 100: this share of the times is as long or shorter. */
  percent: number;
  /** The same, counted. */
  count: number;
}
