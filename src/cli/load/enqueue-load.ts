import { planQueuedLoad } from '../../flows/load/plan-queued-load.ts';
import { enqueueEvents } from '../../flows/queue/enqueue-events.ts';
import { stopwatchMs } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import { makeIds, seededRandom, systemRandom } from '../../plan/ids.ts';
import { openQueueFor, sayHeld, sayWorker } from '../send/enqueue.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { interruptSignal } from '../terminal/exit.ts';
import { answer, answerJson } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { formatDuration } from '../terminal/text.ts';
import type { LoadFlags } from './load-flags.ts';
import type { OpenLoad } from './run-plan.ts';

/** What was queued until now. */
interface Queued {
  events: number;
  firstDueAt: number | null;
  lastDueAt: number | null;
}

/** Keeps the events of a run for a worker instead of sending them, and says how many that was. */
export async function enqueueLoad(
  { plan, target }: OpenLoad,
  flags: LoadFlags,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  if (flags.rate === undefined && flags.duration !== undefined)
    throw new AppError('usage', '--duration with --enqueue needs --rate: nothing else says how many events that is', {
      hint: 'add --rate, for example --rate 50, or give --count instead',
    });
  const { queue, reachOf } = await openQueueFor([target], flags, environment);
  const seed = flags.seed === undefined ? makeIds(systemRandom()).token(32) : `${flags.seed}/arrivals`;
  const progress = startProgress();
  const [startMs, beganMs] = [environment.recordClock.now(), stopwatchMs()];
  const queued: Queued = { events: 0, firstDueAt: null, lastDueAt: null };
  const { clockOf, idsOf, newDeliveryId } = environment;
  const planning = { clockOf, idsOf, newDeliveryId, startMs, random: seededRandom(seed), signal: interruptSignal() };
  try {
    await enqueueEvents(planQueuedLoad(plan, target, planning), queue, reachOf, environment.recordClock, (items) => {
      queued.events += items.length;
      queued.firstDueAt ??= items[0]?.dueAt ?? null;
      queued.lastDueAt = items.at(-1)?.dueAt ?? queued.lastDueAt;
      progress.show(`${queued.events} queued`);
    });
    progress.clear();
    await sayHeld(new Set([target.webhookUuid]), queue, environment);
  } finally {
    progress.clear();
    await queue.close();
    show(queued, stopwatchMs() - beganMs, flags);
  }
  sayWorker();
  return 0;
}

function show({ events, firstDueAt, lastDueAt }: Queued, tookMs: number, { json, rate }: LoadFlags): void {
  const perSecond = Math.round((events * 1000) / Math.max(tookMs, 1));
  if (json) answerJson({ queued: events, perSecond, firstDueAt: isoOf(firstDueAt), lastDueAt: isoOf(lastDueAt) });
  else {
    const due = rate === undefined ? 'due now' : `due until ${isoOf(lastDueAt) ?? 'now'}`;
    answer(
      `${events} queued in ${formatDuration(tookMs)} (${perSecond} per second), ${events === 0 ? 'none due' : due}`,
    );
  }
}

const isoOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
