import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../model/error.ts';
import type { Arrival, LatencySummary, LoadCounts, LoadReport, LoadSecond } from '../model/load-report.ts';
import { emptySecond, joinSeconds } from '../model/load-second.ts';
import { decodeHistogram } from './histogram-codec.ts';
import { LatencyHistogram } from './latency.ts';
import { summariseLatency } from './latency-summary.ts';
import { NO_COUNTS } from './load-tally.ts';
import { answersPerSecond, shareOf, slowShares, startsOf } from './shares.ts';

export interface NamedReport {
  /** Of its file. */
  name: string;
  report: LoadReport;
}

export interface MergedReport {
  report: LoadReport;
  /** What makes its figures less than those of one run. */
  notes: readonly string[];
}

/**
 * What several machines measured as one report: counts and histograms add, so its percentiles are those of all events.
 * Reports of different endpoints, or of runs that decided otherwise when to send, are refused.
 * @throws AppError `usage`
 */
export function mergeReports(given: readonly NamedReport[]): MergedReport {
  const [first, ...others] = given;
  if (first === undefined) throw new RangeError('nothing to merge');
  for (const [index, one] of given.entries()) refuseTwice(one, given.slice(0, index));
  for (const one of others) refuseOther(first, one);
  return { report: joinReports(first, others), notes: noteGaps(given) };
}

/** The same of parts that are known to belong together. */
export function joinReports(first: NamedReport, others: readonly NamedReport[]): LoadReport {
  const given = [first, ...others];
  const reports = given.map(({ report }) => report);
  const beginMs = Math.min(...reports.map(startOf));
  const durationMs = Math.max(...reports.map((one) => startOf(one) + one.durationMs)) - beginMs;
  const service = joinHistograms(reports.map((one) => one.service));
  const statuses = addAll(reports.map((one) => one.statuses));
  const errorCodes = addAll(reports.map((one) => one.errorCodes));
  const counts = addCounts(reports.map((one) => one.counts));
  const webhooks = new Set(reports.map(({ target }) => target.webhook));
  return {
    ...first.report,
    runs: [...new Set(reports.flatMap(({ runs }) => runs))],
    target: { ...first.report.target, webhook: webhooks.size === 1 ? first.report.target.webhook : null },
    events: joinEvents(reports),
    arrival: others.reduce((sum, one) => joinArrivals(sum, one.report.arrival), first.report.arrival),
    startedAt: new Date(beginMs).toISOString(),
    durationMs,
    isInterrupted: reports.some((one) => one.isInterrupted),
    counts,
    perSecond: answersPerSecond({ statuses, durationMs }),
    response: summariseLatency(joinHistograms(reports.map((one) => one.response))),
    service: summariseLatency(service),
    late: joinLateness(reports, startsOf(counts)),
    generator: joinGenerators(given),
    slow: slowShares(service, { statuses, errorCodes }, first.report.slow),
    statuses,
    errorCodes,
    throttled: addAll(reports.map((one) => one.throttled)),
    series: joinSeries(reports, beginMs, durationMs),
  };
}

/** A merged report has the runs of its parts. */
function refuseTwice({ name, report }: NamedReport, before: readonly NamedReport[]): void {
  const same = before.find((one) => isDeepStrictEqual(one.report, report));
  const common = same ?? before.find((one) => one.report.runs.some((run) => report.runs.includes(run)));
  if (common === undefined) return;
  const what = same === undefined ? 'have a run in common' : 'are the same run';
  throw new AppError('usage', `${common.name} and ${name} ${what}: its events would count twice`, {
    hint: `leave out ${name}`,
  });
}

function refuseOther(first: NamedReport, other: NamedReport): void {
  const [one, two] = [first.report, other.report];
  const differences: readonly (readonly [what: string, one: unknown, two: unknown])[] = [
    ['the endpoint', one.target.url, two.target.url],
    ['the vendor', one.target.vendor, two.target.vendor],
    ["the vendor's time-out in ms", one.slow.timeoutMs, two.slow.timeoutMs],
    ['the time for one attempt in ms', one.slow.waitedMs, two.slow.waitedMs],
    ['when events start', patternOf(one.arrival), patternOf(two.arrival)],
  ];
  for (const [what, ofOne, ofTwo] of differences) {
    if (ofOne === ofTwo) continue;
    throw new AppError('usage', `${first.name} and ${other.name} are not parts of one run`, {
      hint: `${what}: ${ofOne} in ${first.name}, ${ofTwo} in ${other.name}`,
    });
  }
}

/** What must be the same for the times to mean the same. */
function patternOf(arrival: Arrival): string {
  if (arrival.kind === 'closed') return 'after the previous answer';
  return arrival.kind === 'ramp' ? `a ramp over ${arrival.overMs} ms` : `a timetable, ${arrival.kind}`;
}

