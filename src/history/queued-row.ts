import { readHeaders, readReach } from './read-stored.ts';
import type { ClaimedDelivery, QueueCounts, WaitingDelivery } from './queue.ts';

/** Rows of the queue as either store reads them: times are milliseconds since the epoch, what is so is 1. */
export type WaitingRow = readonly [
  id: string,
  webhookUuid: string,
  vendor: string,
  event: string,
  eventId: string | null,
  url: string,
  createdAt: number,
  number: number,
  dueAt: number | null,
  isHeld: number,
];

export function toWaiting(row: WaitingRow): WaitingDelivery {
  const [id, webhookUuid, vendor, event, eventId, url, createdAt, number, dueAt, isHeld] = row;
  return { id, webhookUuid, vendor, event, eventId, url, createdAt, number, dueAt, isHeld: isHeld === 1 };
}

export type CountsRow = readonly [
  webhookUuid: string,
  url: string | null,
  due: number,
  later: number,
  underWay: number,
  nextDueAt: number | null,
  heldAt: number | null,
  reason: string | null,
];

export function toCounts([webhookUuid, url, due, later, underWay, nextDueAt, heldAt, reason]: CountsRow): QueueCounts {
  const held = heldAt === null ? null : { heldAt, reason: reason ?? '' };
  return { webhookUuid, url: url ?? '', due, later, underWay, nextDueAt, held };
}

export type ClaimedRow = readonly [
  deliveryId: string,
  webhookUuid: string,
  beganAt: number,
  dueAt: number,
  number: number,
  sinceFirstMs: number,
  vendor: string,
  event: string,
  eventId: string | null,
  url: string,
  method: string,
  createdAt: number,
  headers: string,
  hasOwnSignature: number,
  reach: string,
];

/**
 * Throws AppError `history` for a row that is damaged.
 * @param claimId empty where there is one worker
 */
export function toClaimed(row: ClaimedRow, body: Uint8Array, claimId: string): ClaimedDelivery {
  const [id, webhookUuid, beganAt, dueAt, number, sinceFirstMs, vendor, event, eventId, url, method] = row;
  const of = `the queued delivery ${id}`;
  const [createdAt, headers, hasOwnSignature, reach] = row.slice(11) as [number, string, number, string];
  return {
    delivery: { id, webhookUuid, vendor, event, eventId, direction: 'out', purpose: 'event', url, method, createdAt },
    request: { headers: readHeaders(headers, of), hasOwnSignature: hasOwnSignature === 1, body },
    reach: readReach(reach, of),
    number,
    sinceFirstMs,
    dueAt,
    beganAt,
    claimId,
  };
}
