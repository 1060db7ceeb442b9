import { AppError } from '../model/error.ts';
import type { JudgedExpectation, LoadReport } from '../model/load-report.ts';
import { decodeHistogram } from './histogram-codec.ts';
import { rankOf } from './latency.ts';
import { answersOf, attemptsOf, plannedOf, startsOf, timedOutOf, unansweredOf } from './shares.ts';

/** A limit for one figure of a load report: `p99<500ms`. */
export interface LoadExpectation {
  /** Without spaces. */
  text: string;
  operator: Operator;
  limit: number;
  unit: JudgedExpectation['unit'];
  /** Null: it cannot be measured, such as a p99 where more than one in a hundred had no answer. */
  measure: (report: LoadReport) => number | null;
  allowsNoDelivery: boolean;
}

const OPERATORS = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '=': (value: number, limit: number) => value === limit,
};
type Operator = keyof typeof OPERATORS;

/** Null: nobody knows. */
type CountOf = (report: LoadReport) => number | null;

interface CountedFigure {
  /** For the help. */
  meaning: string;
  of: CountOf;
  among: CountOf;
  outcome?: FigureOutcome;
  /** Can be more than what it is a share of. */
  isUnbounded?: true;
}

/** What a figure counts the outcomes of: those that were delivered, or those that were not. */
type FigureOutcome = 'delivered' | 'undelivered';

/** Figures that are a count, or with `%` a share of something. */
const COUNTS: Readonly<Record<string, CountedFigure>> = {
  delivered: {
    meaning: "accepted by the vendor's rule; a share is of all events that were due",
    of: ({ counts }) => counts.delivered,
    among: ({ counts }) => plannedOf(counts),
    outcome: 'delivered',
  },
  refused: {
    meaning: 'answered otherwise',
    of: ({ counts }) => counts.refused,
    among: ({ counts }) => plannedOf(counts),
    outcome: 'undelivered',
  },
  unreachable: {
    meaning: 'without an answer',
    of: ({ counts }) => counts.unreachable,
    among: ({ counts }) => plannedOf(counts),
    outcome: 'undelivered',
  },
  dropped: {
    meaning: 'never sent, because too many were in flight',
    of: ({ counts }) => counts.dropped,
    among: ({ counts }) => plannedOf(counts),
  },
  late: {
    meaning: 'attempts that were late because of this machine',
    of: ({ late }) => late.count,
    among: ({ counts }) => startsOf(counts),
  },
  retries: {
    meaning: 'attempts after the first, with --burst',
    of: ({ counts }) => counts.retries,
    among: ({ counts }) => counts.started,
    isUnbounded: true,
  },
  resent: {
    meaning: 'attempts sent twice, because the endpoint closed an open connection without answering',
    of: ({ counts }) => counts.resent,
    among: ({ counts }) => startsOf(counts),
  },
  forgotten: {
    meaning: 'not retried, because too many were waiting',
    of: ({ counts }) => counts.forgotten,
    among: ({ counts }) => counts.started,
  },
  throttled: {
    meaning: 'answered with 429; a share is of all answers',
    of: ({ throttled }) => throttled.answers,
    among: answersOf,
    outcome: 'undelivered',
  },
  slow: {
    meaning: "attempts that took longer than the vendor's time-out",
    of: slowOf,
    among: attemptsOf,
  },
};

/** An attempt that was given up before the vendor's time-out (`--max-time`) may have been slow, or not. */
function slowOf(report: LoadReport): number | null {
  const { aboveTimeoutShare, waitedMs, timeoutMs } = report.slow;
  if (waitedMs < timeoutMs && timedOutOf(report) > 0) return null;
  return Math.round(aboveTimeoutShare * attemptsOf(report));
}

const TIMES = ['p50', 'p90', 'p95', 'p99', 'p99.9', 'max', 'mean'];

/** What can be expected of, for errors. */
const EXPECTABLE: readonly string[] = [...TIMES, ...Object.keys(COUNTS), 'rate', 'status(503)'];

