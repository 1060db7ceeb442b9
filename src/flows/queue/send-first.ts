import type { Queue } from '../../history/queue.ts';
import type { Environment } from '../../model/environment.ts';
import type { NextAttempt, Reach } from '../../model/queued-delivery.ts';
import type { SentDelivery } from '../send/send-event.ts';
import { queuedFrom, type EventToQueue } from './enqueue-events.ts';
import { sendQueued } from './send-queued.ts';

/**
 * Sends an event once, as a worker would, and leaves the further attempts to the worker. The attempt and what is left
 * are kept in one transaction. Throws UnrecordedError when that fails: the event was sent, and nothing is queued.
 */
export async function sendFirst(
  { plan, target, clock }: EventToQueue,
  reach: Reach,
  queue: Pick<Queue, 'recordFirst'>,
  { recordClock, recordIds }: Pick<Environment, 'recordClock' | 'recordIds'>,
): Promise<SentDelivery> {
  const beganAt = recordClock.now();
  const queued = queuedFrom(plan, reach, beganAt);
  let delivery = { ...queued.delivery, body: queued.request.body };
  const kept: { next: NextAttempt } = { next: null };
  const { attempt, step } = await sendQueued({ ...queued, beganAt, claimId: '' }, target, {
    clock,
    recordClock,
    recordIds,
    timeScale: 1,
    settle: async (settled) => {
      const { next } = settled;
      ({ delivery } = settled);
      kept.next = next && { ...next, dueAt: Math.ceil(next.dueAt) };
      const rest = kept.next && { ...queued, ...kept.next };
      await queue.recordFirst({ delivery, attempt: settled.attempt, rest }, recordClock.now());
    },
  });
  const sent = { delivery, attempts: [attempt] };
  return 'ended' in step ? { ...sent, ended: step.ended } : { ...sent, ended: 'aborted', queued: kept.next };
}
