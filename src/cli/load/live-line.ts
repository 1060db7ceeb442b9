import type { LoadProgress } from '../../load/load-tally.ts';
import { startProgress } from '../terminal/progress.ts';
import { formatDuration } from '../terminal/text.ts';

const EVERY_MS = 500;

/** Shows on a terminal how far a run is. Ends when what it gives is called. */
export function showLive(progress: () => LoadProgress): () => void {
  const line = startProgress();
  let before = progress();
  const timer = setInterval(() => {
    const now = progress();
    line.show(describeProgress(now, before));
    before = now;
  }, EVERY_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    line.clear();
  };
}

/** `3.0 s · 1204 sent, 400/s · 3 failed · 10 in flight · p99 4 ms`; the rate is that since `before`. */
export function describeProgress(now: LoadProgress, before: LoadProgress): string {
  const { elapsedMs, counts, inFlight, waiting, p99Ms } = now;
  const passedMs = elapsedMs - before.elapsedMs;
  const sent = counts.started + counts.retries;
  const perSecond = passedMs <= 0 ? 0 : ((sent - before.counts.started - before.counts.retries) * 1000) / passedMs;
  const failed = counts.refused + counts.unreachable;
  return [
    `${(elapsedMs / 1000).toFixed(1)} s`,
    `${sent} sent, ${Math.round(perSecond)}/s`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(waiting > 0 ? [`${waiting} to retry`] : []),
    ...(counts.dropped > 0 ? [`${counts.dropped} dropped`] : []),
    `${inFlight} in flight`,
    ...(p99Ms === null ? [] : [`p99 ${formatDuration(p99Ms)}`]),
  ].join(' · ');
}
