import { expect, test } from 'vitest';
import { describeProgress } from '../../../src/cli/load/live-line.ts';
import { NO_COUNTS, type LoadProgress } from '../../../src/load/load-tally.ts';

const progress = (
  differing: Omit<Partial<LoadProgress>, 'counts'> & { counts?: Partial<LoadProgress['counts']> } = {},
): LoadProgress => ({
  elapsedMs: 0,
  inFlight: 0,
  waiting: 0,
  p99Ms: null,
  ...differing,
  counts: { ...NO_COUNTS, ...differing.counts },
});

test.each<[now: LoadProgress, before: LoadProgress, line: string]>([
  [progress(), progress(), '0.0 s · 0 sent, 0/s · 0 in flight'],
  [
    progress({ elapsedMs: 3000, inFlight: 10, p99Ms: 4, counts: { started: 1204 } }),
    progress({ elapsedMs: 2500, counts: { started: 1004 } }),
    '3.0 s · 1204 sent, 400/s · 10 in flight · p99 4 ms',
  ],
  [
    progress({
      elapsedMs: 1000,
      waiting: 7,
      counts: { started: 90, retries: 10, refused: 5, unreachable: 2, dropped: 3 },
    }),
    progress(),
    '1.0 s · 100 sent, 100/s · 7 failed · 7 to retry · 3 dropped · 0 in flight',
  ],
])('%j', (now, before, line) => expect(describeProgress(now, before)).toBe(line));
