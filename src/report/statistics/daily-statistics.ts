import type { Direction, Outcome, AttemptOutcome } from '../../model/attempt.ts';
import { countResponseTimes, type ResponseTimes } from './response-times.ts';

/** What attempts came to. `delivered`, `refused` and `unreachable` add up to `sent`. */
export interface OutcomeTotals extends Record<Outcome, number> {
  /** Attempts, the first of each delivery and its retries. Of the direction `in`: those that were received. */
  sent: number;
  /**
   * Those of `sent` that were not the first of their delivery; null where all were received, for a request does not
   * say whether it is a retry.
   */
  retries: number | null;
  /** Of the attempts that were answered, to three digits; null where none was. */
  p50Ms: number | null;
  p95Ms: number | null;
}

/** The attempts of one day, webhook and event. */
export interface DailyStatistics extends OutcomeTotals {
  /** In UTC: `2026-11-30`. */
  day: string;
  webhookUuid: string;
  direction: Direction;
  vendor: string;
  event: string;
}

export interface HistoryStatistics {
  /** The newest day first. */
  days: DailyStatistics[];
  /** What was sent, then what was received: one event may be both, so they are no sum. */
  totals: DirectionTotals[];
}

/** With the one sum that 0.1.0 gave, for the scripts that read it: it counts twice what was both sent and received. */
export interface SummedStatistics extends HistoryStatistics {
  total: OutcomeTotals;
}

export interface DirectionTotals extends OutcomeTotals {
  direction: Direction;
}

/**
 * Counts attempts day by day. They come as the history gives them: one webhook after the other, each in the order of
 * time. So the response times of one day alone are held.
 */
export async function summariseDays(chunks: AsyncIterable<readonly AttemptOutcome[]>): Promise<SummedStatistics> {
  const days: DailyStatistics[] = [];
  const totals = { out: tallyOutcomes(), in: tallyOutcomes() };
  let open = new Map<string, OpenGroup>();
  let openDay = '';
  const closeDay = (): void => {
    for (const { group, tally } of open.values()) days.push({ ...group, ...tally.totals() });
    open = new Map();
  };
  for await (const chunk of chunks) {
    for (const attempt of chunk) {
      const day = attempt.startedAt.slice(0, 10);
      const dayOfWebhook = `${attempt.webhookUuid} ${day}`;
      if (dayOfWebhook !== openDay) closeDay();
      openDay = dayOfWebhook;
      tallyOf(open, day, attempt).add(attempt);
      totals[attempt.direction].add(attempt);
    }
  }
  closeDay();
  const total = tallyOutcomes();
  total.join(totals.out);
  total.join(totals.in);
  return {
    days: days.toSorted(newestFirst),
    total: total.totals(),
    totals: (['out', 'in'] as const)
      .map((direction) => ({ direction, ...totals[direction].totals() }))
      .filter(({ sent }) => sent > 0),
  };
}

type StatisticsGroup = Omit<DailyStatistics, keyof OutcomeTotals>;

interface OpenGroup {
  group: StatisticsGroup;
  tally: OutcomeTally;
}

function tallyOf(open: Map<string, OpenGroup>, day: string, attempt: AttemptOutcome): OutcomeTally {
  const { webhookUuid, direction, vendor, event } = attempt;
  const key = `${direction}\n${vendor}\n${event}`;
  const known = open.get(key);
  if (known !== undefined) return known.tally;
  const tally = tallyOutcomes();
  open.set(key, { group: { day, webhookUuid, direction, vendor, event }, tally });
  return tally;
}

export interface OutcomeTally {
  add(attempt: AttemptOutcome): void;
  /** Counts what another has counted, too. */
  join(other: OutcomeTally): void;
  totals(): OutcomeTotals;
  /** Of the attempts that were answered, in milliseconds. */
  percentile(percent: number): number | null;
  readonly answered: ResponseTimes;
}

export function tallyOutcomes(): OutcomeTally {
  const counts: Record<Outcome, number> = { delivered: 0, refused: 0, unreachable: 0 };
  const answered = countResponseTimes();
  let retries: number | null = null;
  return {
    answered,
    percentile: answered.percentile,
    add: ({ outcome, number, direction, durationMs }) => {
      counts[outcome] += 1;
      if (direction === 'out') retries = (retries ?? 0) + (number > 1 ? 1 : 0);
      if (outcome !== 'unreachable') answered.add(durationMs);
    },
    join: (other) => {
      const { delivered, refused, unreachable, retries: more } = other.totals();
      counts.delivered += delivered;
      counts.refused += refused;
      counts.unreachable += unreachable;
      if (more !== null) retries = (retries ?? 0) + more;
      answered.join(other.answered);
    },
    totals: () => ({
      sent: counts.delivered + counts.refused + counts.unreachable,
      ...counts,
      retries,
      p50Ms: answered.percentile(50),
      p95Ms: answered.percentile(95),
    }),
  };
}

/** Within a day by webhook, what was sent before what was received, then by name. */
function newestFirst(one: DailyStatistics, other: DailyStatistics): number {
  return (
    compareTexts(other.day, one.day) ||
    compareTexts(one.webhookUuid, other.webhookUuid) ||
    compareTexts(other.direction, one.direction) ||
    compareTexts(one.vendor, other.vendor) ||
    compareTexts(one.event, other.event)
  );
}

/** In the order of their characters, whatever the language. */
export const compareTexts = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
