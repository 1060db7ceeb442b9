import type { LatencySummary, PercentileStep } from '../model/load-report.ts';
import { encodeHistogram } from './histogram-codec.ts';
import { BUCKETS, COUNTS_LENGTH, highestOf, type LatencyHistogram, middleOf, SUB_BUCKETS } from './latency.ts';

export function summariseLatency(histogram: LatencyHistogram): LatencySummary {
  return {
    p50Ms: histogram.percentileMs(50),
    p90Ms: histogram.percentileMs(90),
    p99Ms: histogram.percentileMs(99),
    p999Ms: histogram.percentileMs(99.9),
    maxMs: histogram.percentileMs(100),
    meanMs: histogram.meanMs(),
    histogram: encodeHistogram(histogram),
  };
}

/**
 * The percentiles worth a look, closer and closer to 100: `ticks` of them in every half of the way that is left, as
 * HdrHistogram chooses them; the last one is 100. Empty without a time.
 */
export function listPercentiles(histogram: LatencyHistogram, ticks = 5): PercentileStep[] {
  const steps: PercentileStep[] = [];
  let level = 0;
  let count = 0;
  for (let index = 0; index < COUNTS_LENGTH && count < histogram.total; index++) {
    const here = histogram.counts[index] as number;
    if (here === 0) continue;
    count += here;
    // One count can be worth several steps.
    while ((100 * count) / histogram.total >= level) {
      steps.push({ ms: highestOf(index) / 1000, percent: level, count });
      if (count === histogram.total) {
        if (level < 100) steps.push({ ms: highestOf(index) / 1000, percent: 100, count });
        break;
      }
      level += 100 / (ticks * 2 ** (Math.floor(Math.log2(100 / (100 - level))) + 1));
    }
  }
  return steps;
}

const field = (value: number | string): string => (typeof value === 'number' ? value.toFixed(3) : value).padStart(12);

/**
 * The text that HdrHistogram calls a percentile distribution, in milliseconds; https://hdrhistogram.github.io and
 * others plot it.
 */
export function writeHgrm(histogram: LatencyHistogram): string {
  const lines = listPercentiles(histogram).map(({ ms, percent, count }) => {
    const head = `${field(ms)} ${(percent / 100).toFixed(12)} ${String(count).padStart(10)}`;
    return percent < 100 ? `${head} ${(1 / (1 - percent / 100)).toFixed(2).padStart(14)}` : head;
  });
  const mean = histogram.meanMs() ?? 0;
  return [
    '       Value     Percentile TotalCount 1/(1-Percentile)',
    '',
    ...lines,
    `#[Mean    = ${field(mean)}, StdDeviation   = ${field(standardDeviation(histogram, mean))}]`,
    `#[Max     = ${field(histogram.percentileMs(100) ?? 0)}, Total count    = ${field(`${histogram.total}`)}]`,
    `#[Buckets = ${field(`${BUCKETS}`)}, SubBuckets     = ${field(`${SUB_BUCKETS}`)}]`,
    '',
  ].join('\n');
}

function standardDeviation(histogram: LatencyHistogram, meanMs: number): number {
  let sum = 0;
  for (let index = 0; index < COUNTS_LENGTH; index++)
    sum += (histogram.counts[index] as number) * (middleOf(index) / 1000 - meanMs) ** 2;
  return histogram.total === 0 ? 0 : Math.sqrt(sum / histogram.total);
}