/** The same with what each is, for the help. */
export const EXPECTABLE_TERMS: readonly (readonly [figure: string, meaning: string])[] = [
  ['p99', 'response time, from when an event was due, of the slowest of 99 in 100; p50, p99.9 or any other, max, mean'],
  ['p99(service)', 'the same from when the event was sent'],
  ...Object.entries(COUNTS).map(([name, { meaning }]) => [name, meaning] as const),
  ['status(503)', 'answers with this status; for a class: status(5xx)'],
  ['rate', 'answers per second: rate>=100/s'],
];

const FORM = /^([a-z][\w.-]*)(?:\(([^)]*)\))?(?:(<=|>=|=|<|>)(.*))?$/i;

/**
 * Reads `p99<500ms`, `p99.9(service)<1s`, `delivered>99.9%`, `dropped=0`, `status(5xx)<1%`, `rate>=100/s`.
 * @throws AppError `usage`
 */
export function parseExpectation(given: string): LoadExpectation {
  const text = given.replace(/\s/g, '');
  const [, name = '', detail, operator, limit] = FORM.exec(text) ?? [];
  if (name === '') throw unreadable(given, 'not a figure with a limit', "--expect 'p99<500ms'");
  const figure = readFigure(given, name.toLowerCase(), detail);
  if (operator === undefined || limit === undefined || limit === '')
    throw new AppError('usage', `--expect ${given}: the limit is missing`, {
      hint: `quote it, because the shell interprets < and >: --expect '${figure.example}'`,
    });
  const read = figure.readLimit(limit);
  if (read === null)
    throw unreadable(given, `the limit of ${name} is ${figure.limitForm}`, `--expect '${figure.example}'`);
  if (holdsAlways(operator as Operator, read, figure))
    throw unreadable(given, 'it holds whatever happens, so it checks nothing', `--expect '${figure.example}'`);
  return { text, operator: operator as Operator, ...read, allowsNoDelivery: canAllowNone(figure, operator, read) };
}

/** A limit that holds without a refusal (`status(5xx)<1%`) does not say that all may be refused. */
function canAllowNone({ outcome }: Figure, operator: string, { limit }: Pick<LoadExpectation, 'limit'>): boolean {
  return outcome === 'delivered' || (outcome === 'undelivered' && !OPERATORS[operator as Operator](0, limit));
}

/** What no run can miss is a mistake: `delivered>=0`, `refused<=100%`. A time must at least have been measured. */
function holdsAlways(
  operator: Operator,
  { limit, unit }: Pick<LoadExpectation, 'limit' | 'unit'>,
  { isUnbounded }: Figure,
): boolean {
  const most = unit === '%' && isUnbounded !== true ? 100 : Infinity;
  return unit !== 'ms' && [0, most].every((value) => OPERATORS[operator](value, limit));
}

interface Figure {
  /** What its limit looks like, in words. */
  limitForm: string;
  example: string;
  outcome?: FigureOutcome;
  isUnbounded?: true;
  readLimit: (text: string) => Pick<LoadExpectation, 'limit' | 'unit' | 'measure'> | null;
}

