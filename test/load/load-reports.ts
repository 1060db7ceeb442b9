import { LatencyHistogram } from '../../src/load/latency.ts';
import { NO_COUNTS } from '../../src/load/load-tally.ts';
import { summariseLatency } from '../../src/load/latency-summary.ts';
import { answersPerSecond, slowShares } from '../../src/load/shares.ts';
import type { LoadCounts, LoadReport } from '../../src/model/load-report.ts';

export function histogramOf(times: readonly number[], each = 1): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const ms of times) histogram.record(ms);
  return new LatencyHistogram(histogram.counts.map((count) => count * each));
}

type Parts = Partial<Omit<LoadReport, 'counts'>> & {
  counts?: Partial<LoadCounts>;
  /** Service times of the answers, in ms. */
  times?: readonly number[];
  /** How often each of them came. */
  each?: number;
  /** By how much each answer waited for its start, in ms. */
  waitedMs?: number;
};

/** A hundred events in ten seconds, all delivered, answered in 1 to 100 ms; with these changes. */
export function loadReport({
  counts,
  times = Array.from({ length: 100 }, (_, index) => index + 1),
  each = 1,
  waitedMs = 5,
  ...parts
}: Parts = {}): LoadReport {
  const service = histogramOf(times, each);
  const attempts = { statuses: parts.statuses ?? { 200: service.total }, errorCodes: parts.errorCodes ?? {} };
  const durationMs = parts.durationMs ?? 10_000;
  return {
    kind: 'load',
    runs: [],
    target: { url: 'http://127.0.0.1:8080/hook', vendor: 'mail2many', webhook: null },
    events: { optin: 3, optout: 1 },
    arrival: { kind: 'constant', perSecond: 10, maxInFlight: 1000 },
    startedAt: '2026-11-30T14:05:00.000Z',
    durationMs,
    isInterrupted: false,
    perSecond: answersPerSecond({ ...attempts, durationMs }),
    response: summariseLatency(
      histogramOf(
        times.map((ms) => ms + waitedMs),
        each,
      ),
    ),
    service: summariseLatency(service),
    late: { count: 0, share: 0, p99Ms: 0.4, maxMs: 1.2 },
    generator: { isValid: true, reason: null, eventLoopDelayP99Ms: 2.1, cpuShare: 0.31 },
    slow: slowShares(service, attempts, { timeoutMs: 5000, waitedMs: 5000 }),
    ...attempts,
    throttled: { answers: 0, withRetryAfter: 0, kept: 0, broken: 0 },
    series: Array.from({ length: 10 }, (_, index) => ({
      atMs: index * 1000,
      widthMs: 1000,
      delivered: 10,
      refused: 0,
      unreachable: 0,
      dropped: 0,
      p50Ms: 50 + index,
      p99Ms: 99 + index,
      maxMs: 100 + index,
    })),
    ...parts,
    counts: {
      ...NO_COUNTS,
      started: service.total,
      delivered: service.total,
      ...counts,
    },
  };
}
