import { setImmediate } from 'node:timers/promises';
import type { Queue } from '../../history/queue.ts';
import type { NextItem } from '../../load/closed-loop.ts';
import type { Clock } from '../../model/clock.ts';
import { AppError } from '../../model/error.ts';
import type { Plan } from '../../model/plan.ts';
import type { QueuedDelivery, Reach } from '../../model/queued-delivery.ts';
import { addressOf } from '../../plan/encode-body.ts';
import { displayUrl } from '../../model/http-url.ts';
import { signRequest } from '../../sign/signature.ts';
import { secretsOf, type OpenTarget } from '../session/open-target.ts';
import { secretPlaceInBody, withoutStaticSecret } from '../session/static-secret.ts';

/** In one transaction go so many, or fewer large ones. */
const MOST = 500;
const MOST_BYTES = 8 * 1024 * 1024;

/** An event that waits for a worker. */
export interface EventToQueue {
  plan: Plan;
  target: OpenTarget;
  clock: Clock;
  /** Milliseconds since the epoch; absent: now. */
  dueAt?: number;
}

/**
 * Puts each event into the queue, due now or at its time, some hundred at a time. Each is signed once for a try, so
 * that what cannot be signed is refused now and not by the worker.
 * @param onQueued called when they are kept
 * @throws AppError `history`: those of the calls before are kept
 */
export async function enqueueEvents(
  next: NextItem<EventToQueue>,
  queue: Pick<Queue, 'enqueue'>,
  reachOf: (target: OpenTarget) => Reach,
  recordClock: Clock,
  onQueued: (items: readonly QueuedDelivery[]) => void,
): Promise<void> {
  let items: QueuedDelivery[] = [];
  let bytes = 0;
  const keep = async (): Promise<void> => {
    if (items.length === 0) return;
    await queue.enqueue(items, recordClock.now());
    onQueued(items);
    [items, bytes] = [[], 0];
    // A file answers at once, and a signal is seen between turns of the event loop alone.
    await setImmediate();
  };
  for (let event = await next(); event !== null; event = await next()) {
    const { plan, target, clock, dueAt } = event;
    const { secret, moreSecrets } = secretsOf(target);
    signRequest(plan, secret, clock, moreSecrets);
    items.push(queuedFrom(plan, reachOf(target), recordClock.now(), dueAt));
    bytes += plan.body.length;
    if (items.length >= MOST || bytes >= MOST_BYTES) await keep();
  }
  await keep();
}

/** The first attempt of a planned event. */
export function queuedFrom(plan: Plan, reach: Reach, nowMs: number, dueAt = nowMs): QueuedDelivery {
  const { vendor, event, webhookUuid, deliveryId, eventId, method, headers, hasOwnSignature } = plan;
  return {
    delivery: {
      id: deliveryId,
      webhookUuid,
      vendor: vendor.id,
      event: event.name,
      eventId,
      direction: 'out',
      purpose: 'event',
      url: displayUrl(addressOf(plan)),
      method,
      createdAt: nowMs,
    },
    request: { headers, hasOwnSignature, body: keepableBody(plan) },
    reach,
    number: 1,
    sinceFirstMs: 0,
    dueAt,
  };
}

/** Signing writes a secret of the body where it belongs, whatever stands there. */
function keepableBody(plan: Plan): Uint8Array {
  const body = plan.query === undefined ? plan.body : Buffer.from(plan.query, 'utf8');
  const kept = withoutStaticSecret(plan.vendor, body);
  if (kept !== body && plan.hasOwnSignature && secretPlaceInBody(plan.vendor) !== null)
    throw new AppError('usage', `the body has a secret of ${plan.vendor.title} in it and cannot be queued`, {
      hint: 'leave it out of the body, and give it with --secret-env or --secret-file',
    });
  return kept;
}
