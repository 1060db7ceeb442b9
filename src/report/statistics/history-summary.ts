import type { Direction, Outcome, AttemptOutcome } from '../../model/attempt.ts';
import { compareTexts, tallyOutcomes, type OutcomeTally, type OutcomeTotals } from './daily-statistics.ts';
import { tallyTimeSeries, type TimeSeries } from './time-series.ts';

/** All that a report tells of the attempts of one direction. */
export interface DirectionSummary {
  direction: Direction;
  total: OutcomeTotals;
  /** ISO-8601 UTC with milliseconds. */
  firstAt: string;
  lastAt: string;
  series: TimeSeries;
  responseTimes: readonly Percentile[];
  /** The most attempts first. */
  events: readonly EventSummary[];
  /** Attempts of webhooks and events beyond the bound; null: there are none. */
  otherEvents: OutcomeTotals | null;
  /** The most frequent first. */
  failures: readonly FailureGroup[];
  /** Failed attempts whose reason is beyond the bound. */
  otherFailures: number;
}

export interface Percentile {
  /** 100 is the longest. */
  percent: number;
  ms: number | null;
}

export interface EventSummary extends OutcomeTotals {
  webhookUuid: string;
  vendor: string;
  event: string;
}

/** Attempts that failed for one reason. */
export interface FailureGroup {
  outcome: Outcome;
  status: number | null;
  errorCode: string | null;
  /** Of the first of them, in plain words. */
  error: string | null;
  count: number;
  lastAt: string;
}

/** Events and reasons that are told apart: names of them come from outside, and there could be any number. */
const MOST_GROUPS = 500;

const PERCENTS = [50, 75, 90, 95, 99, 100];

/** What was sent, then what was received; a direction without an attempt is left out. */
export async function summariseHistory(
  chunks: AsyncIterable<readonly AttemptOutcome[]>,
): Promise<readonly DirectionSummary[]> {
  const tallies = { out: tallyDirection('out'), in: tallyDirection('in') };
  for await (const chunk of chunks) for (const attempt of chunk) tallies[attempt.direction].add(attempt);
  return [tallies.out.summary(), tallies.in.summary()].filter((summary) => summary !== null);
}

interface DirectionTally {
  add(attempt: AttemptOutcome): void;
  summary(): DirectionSummary | null;
}

function tallyDirection(direction: Direction): DirectionTally {
  const total = tallyOutcomes();
  const series = tallyTimeSeries();
  const events = tallyEvents();
  const failures = tallyFailures();
  let [firstAt, lastAt] = ['9999', ''];
  return {
    add: (attempt) => {
      total.add(attempt);
      series.add(attempt);
      events.add(attempt);
      if (attempt.outcome !== 'delivered') failures.add(attempt);
      if (attempt.startedAt < firstAt) firstAt = attempt.startedAt;
      if (attempt.startedAt > lastAt) lastAt = attempt.startedAt;
    },
    summary: () =>
      lastAt === ''
        ? null
        : {
            direction,
            total: total.totals(),
            firstAt,
            lastAt,
            series: series.series(),
            responseTimes: PERCENTS.map((percent) => ({ percent, ms: total.percentile(percent) })),
            ...events.summaries(),
            ...failures.groups(),
          },
  };
}

function tallyEvents(): {
  add(attempt: AttemptOutcome): void;
  summaries(): Pick<DirectionSummary, 'events' | 'otherEvents'>;
} {
  const known = new Map<string, { tally: OutcomeTally; about: Omit<EventSummary, keyof OutcomeTotals> }>();
  const others = tallyOutcomes();
  return {
    add: (attempt) => {
      const { webhookUuid, vendor, event } = attempt;
      const key = keyOfEvent(attempt);
      let group = known.get(key);
      if (group === undefined && known.size < MOST_GROUPS)
        known.set(key, (group = { tally: tallyOutcomes(), about: { webhookUuid, vendor, event } }));
      (group?.tally ?? others).add(attempt);
    },
    summaries: () => {
      const rest = others.totals();
      return {
        events: [...known.values()]
          .map(({ about, tally }) => ({ ...about, ...tally.totals() }))
          .toSorted((one, other) => other.sent - one.sent || compareTexts(keyOfEvent(one), keyOfEvent(other))),
        otherEvents: rest.sent === 0 ? null : rest,
      };
    },
  };
}

function tallyFailures(): {
  add(attempt: AttemptOutcome): void;
  groups(): Pick<DirectionSummary, 'failures' | 'otherFailures'>;
} {
  const known = new Map<string, FailureGroup>();
  let otherFailures = 0;
  return {
    add: (attempt) => {
      const { outcome, status, errorCode, error, startedAt } = attempt;
      const key = keyOfFailure(attempt);
      const group = known.get(key);
      if (group === undefined && known.size === MOST_GROUPS) otherFailures += 1;
      else if (group === undefined) known.set(key, { outcome, status, errorCode, error, count: 1, lastAt: startedAt });
      else {
        group.count += 1;
        if (startedAt > group.lastAt) group.lastAt = startedAt;
      }
    },
    groups: () => ({
      failures: [...known.values()].toSorted(
        (one, other) => other.count - one.count || compareTexts(keyOfFailure(one), keyOfFailure(other)),
      ),
      otherFailures,
    }),
  };
}

type EventKey = Pick<EventSummary, 'webhookUuid' | 'vendor' | 'event'>;
type FailureKey = Pick<FailureGroup, 'outcome' | 'status' | 'errorCode'>;

const keyOfEvent = ({ webhookUuid, vendor, event }: EventKey): string => `${webhookUuid}\n${vendor}\n${event}`;
const keyOfFailure = ({ outcome, status, errorCode }: FailureKey): string => `${outcome} ${status} ${errorCode}`;
