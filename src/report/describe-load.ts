import type { Arrival, JudgedExpectation, JudgedLoad, LoadReport } from '../model/load-report.ts';
import { formatDuration, percentText, plural } from '../model/wording.ts';

// A load run in words, for every way to show one.

/** When events start, in one line. */
export function describeArrival(arrival: Arrival): string {
  if (arrival.kind === 'closed')
    return `${plural(arrival.connections, 'connection')}, each sends its next event when the last is answered`;
  const over = arrival.connections === undefined ? '' : ` over ${plural(arrival.connections, 'connection')}`;
  const atMost = `at most ${arrival.maxInFlight} in flight${over}`;
  if (arrival.kind === 'ramp') {
    const { fromPerSecond, toPerSecond, overMs } = arrival;
    return `from ${fromPerSecond} to ${toPerSecond} events a second over ${formatDuration(overMs)}, ${atMost}`;
  }
  const intervals = arrival.kind === 'constant' ? 'evenly' : 'at random (Poisson)';
  return `${arrival.perSecond} events a second, ${intervals}, ${atMost}`;
}

/** `optin 3, optout 1` */
export function describeEvents({ events }: LoadReport): string {
  return Object.entries(events)
    .map(([name, weight]) => `${name} ${weight}`)
    .join(', ');
}

export interface LoadFact {
  label: string;
  text: string;
}

/** What a report tells beside its counts and times; what did not occur is left out. */
export function describeFigures(report: LoadReport): LoadFact[] {
  const { slow, statuses, errorCodes, throttled, counts, late, generator, arrival } = report;
  const timeout = `the vendor's time-out of ${formatDuration(slow.timeoutMs)}`;
  const facts: (LoadFact | false)[] = [
    {
      label: 'slow',
      text:
        `${percentText(slow.aboveTimeoutShare)} above ${timeout}, ${percentText(slow.above2sShare)} above 2 s` +
        (slow.waitedMs === slow.timeoutMs ? '' : `; --max-time ${formatDuration(slow.waitedMs)}`),
    },
    { label: 'statuses', text: describeCounts(statuses) || 'none' },
    Object.keys(errorCodes).length > 0 && { label: 'no answer', text: describeCounts(errorCodes) },
    throttled.answers > 0 && { label: '429', text: describeThrottling(report) },
    counts.retries > 0 && { label: 'retries', text: String(counts.retries) },
    counts.resent > 0 && { label: 'sent twice', text: `${counts.resent}: ${CLOSED_UNANSWERED}` },
    counts.forgotten > 0 && { label: 'forgotten', text: `${counts.forgotten}: too many were waiting for their retry` },
    counts.unrecorded > 0 && { label: 'unrecorded', text: `${counts.unrecorded} that were answered` },
    (arrival.kind !== 'closed' || late.count > 0) && {
      label: 'late',
      text:
        `${late.count} of ${counts.started + counts.retries} started late (${percentText(late.share)}); ` +
        `p99 ${formatDuration(late.p99Ms)}, longest ${formatDuration(late.maxMs)}`,
    },
    {
      label: 'generator',
      text:
        `event loop p99 ${formatDuration(generator.eventLoopDelayP99Ms)}, ` +
        `${percentText(generator.cpuShare)} of a processor`,
    },
  ];
  return facts.filter((fact) => fact !== false);
}

const CLOSED_UNANSWERED = 'the endpoint closed an open connection without answering; it may have processed both';

const MOST_COUNTS = 12;

/** `200: 9990, 503: 10`, the most frequent first. */
function describeCounts(counts: Readonly<Record<string, number>>): string {
  const all = Object.entries(counts).toSorted(([, one], [, other]) => other - one);
  const shown = all.slice(0, MOST_COUNTS).map(([name, count]) => `${name}: ${count}`);
  return [...shown, ...(all.length > MOST_COUNTS ? [`and ${all.length - MOST_COUNTS} more`] : [])].join(', ');
}

function describeThrottling({ throttled, counts }: LoadReport): string {
  const { answers, withRetryAfter, kept, broken } = throttled;
  const asked = `${plural(answers, 'answer')}, ${withRetryAfter} with Retry-After`;
  return counts.retries === 0 ? asked : `${asked}; ${kept} of the retries kept it, ${broken} came sooner`;
}

/** What was measured, exactly enough to be held against its limit: `612.351 ms`. */
export function describeMeasured({ measured, unit }: JudgedExpectation): string {
  if (measured === null) return unit === 'ms' ? 'no answer' : 'nothing to measure';
  const number = Number(measured.toFixed(unit === '/s' ? 2 : unit === '%' ? 4 : 3));
  return unit === 'ms' ? `${number} ms` : `${number}${unit}`;
}

/** In one line, without a full stop. */
export function describeVerdict({ report, expectations, verdict }: JudgedLoad): string {
  if (verdict.reasons.length > 0) return verdict.reasons.join('; ');
  if (expectations.length === 0) return `${plural(report.counts.delivered, 'event')}, all delivered`;
  return expectations.length === 1 ? 'the expectation is met' : `all ${expectations.length} expectations are met`;
}
