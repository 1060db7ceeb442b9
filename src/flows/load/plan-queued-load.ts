import type { NextItem } from '../../load/closed-loop.ts';
import { makeTimetable } from '../../load/timetable.ts';
import type { Random } from '../../model/clock.ts';
import type { EventToQueue } from '../queue/enqueue-events.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { makePlanner, type LoadEnvironment } from './load-sender.ts';
import type { LoadPlan } from './run-load.ts';

/** What planning needs besides. */
export interface QueuedLoadEnvironment extends Pick<LoadEnvironment, 'clockOf' | 'idsOf' | 'newDeliveryId' | 'signal'> {
  random: Random;
  /** Milliseconds since the epoch: when the timetable begins. */
  startMs: number;
}

/**
 * The events of a run for the queue, each with the time of the timetable, or due at once where there is none. Plans one
 * at a time, as far as the bounds of the run; null when there are no more, or it is interrupted.
 */
export function planQueuedLoad(
  plan: LoadPlan,
  target: OpenTarget,
  environment: QueuedLoadEnvironment,
): NextItem<EventToQueue> {
  const { startMs, random, signal, clockOf } = environment;
  const planEvent = makePlanner(plan, environment);
  const nextDue = plan.arrival.kind === 'closed' ? () => 0 : makeTimetable(plan.arrival, random);
  let index = 0;
  return async () => {
    if (index >= plan.count || signal?.aborted) return null;
    const dueMs = nextDue();
    if (dueMs >= plan.durationMs) return null;
    const clock = clockOf(index);
    return { plan: await planEvent(index++), target, clock, dueAt: Math.ceil(startMs + dueMs) };
  };
}