function readFigure(given: string, name: string, detail: string | undefined): Figure {
  const percent = name === 'max' ? 100 : name === 'mean' ? null : Number(/^p(\d{1,3}(?:\.\d+)?)$/.exec(name)?.[1]);
  if (percent === null || (percent > 0 && percent <= 100)) return timeFigure(given, name, percent, detail);
  if (name === 'status') return statusFigure(given, detail);
  const among = EXPECTABLE.map((one) => one.replace(/\(.*/, ''));
  const count = Object.hasOwn(COUNTS, name) ? COUNTS[name] : undefined;
  if (count === undefined && name !== 'rate')
    throw new AppError('usage', `--expect ${given}: unknown figure ${name}`, {
      hint: `figures: ${EXPECTABLE.join(', ')}`,
      unknown: { given: name, among },
    });
  if (detail !== undefined) throw unreadable(given, `${name} takes nothing in brackets`, `--expect '${name}…'`);
  return count === undefined ? RATE : countFigure(name, count);
}

function timeFigure(given: string, name: string, percent: number | null, detail = 'response'): Figure {
  if (detail !== 'response' && detail !== 'service')
    throw unreadable(given, 'a time is (response) or (service)', `--expect '${name}(service)<500ms'`);
  return {
    limitForm: 'a time with a unit: us, ms, s or m',
    example: `${name}${detail === 'service' ? '(service)' : ''}<500ms`,
    readLimit: (text) => {
      const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(us|µs|ms|s|m)$/i.exec(text) ?? [];
      if (number === undefined) return null;
      const limit = Number(number) * (UNIT_MS[unit.toLowerCase()] as number);
      return { limit, unit: 'ms', measure: (report) => measureTime(report, detail, percent) };
    },
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000 };

/**
 * What had no answer is slower than any that had one, and so is an event that was dropped, by its intended start: left
 * out, an endpoint that answers one in ten would be a quick one.
 */
function measureTime(report: LoadReport, of: 'response' | 'service', percent: number | null): number | null {
  const histogram = decodeHistogram(report[of].histogram);
  const never = unansweredOf(report) + (of === 'response' ? report.counts.dropped : 0);
  if (percent !== null) return histogram.atRankMs(rankOf(percent, histogram.total + never));
  return never > 0 ? null : histogram.meanMs();
}

function statusFigure(given: string, detail: string | undefined): Figure {
  if (detail === undefined || !/^[1-9](\d\d|xx)$/i.test(detail))
    throw unreadable(given, 'status needs a status or a class in brackets', `--expect 'status(5xx)<1%'`);
  const pattern = new RegExp(`^${detail.replace(/xx/i, '..')}$`);
  const count: CountOf = ({ statuses }) =>
    Object.entries(statuses).reduce((sum, [status, times]) => (pattern.test(status) ? sum + times : sum), 0);
  // A 2xx that the vendor does not count as success is not what anybody asks for.
  const outcome = detail.startsWith('2') ? undefined : 'undelivered';
  return countFigure(`status(${detail})`, { of: count, among: answersOf, outcome });
}

function countFigure(name: string, { of, among, outcome, isUnbounded }: Omit<CountedFigure, 'meaning'>): Figure {
  return {
    outcome,
    isUnbounded,
    limitForm: 'a whole number, or a share such as 99.9%',
    example: name === 'delivered' ? 'delivered>99.9%' : `${name}<1%`,
    readLimit: (text) => {
      const [, number, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
      if (number === undefined || (sign === '' && number.includes('.'))) return null;
      const measure = sign === '' ? of : (report: LoadReport) => percentOf(of(report), among(report));
      return { limit: Number(number), unit: sign === '%' ? '%' : '', measure };
    },
  };
}

/** 99.9 of 100, and not 99.90000000000001. Null of nothing. */
function percentOf(part: number | null, whole: number | null): number | null {
  return part === null || whole === null || whole === 0 ? null : Number(((part / whole) * 100).toPrecision(12));
}

const RATE: Figure = {
  limitForm: 'a number of answers per second',
  example: 'rate>=100/s',
  readLimit: (text) => {
    const [, number] = /^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text) ?? [];
    return number === undefined ? null : { limit: Number(number), unit: '/s', measure: ({ perSecond }) => perSecond };
  },
};

/** A figure that there is not meets nothing. */
export function judgeExpectations(expectations: readonly LoadExpectation[], report: LoadReport): JudgedExpectation[] {
  return expectations.map(({ text, operator, limit, unit, measure, allowsNoDelivery }) => {
    const measured = measure(report);
    const isMet = measured !== null && OPERATORS[operator](measured, limit);
    return { expectation: text, measured, unit, isMet, allowsNoDelivery };
  });
}

function unreadable(given: string, why: string, hint = `figures: ${EXPECTABLE.join(', ')}`): AppError {
  return new AppError('usage', `--expect ${given}: ${why}`, { hint });
}
