import { AppError } from '../model/error.ts';
import type { Arrival, GeneratorHealth, LoadReport, LoadSecond } from '../model/load-report.ts';
import type { ConcludeOptions } from './conclude-load.ts';
import { decodeHistogram } from './histogram-codec.ts';
import type { LatencyHistogram } from './latency.ts';
import { summariseLatency } from './latency-summary.ts';
import { judgeGenerator } from './load-tally.ts';
import { answersOf, answersPerSecond, shareOf, slowShares, startsOf, unansweredOf, type Waits } from './shares.ts';

/** Of a file: a histogram takes at most some 300 KB of it, a second of the series 200 bytes. */
export const MOST_REPORT_BYTES = 16 * 1024 * 1024;
const MOST_ENTRIES = 10_000;
const MOST_LETTERS = 8192;
const MOST_NAME_LETTERS = 200;
/** A hundred years. */
const LONGEST_MS = 36_500 * 86_400_000;

/** A report, and by what it was judged. */
export interface LoadDocument {
  report: LoadReport;
  /** As they were given: `p99<500ms`. */
  expectations: readonly string[];
  allowed: ConcludeOptions;
}

/** Whether a JSON text is meant to be a load report; it may still be a bad one. */
export function isLoadDocument(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'load';
  } catch {
    return false;
  }
}

/**
 * Reads what `webhook load --json` printed. What follows from counts and histograms is computed anew: a percentile is
 * that of its histogram, not what the file says. Counts that contradict each other, or a histogram, are an error.
 * @param path for errors alone
 * @throws AppError `input`
 */
export function readLoadDocument(text: string, path: string, schemaVersion: number): LoadDocument {
  const fields = new DocumentFields(parse(text, path), path, '');
  if (fields.value('kind') !== 'load') throw unreadable(path, 'it is not what webhook load writes');
  if (fields.value('schemaVersion') !== schemaVersion)
    throw unreadable(path, `it has another version (schemaVersion ${JSON.stringify(fields.value('schemaVersion'))})`);
  const report = withFigures(fields);
  return {
    report,
    expectations: fields.texts('expectations', 'expectation'),
    allowed: { allowDropped: fields.flag('allowDropped'), allowLate: fields.flag('allowLate') },
  };
}

function withFigures(fields: DocumentFields): LoadReport {
  const [response, service] = [
    fields.inner('response').histogram('histogram'),
    fields.inner('service').histogram('histogram'),
  ];
  const statuses = fields.inner('statuses').counts(/^[1-9]\d\d$/);
  const errorCodes = fields.inner('errorCodes').counts(/^[\w-]{1,80}$/);
  const durationMs = fields.ms('durationMs');
  const target = fields.inner('target');
  const counts = readCounts(fields.inner('counts'));
  const late = readLateness(fields.inner('late'), counts);
  const throttled = fields.inner('throttled').each('answers', 'withRetryAfter', 'kept', 'broken');
  if (!isConsistent({ counts, statuses, errorCodes, late, throttled }, [response.total, service.total]))
    throw fields.refusal('its counts contradict each other');
  return {
    kind: 'load',
    runs: fields.value('runs') === undefined ? [] : fields.names('runs'),
    target: { url: target.text('url'), vendor: target.text('vendor'), webhook: target.textOrNull('webhook') },
    events: fields.inner('events').counts(/^.{1,200}$/s),
    arrival: readArrival(fields.inner('arrival')),
    startedAt: fields.time('startedAt'),
    durationMs,
    isInterrupted: fields.flag('isInterrupted'),
    counts,
    perSecond: answersPerSecond({ statuses, durationMs }),
    response: summariseLatency(response),
    service: summariseLatency(service),
    late,
    generator: readGenerator(fields.inner('generator'), { late, errorCodes }),
    slow: slowShares(service, { statuses, errorCodes }, readWaits(fields.inner('slow'))),
    statuses,
    errorCodes,
    throttled,
    series: fields.list('series').map(readSecond),
  };
}

/** Without `resent`, as older reports are, nothing is known to have gone out twice. */
function readCounts(fields: DocumentFields): LoadReport['counts'] {
  return {
    ...fields.each('started', 'delivered', 'refused', 'unreachable', 'dropped', 'retries', 'forgotten', 'unrecorded'),
    resent: fields.value('resent') === undefined ? 0 : fields.count('resent'),
  };
}

type Counted = Pick<LoadReport, 'counts' | 'statuses' | 'errorCodes' | 'late' | 'throttled'>;

/**
 * Each event has its attempts, each attempt a status or an error code, and each answer its times.
 * @param timed how many times each histogram has
 */
function isConsistent({ counts, statuses, errorCodes, late, throttled }: Counted, timed: readonly number[]): boolean {
  const { started, delivered, refused, unreachable, resent } = counts;
  const [answers, unanswered] = [answersOf({ statuses }), unansweredOf({ errorCodes })];
  return (
    delivered + refused + unreachable <= started &&
    delivered + refused <= answers &&
    unreachable <= unanswered &&
    answers + unanswered <= startsOf(counts) &&
    late.count <= startsOf(counts) &&
    resent <= startsOf(counts) &&
    throttled.answers === (statuses['429'] ?? 0) &&
    timed.every((total) => total === answers)
  );
}

function readLateness(fields: DocumentFields, counts: LoadReport['counts']): LoadReport['late'] {
  const count = fields.count('count');
  return { count, share: shareOf(count, startsOf(counts)), p99Ms: fields.ms('p99Ms'), maxMs: fields.ms('maxMs') };
}

