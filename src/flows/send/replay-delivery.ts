import { displayUrl, parseHttpUrl } from '../../model/http-url.ts';
import { HIDDEN } from '../../model/secret-name.ts';
import { AppError } from '../../model/error.ts';
import type { StoredDelivery } from '../../model/attempt.ts';
import type { Clock } from '../../model/clock.ts';
import type { Header, Plan, SignedRequest } from '../../model/plan.ts';
import type { Config, Webhook } from '../../model/webhook.ts';
import { refreshLinks } from '../../plan/refresh-links.ts';
import { findEvent, findVendor } from '../../vendors/index.ts';
import { linkMaker } from './attachment-desk.ts';
import type { TargetedEvent } from '../session/choose-targets.ts';

/** Headers that belong to one connection. */
const CONNECTION_HEADERS = new Set(['host', 'content-length', 'expect', 'connection']);

export interface ReplayOptions {
  secret: string | null;
  /** UUID version 7 of the new delivery. */
  deliveryId: string;
}

/** Where a stored delivery goes again: to `url`, or where it went before, with what the configuration knows of it. */
export function chooseReplayTarget(stored: StoredDelivery, config: Config, url: string | undefined): TargetedEvent {
  const vendor = findVendor(stored.vendor);
  const configured = config.webhooks.find(({ uuid }) => uuid === stored.webhookUuid);
  return {
    webhookUuid: stored.webhookUuid,
    vendor,
    event: findEvent(vendor, stored.event),
    url: parseHttpUrl(url ?? storedUrl(stored, configured)),
    secret: configured?.secret,
    tls: configured?.tls,
  };
}

/** The stored URL lost its credentials on purpose; the configuration may still have them. */
function storedUrl({ url }: StoredDelivery, configured: Webhook | undefined): string {
  // A record of before secrets in the query were hidden still has them.
  if (configured !== undefined && displayUrl(configured.url) === displayUrl(url)) return configured.url;
  if (!url.slice(url.indexOf('?') + 1).includes(HIDDEN)) return url;
  throw new AppError('usage', `the secrets in the query of ${url} are not kept, so nobody knows where it goes`, {
    hint: 'give the whole URL again: --url URL',
  });
}

/**
 * Plans a stored event once more, as a new delivery of the same event under the same webhook: same event id and
 * fields; attachment links are made anew. The signature is made when it is sent.
 */
export function planReplay(
  stored: StoredDelivery,
  { vendor, event, url }: TargetedEvent,
  { secret, deliveryId }: ReplayOptions,
  clock: Clock,
): Plan {
  const validForMs = vendor.attachments?.validForMs.value;
  const refreshed =
    validForMs === undefined || secret === null
      ? stored.body
      : refreshLinks(stored.body, (origin, messageId, index) =>
          linkMaker(origin, secret, validForMs, clock)(messageId, index),
        );
  return {
    vendor,
    event,
    webhookUuid: stored.webhookUuid,
    deliveryId,
    eventId: stored.eventId,
    url,
    method: 'POST',
    headers: storedHeaders(stored).filter(([name]) => name.toLowerCase() !== 'transfer-encoding'),
    hasOwnSignature: false,
    body: refreshed,
    createdAt: clock.now(),
    attachments: [],
  };
}

/** The stored request as it went out: the same bytes, in chunks if they were, the same headers, the old signature. */
export function exactRequest(stored: StoredDelivery, url: URL, clock: Clock): SignedRequest {
  return { url, method: stored.method, headers: storedHeaders(stored), body: stored.body, signedAt: clock.now() };
}

function storedHeaders(stored: StoredDelivery): Header[] {
  // Secrets were masked before they were stored: only the mask could be sent.
  return (stored.attempts.at(-1)?.requestHeaders ?? []).filter(
    ([name, value]) => !CONNECTION_HEADERS.has(name.toLowerCase()) && !value.includes(HIDDEN),
  );
}
