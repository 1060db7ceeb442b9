import { methodOf } from '../../vendors/body-facts.ts';
import { decodePercent, displayUrl, parseHttpUrl } from '../../model/http-url.ts';
import { escapeForRegExp } from '../../model/echo.ts';
import { HIDDEN, nameSecret } from '../../model/secret-name.ts';
import { AppError } from '../../model/error.ts';
import { asksForCredential } from '../../deliver/refusal-hint.ts';
import type { Attempt, StoredDelivery } from '../../model/attempt.ts';
import type { Clock } from '../../model/clock.ts';
import type { Header, Plan, SignedRequest } from '../../model/plan.ts';
import type { Vendor, VendorEvent } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config, Webhook } from '../../model/webhook.ts';
import { placeBytes } from '../../plan/encode-body.ts';
import { namesHeader, namesSignature, overrideHeaders } from '../../plan/headers.ts';
import { hasExpiredLink } from '../../plan/refresh-links.ts';
import { findRecordedEvent } from '../../vendors/find-event.ts';
import type { TargetedEvent } from '../session/choose-targets.ts';
import { standInVendor } from './stand-in-vendor.ts';
import { withFreshLinks } from './fresh-links.ts';
import type { SentDelivery } from './send-event.ts';

/** Headers that belong to one connection. */
const CONNECTION_HEADERS = new Set(['host', 'content-length', 'expect', 'connection']);

export interface ReplayOptions {
  secret: string | null;
  /** UUID version 7 of the new delivery. */
  deliveryId: string;
  /** The user's own lines (`-H`). */
  headerLines: readonly string[];
}

export interface ReplayTargetOptions {
  url?: string;
  vendor?: string;
  /** The stored bytes go out as they are: neither their vendor nor their event must be known. */
  isExact?: boolean;
  retry?: boolean;
}

/**
 * Where a stored delivery goes again: to `url`, or where it went before, with what the configuration knows of it.
 * Throws AppError `usage` for a vendor that only a file knows, until that is given.
 */
export async function chooseReplayTarget(
  stored: StoredDelivery,
  config: Config,
  vendors: VendorRegistry,
  options: ReplayTargetOptions,
): Promise<TargetedEvent> {
  const { url } = options;
  const vendor = await chooseReplayVendor(stored, vendors, options);
  const configured = config.webhooks.find(({ uuid }) => uuid === stored.webhookUuid);
  return {
    webhookUuid: stored.webhookUuid,
    vendor,
    event:
      options.isExact && !vendor.events.some(({ name }) => name === stored.event)
        ? (standInVendor(vendor.id, stored.event).events[0] as VendorEvent)
        : findRecordedEvent(vendor, stored.event),
    url: parseHttpUrl(url ?? storedUrl(stored, configured)),
    secret: configured?.secret,
    tls: configured?.tls,
  };
}

async function chooseReplayVendor(
  stored: StoredDelivery,
  vendors: VendorRegistry,
  { vendor: named, isExact = false, retry = false }: ReplayTargetOptions,
): Promise<Vendor> {
  const isKnown = named !== undefined || vendors.entries.some(({ id }) => id === stored.vendor);
  if (isKnown || !isExact) return vendorOf(stored, vendors, named);
  if (retry)
    throw new AppError('usage', `the delivery is from ${stored.vendor}, whose retry schedule is unknown`, {
      hint: "leave out --retry, or give the vendor's file: --vendor ./FILE.json",
    });
  return standInVendor(stored.vendor, stored.event);
}

async function vendorOf(stored: StoredDelivery, vendors: VendorRegistry, named: string | undefined): Promise<Vendor> {
  if (named === undefined && !vendors.entries.some(({ id }) => id === stored.vendor)) {
    throw new AppError('usage', `the delivery is from ${stored.vendor}, which is neither built in nor configured`, {
      hint:
        "send the same bytes again with --exact, or give the vendor's file: --vendor ./FILE.json (or list it in " +
        '"vendors" of webhook.config.json)',
    });
  }
  const vendor = await vendors.load(named ?? stored.vendor);
  if (vendor.id === stored.vendor) return vendor;
  throw new AppError('usage', `the delivery is from ${stored.vendor}, not from ${vendor.id}`, {
    hint: "leave out --vendor, or give that vendor's file",
  });
}

/** The stored URL lost its credentials on purpose; the configuration may still have them. */
function storedUrl({ url }: StoredDelivery, configured: Webhook | undefined): string {
  // A record of before secrets in the query were hidden still has them.
  if (configured !== undefined && isShownAs(configured.url, displayUrl(url))) return configured.url;
  if (!url.slice(url.indexOf('?') + 1).includes(HIDDEN)) return url;
  throw new AppError('usage', `the secrets in the query of ${url} are not stored, so its full URL is unknown`, {
    hint: 'give the full URL again: --url URL',
  });
}

/** Whether a URL is the one that was kept, whatever stood where it has `***`. */
function isShownAs(url: string, kept: string): boolean {
  const bare = displayUrl(url);
  const parts = kept.split(HIDDEN).map(escapeForRegExp);
  return new RegExp(`^${parts.join('[^&;#]*')}$`).test(bare);
}

