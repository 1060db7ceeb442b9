import { parseTarget } from '../deliver/target.ts';
import type { StoredDelivery } from '../model/attempt.ts';
import type { Clock, Ids } from '../model/clock.ts';
import type { Header, Plan, SignedRequest } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { refreshLinks } from '../plan/refresh-links.ts';
import { findEvent } from '../vendors/index.ts';
import { linkMaker } from './attachment-desk.ts';

/** Headers that belong to one connection, or that were masked before they were stored. */
const NOT_REPLAYED = new Set(['host', 'content-length', 'transfer-encoding', 'connection', 'authorization', 'proxy-authorization', 'cookie']);

export interface ReplayOptions {
  /** Another endpoint than the stored one. */
  url?: string;
  secret: string | null;
}

/**
 * Plans a stored event once more, as a new delivery of the same event under the same webhook: same event id and
 * fields; attachment links are made anew. The signature is made when it is sent.
 */
export function planReplay(stored: StoredDelivery, vendor: Vendor, options: ReplayOptions, clock: Clock, ids: Ids): Plan {
  const url = options.url ?? stored.url;
  parseTarget(url);
  const { secret } = options;
  const validForMs = vendor.attachments?.validForMs;
  const refreshed = validForMs === undefined || secret === null
    ? stored.body
    : refreshLinks(stored.body, (origin, messageId, index) => linkMaker(origin, secret, validForMs, clock)(messageId, index));
  const signatureName = vendor.signature?.header.toLowerCase();
  return {
    vendor,
    event: findEvent(vendor, stored.event),
    webhookUuid: stored.webhookUuid,
    deliveryId: ids.uuidV7(clock.now()),
    eventId: stored.eventId,
    url,
    method: 'POST',
    headers: storedHeaders(stored).filter(([name]) => name.toLowerCase() !== signatureName),
    hasOwnSignature: false,
    body: refreshed,
    createdAt: clock.now(),
    attachments: [],
  };
}

/** The stored request as it went out: the same bytes, the same headers, the old signature. */
export function exactRequest(stored: StoredDelivery, url: string, clock: Clock): SignedRequest {
  return { url, method: stored.method, headers: storedHeaders(stored), body: stored.body, signedAt: clock.now() };
}

function storedHeaders(stored: StoredDelivery): Header[] {
  return (stored.attempts.at(-1)?.requestHeaders ?? []).filter(([name]) => !NOT_REPLAYED.has(name.toLowerCase()));
}