/** Invalid where the file says so, and where its own figures do. */
function readGenerator(fields: DocumentFields, figures: Pick<LoadReport, 'late' | 'errorCodes'>): GeneratorHealth {
  const judged = judgeGenerator(figures, {
    eventLoopDelayP99Ms: fields.ms('eventLoopDelayP99Ms'),
    cpuShare: fields.number('cpuShare', 100_000),
  });
  const [isValid, reason] = [fields.flag('isValid'), fields.textOrNull('reason')];
  return isValid ? judged : { ...judged, isValid, reason: reason ?? judged.reason };
}

const readWaits = (slow: DocumentFields): Waits => ({
  timeoutMs: slow.ms('timeoutMs'),
  waitedMs: slow.ms('waitedMs'),
});

function readArrival(fields: DocumentFields): Arrival {
  const kind = fields.value('kind');
  if (kind === 'closed') return { kind, connections: fields.count('connections') };
  const limits = {
    maxInFlight: fields.count('maxInFlight'),
    ...(fields.value('connections') === undefined ? {} : { connections: fields.count('connections') }),
  };
  if (kind === 'constant' || kind === 'poisson') return { kind, perSecond: fields.number('perSecond'), ...limits };
  if (kind !== 'ramp') throw fields.wrong('kind');
  const [fromPerSecond, toPerSecond] = [fields.number('fromPerSecond'), fields.number('toPerSecond')];
  return { kind, fromPerSecond, toPerSecond, overMs: fields.ms('overMs'), ...limits };
}

function readSecond(fields: DocumentFields): LoadSecond {
  return {
    atMs: fields.ms('atMs'),
    widthMs: fields.atLeast('widthMs', 1),
    ...fields.each('delivered', 'refused', 'unreachable', 'dropped'),
    p50Ms: fields.msOrNull('p50Ms'),
    p99Ms: fields.msOrNull('p99Ms'),
    maxMs: fields.msOrNull('maxMs'),
  };
}

/** The fields of one object of the document; what is not as it should be is an error that names its place. */
class DocumentFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;
  /** Of the object in the document: empty, or `late.`. */
  readonly #place: string;

  constructor(value: unknown, path: string, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw unreadable(path, place === '' ? 'it is not a JSON object' : `${place.slice(0, -1)} is not an object`);
    this.#fields = value as Record<string, unknown>;
    this.#path = path;
    this.#place = place;
  }

  value(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  inner(name: string): DocumentFields {
    return new DocumentFields(this.value(name), this.#path, `${this.#place}${name}.`);
  }

  list(name: string): DocumentFields[] {
    const value = this.value(name);
    if (!Array.isArray(value) || value.length > MOST_ENTRIES) throw this.wrong(name);
    return value.map((one, index) => new DocumentFields(one, this.#path, `${this.#place}${name}[${index}].`));
  }

  /** A list of short texts. */
  names(name: string): string[] {
    const value = this.value(name);
    const isList = Array.isArray(value) && value.length <= MOST_ENTRIES;
    if (!isList || !value.every((one) => typeof one === 'string' && one.length <= MOST_NAME_LETTERS))
      throw this.wrong(name);
    return value as string[];
  }

  /** One field of each object of a list. */
  texts(list: string, name: string): string[] {
    return this.list(list).map((one) => one.text(name));
  }

  /** Finite, and not below 0. */
  number(name: string, most = Number.MAX_SAFE_INTEGER): number {
    const value = this.value(name);
    if (typeof value !== 'number' || !(value >= 0 && value <= most)) throw this.wrong(name);
    return value;
  }

  count(name: string): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value)) throw this.wrong(name);
    return value;
  }

  each<Name extends string>(...names: readonly Name[]): Record<Name, number> {
    return Object.fromEntries(names.map((name) => [name, this.count(name)])) as Record<Name, number>;
  }

  atLeast(name: string, least: number): number {
    const value = this.ms(name);
    if (value < least) throw this.wrong(name);
    return value;
  }

  ms(name: string): number {
    return this.number(name, LONGEST_MS);
  }

  msOrNull(name: string): number | null {
    return this.value(name) === null ? null : this.ms(name);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    if (typeof value !== 'boolean') throw this.wrong(name);
    return value;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== 'string' || value.length > MOST_LETTERS) throw this.wrong(name);
    return value;
  }

  textOrNull(name: string): string | null {
    return this.value(name) === null ? null : this.text(name);
  }

  time(name: string): string {
    const ms = Date.parse(this.text(name));
    if (!(ms >= 0 && ms <= LONGEST_MS * 2)) throw this.wrong(name);
    return new Date(ms).toISOString();
  }

  /** Every field of it, named like this. */
  counts(names: RegExp): Record<string, number> {
    const keys = Object.keys(this.#fields);
    const odd = keys.find((key) => !names.test(key));
    if (odd !== undefined || keys.length > MOST_ENTRIES) throw this.wrong(odd ?? '');
    return this.each(...keys);
  }

  histogram(name: string): LatencyHistogram {
    try {
      return decodeHistogram(this.text(name));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw unreadable(this.#path, `${this.#place}${name}: ${error.message}`);
    }
  }

  refusal(why: string): AppError {
    return unreadable(this.#path, why);
  }

  wrong(name: string): AppError {
    const shown = JSON.stringify(this.value(name) ?? null).slice(0, 60);
    return unreadable(this.#path, `${this.#place}${name.slice(0, 60)} is ${shown}`);
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(path, error instanceof Error ? error.message : String(error));
  }
}

function unreadable(path: string, why: string): AppError {
  return new AppError('input', `${path} is not a load report: ${why}`, {
    hint: 'create one: webhook load … --reporter json=FILE',
  });
}