/** What was masked when it was stored (`--mask`) is masked in what comes of it. */
export function nameStoredSecrets({ url, attempts }: StoredDelivery): void {
  const pairs = url.slice(url.indexOf('?') + 1).split(/[&;]/);
  for (const pair of pairs)
    if (pair.endsWith(`=${HIDDEN}`)) nameSecret(decodePercent(pair.slice(0, -HIDDEN.length - 1)));
  for (const [name, value] of attempts.at(-1)?.requestHeaders ?? []) if (value === HIDDEN) nameSecret(name);
}

/**
 * Plans a stored event once more, as a new delivery of the same event under the same webhook: same event id and
 * fields; attachment links are made anew. The signature is made when it is sent.
 */
export function planReplay(
  stored: StoredDelivery,
  { vendor, event, url }: TargetedEvent,
  { secret, deliveryId, headerLines }: ReplayOptions,
  clock: Clock,
): Plan {
  return {
    vendor,
    event,
    webhookUuid: stored.webhookUuid,
    deliveryId,
    eventId: stored.eventId,
    ...placeBytes(withFreshLinks(stored.body, vendor, secret, clock), vendor, url),
    method: methodOf(vendor),
    headers: overrideHeaders(
      storedHeaders(stored).filter(([name]) => name.toLowerCase() !== 'transfer-encoding'),
      headerLines,
    ),
    hasOwnSignature: namesSignature(headerLines, vendor),
    createdAt: clock.now(),
    attachments: [],
  };
}

/** The stored request as it went out: the same bytes, in chunks if they were, the same headers, the old signature. */
export function exactRequest(
  stored: StoredDelivery,
  { vendor, url }: Pick<TargetedEvent, 'vendor' | 'url'>,
  headerLines: readonly string[],
  clock: Clock,
): SignedRequest {
  const headers = overrideHeaders(storedHeaders(stored), headerLines);
  return { ...placeBytes(stored.body, vendor, url), method: stored.method, headers, signedAt: clock.now() };
}

function storedHeaders(stored: StoredDelivery): Header[] {
  // Secrets were masked before they were stored: only the mask could be sent.
  return (stored.attempts.at(-1)?.requestHeaders ?? []).filter(
    ([name, value]) => !CONNECTION_HEADERS.has(name.toLowerCase()) && !value.includes(HIDDEN),
  );
}

/**
 * Headers that the stored request had and this one lacks, for their values are secrets and were not kept. Given anew
 * are those of the user's own lines, and Authorization in the URL.
 */
export function listUnkept(stored: StoredDelivery, url: URL, headerLines: readonly string[]): string[] {
  const names = (stored.attempts.at(-1)?.requestHeaders ?? [])
    .filter(([, value]) => value.includes(HIDDEN))
    .map(([name]) => name)
    .filter((name) => !namesHeader(headerLines, name));
  const hasUser = url.username !== '' || url.password !== '';
  return [...new Set(names)].filter((name) => !(hasUser && name.toLowerCase() === 'authorization'));
}

/** How to send again what was not kept; in words that fit behind a colon. */
export function giveAnew(unkept: readonly string[]): string {
  const lines = unkept.map((name) => `-H '${name}: …'`).join(' ');
  const isAuthorization = unkept.some((name) => name.toLowerCase() === 'authorization');
  const orUrl = isAuthorization ? ', or --url with user:password@' : '';
  return `give ${unkept.length === 1 ? 'it' : 'them'} again: ${lines}${orUrl}`;
}

/** What else of the stored request is not as it was, in words. */
export function describeChanges(stored: StoredDelivery, plan: Plan): string[] {
  const isSame = Buffer.from(plan.query ?? plan.body).equals(stored.body);
  const isExpired = plan.vendor.attachments !== undefined && hasExpiredLink(plan.body, plan.createdAt);
  return [
    ...(isSame
      ? []
      : [
          `the attachment links are created again, as ${plan.vendor.title} does, so the body differs from the ` +
            'stored one',
        ]),
    ...(isExpired ? ['the attachment links are those of the stored event, and have expired'] : []),
    ...(stored.method === plan.method
      ? []
      : [`the stored request was a ${stored.method}, but this is a ${plan.method}`]),
  ];
}

/** Who lacks a credential is refused for that, and not for a wrong secret, unless the answer names another reason. */
export function explainRefusals(sent: SentDelivery, unkept: readonly string[]): SentDelivery {
  if (unkept.length === 0) return sent;
  const verb = unkept.length === 1 ? 'is' : 'are';
  const hint = `the stored request had ${unkept.join(', ')}, which ${verb} not stored: ${giveAnew(unkept)}`;
  return {
    ...sent,
    attempts: sent.attempts.map((attempt) => (lacksCredential(attempt) ? { ...attempt, hint } : attempt)),
  };
}

function lacksCredential({ status, responseHeaders, responseBody }: Attempt): boolean {
  return status !== null && asksForCredential({ status, headers: responseHeaders, body: responseBody });
}
