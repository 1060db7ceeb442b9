import { OUTCOME_UNKNOWN, type ClaimedDelivery, type SettledAttempt } from '../../history/queue.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Environment } from '../../model/environment.ts';
import type { Plan } from '../../model/plan.ts';
import type { NextAttempt } from '../../model/queued-delivery.ts';
import type { Vendor } from '../../model/vendor.ts';
import { nameSecret } from '../../model/secret-name.ts';
import { placeBytes } from '../../plan/encode-body.ts';
import { findRecordedEvent } from '../../vendors/find-event.ts';
import { delaysOf, stepAfter, waitAfter, type NextStep } from '../../vendors/retry-rule.ts';
import { openDelivery } from '../send/send-event.ts';
import { secretsOf, type OpenTarget } from '../session/open-target.ts';

/** What sending a claimed delivery needs. */
export interface SendQueuedEnvironment extends Pick<Environment, 'clock' | 'recordClock' | 'recordIds'> {
  /** So many times shorter are the waits of the ladder. */
  timeScale: number;
  /** Resolves when it is kept. */
  settle(settled: SettledAttempt): Promise<void>;
}

/** An attempt that is kept, and what the vendor does after it. */
export interface EndedAttempt {
  attempt: Attempt;
  step: NextStep;
}

/** Signs and sends the due attempt, and has it recorded together with what comes next. */
export async function sendQueued(
  item: ClaimedDelivery,
  target: OpenTarget,
  environment: SendQueuedEnvironment,
): Promise<EndedAttempt> {
  const { clock, recordClock, recordIds, timeScale } = environment;
  const { mask, ackMode } = item.reach;
  mask?.forEach(nameSecret);
  let step: NextStep = { ended: 'delivered' };
  const { attempt: attemptOnce } = openDelivery(
    planOf(item, target),
    { ...secretsOf(target), ackMode, createdAt: item.delivery.createdAt },
    {
      transport: await target.transport(),
      clock,
      recordClock,
      recordIds,
      history: {
        append: (delivery, attempt) => {
          const next = nextAttempt(item, attempt, step, recordClock.now(), timeScale);
          const isOver = 'ended' in step && step.ended === 'deactivated';
          const hold = isOver ? { heldAt: recordClock.now(), reason: heldReason(target.vendor) } : undefined;
          return environment.settle({ claimId: item.claimId, delivery, attempt, next, hold });
        },
      },
    },
  );
  const attempt = await attemptOnce(item.number, (made) => {
    const { number, sinceFirstMs } = item;
    const since = sinceFirstMs + made.timings.totalMs;
    step = stepAfter(target.vendor.retries, made, { number, sinceFirstMs: since, event: item.delivery.event });
    return 'waitMs' in step ? step.waitMs : null;
  });
  return { attempt, step };
}

const heldReason = ({ title }: Vendor): string =>
  `${title} deactivates the webhook: the last attempt of an event failed`;

function planOf({ delivery, request }: ClaimedDelivery, target: OpenTarget): Plan {
  const { vendor, url } = target;
  const { webhookUuid, eventId, method, createdAt } = delivery;
  return {
    vendor,
    event: findRecordedEvent(vendor, delivery.event),
    webhookUuid,
    deliveryId: delivery.id,
    eventId,
    ...placeBytes(request.body, vendor, url),
    method: method as Plan['method'],
    headers: request.headers,
    hasOwnSignature: request.hasOwnSignature,
    createdAt,
    attachments: [],
  };
}

/** @param fromMs when the wait begins */
function nextAttempt(
  { number, sinceFirstMs }: ClaimedDelivery,
  { timings }: Attempt,
  step: NextStep,
  fromMs: number,
  timeScale: number,
): NextAttempt {
  if ('ended' in step) return null;
  return {
    number: number + 1,
    sinceFirstMs: sinceFirstMs + timings.totalMs + step.waitMs,
    dueAt: fromMs + step.waitMs / timeScale,
  };
}

/**
 * The attempt of a worker that ended in the middle of it, as it is recorded: nobody knows whether the request went out.
 * It ends no ladder, for the endpoint may never have been asked: where no other step comes, there is one more attempt
 * at once.
 */
export function settleUnknown(
  item: ClaimedDelivery,
  { retries }: Vendor,
  { recordClock, recordIds, timeScale }: Pick<SendQueuedEnvironment, 'recordClock' | 'recordIds' | 'timeScale'>,
): SettledAttempt {
  const { delivery, request, number, beganAt, sinceFirstMs, reach } = item;
  reach.mask?.forEach(nameSecret);
  const waitMs = waitAfter(delaysOf(retries, delivery.event), retries, { number, sinceFirstMs }) ?? 0;
  const attempt: Attempt = {
    id: recordIds.uuidV7(beganAt),
    deliveryId: delivery.id,
    number,
    startedAt: beganAt,
    requestHeaders: request.headers,
    outcome: 'unreachable',
    status: null,
    errorCode: OUTCOME_UNKNOWN,
    error: 'the worker ended before the answer was recorded: the request may have reached the endpoint',
    hint: null,
    responseHeaders: [],
    responseBody: new Uint8Array(),
    responseBytes: 0,
    responseTruncated: false,
    timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 0, retryInMs: waitMs },
    remoteAddress: null,
    tls: null,
    control: [],
  };
  const next = nextAttempt(item, attempt, { waitMs }, recordClock.now(), timeScale);
  return { claimId: item.claimId, delivery: { ...delivery, body: request.body }, attempt, next };
}
