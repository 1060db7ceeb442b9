import type { WireRequest } from '../../conform/conformance-case.ts';
import { displayUrl } from '../../deliver/target.ts';
import type { Attempt, Delivery } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import type { SignedRequest } from '../../model/plan.ts';
import { readEventId, readObject } from '../../vendors/event-key.ts';
import type { OpenTarget } from '../session/open-target.ts';

/** Where requests of the suite are kept. */
export interface TestRecords {
  append(delivery: Delivery, attempt: Attempt): Promise<void>;
}

export interface TestRecorder {
  record(request: WireRequest, sent: SignedRequest, attempt: Attempt): Promise<void>;
  /** The attempt was kept. */
  has(attempt: Attempt): boolean;
  /** The first failure of the history: nothing was kept after it. */
  failure(): AppError | null;
}

/**
 * Keeps each request of a case as a delivery of its own, of purpose `test`. When the history fails the suite goes on,
 * for its report is worth more than its records.
 */
export function makeTestRecorder({ vendor, webhookUuid }: OpenTarget, history: TestRecords): TestRecorder {
  const kept = new Set<string>();
  let failure: AppError | null = null;
  return {
    async record({ event }, { url, method, headers, body }, attempt) {
      if (failure !== null) return;
      const delivery: Delivery = {
        id: attempt.deliveryId,
        webhookUuid,
        vendor: vendor.id,
        event,
        eventId: readEventId(vendor, headers, readObject(body)),
        direction: 'out',
        purpose: 'test',
        url: displayUrl(url),
        method,
        createdAt: attempt.startedAt,
        body,
      };
      try {
        await history.append(delivery, attempt);
        kept.add(delivery.id);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        failure = error;
      }
    },
    has: ({ deliveryId }) => kept.has(deliveryId),
    failure: () => failure,
  };
}
