import { selectWebhooks } from '../../config/select-webhook.ts';
import { parseHttpUrl } from '../../model/http-url.ts';
import { AppError } from '../../model/error.ts';
import type { Vendor, VendorEvent } from '../../model/vendor.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config, SecretSources, Webhook, WebhookTls } from '../../model/webhook.ts';
import { webhookUuidFor } from '../../plan/ids.ts';
import { findEvent } from '../../vendors/find-event.ts';
import { readWebhookUuid } from './read-webhook-uuid.ts';
import { findSender } from '../../vendors/registry.ts';

export interface TargetOptions {
  vendor?: string;
  event?: string;
  eml?: string;
  url?: string;
  to?: string;
  all?: boolean;
  uuid?: string;
  select?: readonly string[];
}

/** Who is called, as which vendor and with which secret: chosen, but neither secrets nor certificates read yet. */
export interface Target {
  webhookUuid: string;
  /** As the configuration names it; an ad-hoc `--url` has none. */
  name?: string;
  vendor: Vendor;
  url: URL;
  secret?: SecretSources;
  tls?: WebhookTls;
  /** Data-selection elements (Mail-Plus). */
  select?: readonly string[];
}

/** A target and the event that it gets. */
export interface TargetedEvent extends Target {
  event: VendorEvent;
}

/**
 * The endpoints the flags mean: an ad-hoc `--url`, or configured webhooks. Throws AppError `usage` when none or too
 * many fit.
 */
export async function chooseTargets(
  options: TargetOptions,
  config: Config,
  vendors: VendorRegistry,
): Promise<TargetedEvent[]> {
  if (options.url !== undefined && options.to === undefined) {
    const url = parseHttpUrl(options.url);
    const { vendor, event } = await chooseVendorAndEvent(options, config, vendors);
    const uuid = options.uuid === undefined ? undefined : readWebhookUuid(options.uuid, config.webhooks);
    return [{ ...adHocTarget(vendor, url, { ...options, uuid }), event }];
  }
  const vendor = options.vendor === undefined ? undefined : await vendors.load(options.vendor);
  const event = options.event ?? (await eventOfMail(options, config, vendors));
  const webhooks = selectWebhooks(config.webhooks, { ...options, event, vendor: vendor?.id });
  return Promise.all(
    webhooks.map(async (webhook) => {
      const only = webhook.events.length === 1 ? webhook.events[0] : undefined;
      const target = configuredTarget(webhook, await vendors.load(webhook.vendor), options);
      return { ...target, event: chooseEvent(target.vendor, event ?? only, options.eml) };
    }),
  );
}

/** A URL that no webhook is configured for, called as `vendor`. Throws AppError `usage`. */
export function adHocTarget(
  vendor: Vendor,
  url: URL,
  { uuid, select }: Pick<TargetOptions, 'uuid' | 'select'>,
): Target {
  return {
    webhookUuid: uuid ?? webhookUuidFor(vendor.id, url.href),
    vendor,
    url,
    select,
  };
}

/** A configured webhook, of `vendor`; `--url` and `--select` take the place of its own. Throws AppError `usage`. */
export function configuredTarget(
  webhook: Webhook,
  vendor: Vendor,
  { url, select }: Pick<TargetOptions, 'url' | 'select'>,
): Target {
  return {
    webhookUuid: webhook.uuid,
    name: webhook.name,
    vendor,
    url: parseHttpUrl(url ?? webhook.url),
    secret: webhook.secret,
    tls: webhook.tls,
    select: select ?? webhook.dataSelection,
  };
}

/** The vendor and event that are meant, where no webhook is named: each may follow from the other. */
export async function chooseVendorAndEvent(
  { vendor: id, event: name, eml }: Pick<TargetOptions, 'vendor' | 'event' | 'eml'>,
  { webhooks }: Pick<Config, 'webhooks'>,
  vendors: VendorRegistry,
): Promise<{ vendor: Vendor; event: VendorEvent }> {
  if (id !== undefined) {
    const vendor = await vendors.load(id);
    return { vendor, event: chooseEvent(vendor, name, eml) };
  }
  if (name === undefined)
    throw new AppError('usage', 'no event given', {
      hint: 'add --event NAME, or --vendor ID with --eml FILE; list the events: webhook events',
    });
  const subscribed = webhooks.filter(({ events }) => events.includes(name)).map((webhook) => webhook.vendor);
  const vendor = await vendors.load(findSender(vendors.entries, name, subscribed));
  return { vendor, event: findEvent(vendor, name) };
}

function chooseEvent(vendor: Vendor, name: string | undefined, eml: string | undefined): VendorEvent {
  if (name !== undefined) return findEvent(vendor, name);
  const able = eml === undefined ? vendor.events : vendor.events.filter(({ fromMail }) => fromMail !== undefined);
  const [event] = able;
  if (event !== undefined && able.length === 1) return event;
  throw new AppError(
    'usage',
    eml === undefined ? `no event of ${vendor.id} given` : `${vendor.id} sends no inbound mail, so --eml has no event`,
    {
      hint: `add --event with one of: ${vendor.events.map((one) => one.name).join(', ')}`,
    },
  );
}

/** `--eml` without `--event`, to configured webhooks: the event that the vendors make from a mail. */
async function eventOfMail(
  { eml, to, vendor }: TargetOptions,
  { webhooks }: Config,
  vendors: VendorRegistry,
): Promise<string | undefined> {
  if (eml === undefined || to !== undefined) return undefined;
  const near = vendors.entries.filter(({ id, isOriginal }) => isOriginal || webhooks.some((one) => one.vendor === id));
  const ids = vendor === undefined ? near.map(({ id }) => id) : [vendor];
  const senders = await Promise.all(ids.map((id) => vendors.load(id)));
  const able = senders.flatMap(({ events }) => events.filter(({ fromMail }) => fromMail !== undefined));
  return able.find(({ name }) => webhooks.some(({ events }) => events.includes(name)))?.name;
}