/** Of the same pattern: what they did together. */
function joinArrivals(one: Arrival, other: Arrival): Arrival {
  if (one.kind === 'closed' || other.kind === 'closed')
    return { kind: 'closed', connections: (one.connections ?? 0) + (other.connections ?? 0) };
  const limits = {
    maxInFlight: one.maxInFlight + other.maxInFlight,
    ...(one.connections === undefined && other.connections === undefined
      ? {}
      : { connections: (one.connections ?? one.maxInFlight) + (other.connections ?? other.maxInFlight) }),
  };
  if (one.kind === 'ramp' && other.kind === 'ramp')
    return {
      ...one,
      fromPerSecond: one.fromPerSecond + other.fromPerSecond,
      toPerSecond: one.toPerSecond + other.toPerSecond,
      ...limits,
    };
  if (one.kind === 'ramp' || other.kind === 'ramp') throw new RangeError('a ramp can only be combined with a ramp');
  return { kind: one.kind, perSecond: one.perSecond + other.perSecond, ...limits };
}

/** The same mix stays as it is; of several the weight of an event is about how often it was sent. */
function joinEvents(reports: readonly LoadReport[]): Record<string, number> {
  const [first] = reports;
  if (first !== undefined && reports.every(({ events }) => isDeepStrictEqual(events, first.events)))
    return { ...first.events };
  return addAll(
    reports.map(({ events, counts }) => {
      const whole = Object.values(events).reduce((sum, weight) => sum + weight, 0);
      return Object.fromEntries(
        Object.entries(events).map(([name, weight]) => [name, Math.round(shareOf(weight, whole) * counts.started)]),
      );
    }),
  );
}

function joinHistograms(summaries: readonly LatencySummary[]): LatencyHistogram {
  const sum = new LatencyHistogram();
  for (const { histogram } of summaries) sum.add(decodeHistogram(histogram));
  return sum;
}

function joinLateness(reports: readonly LoadReport[], started: number): LoadReport['late'] {
  const lates = reports.map(({ late }) => late);
  const count = lates.reduce((sum, late) => sum + late.count, 0);
  return {
    count,
    share: shareOf(count, started),
    p99Ms: Math.max(...lates.map(({ p99Ms }) => p99Ms)),
    maxMs: Math.max(...lates.map(({ maxMs }) => maxMs)),
  };
}

/** One that was too slow spoils the figures of all. */
function joinGenerators(given: readonly NamedReport[]): LoadReport['generator'] {
  const invalid = given.filter(({ report }) => !report.generator.isValid);
  const generators = given.map(({ report }) => report.generator);
  return {
    isValid: invalid.length === 0,
    reason:
      invalid.length === 0
        ? null
        : invalid.map(({ name, report }) => `${name}: ${report.generator.reason ?? 'too slow'}`).join('; '),
    eventLoopDelayP99Ms: Math.max(...generators.map(({ eventLoopDelayP99Ms }) => eventLoopDelayP99Ms)),
    cpuShare: Math.max(...generators.map(({ cpuShare }) => cpuShare)),
  };
}

const MOST_SECONDS = 600;

/** On one scale of time, by the clocks of the machines. */
function joinSeries(reports: readonly LoadReport[], beginMs: number, durationMs: number): LoadSecond[] {
  let widthMs = 1000;
  for (const { series } of reports) for (const one of series) widthMs = Math.max(widthMs, one.widthMs);
  while (durationMs / widthMs > MOST_SECONDS) widthMs *= 2;
  const joined: LoadSecond[] = [];
  for (const report of reports) {
    for (const one of report.series) {
      const place = Math.min(MOST_SECONDS, Math.floor((startOf(report) - beginMs + one.atMs) / widthMs));
      for (let next = joined.length; next <= place; next++) joined.push(emptySecond(next * widthMs, widthMs));
      joined[place] = joinSeconds(joined[place] as LoadSecond, one);
    }
  }
  return joined;
}

/** Where one had ended before the next began, the endpoint never had the load of both. */
function noteGaps(given: readonly NamedReport[]): string[] {
  const inOrder = given.toSorted((one, other) => startOf(one.report) - startOf(other.report));
  let endMs = -Infinity;
  let before = '';
  const notes: string[] = [];
  for (const { name, report } of inOrder) {
    const beginMs = startOf(report);
    if (before !== '' && beginMs > endMs)
      notes.push(
        `${name} started after ${before} had ended: answers/s covers the whole time from the first to the last`,
      );
    if (beginMs + report.durationMs > endMs) [endMs, before] = [beginMs + report.durationMs, name];
  }
  return notes;
}

const startOf = ({ startedAt }: LoadReport): number => Date.parse(startedAt);

/** Those of no part are zeros. */
export const addCounts = (parts: readonly LoadCounts[]): LoadCounts => addAll([NO_COUNTS, ...parts]);

/** By name: the numbers of all of them. */
function addAll<Counts extends object>(parts: readonly Counts[]): Counts {
  const sums = new Map<string, number>();
  for (const part of parts)
    for (const [name, count] of Object.entries(part) as [string, number][])
      sums.set(name, (sums.get(name) ?? 0) + count);
  return Object.fromEntries(sums) as Counts;
}
