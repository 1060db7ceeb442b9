import { AppError } from '../model/error.ts';
import { hideQuerySecrets } from '../model/http-url.ts';
import { listSome } from '../model/wording.ts';
import type { Webhook } from '../model/webhook.ts';

export interface WebhookChoice {
  /** `--to`: a name, a uuid or the beginning of one, in any letter case. */
  to?: string;
  event?: string;
  /** `--vendor`: only this vendor's webhooks. */
  vendor?: string;
  /** `--all`: each webhook that lists the event, and not the only one. */
  all?: boolean;
}

/**
 * The configured webhooks an event goes to: at least one.
 * @throws AppError `usage` when there is none, or several where one is meant.
 */
export function selectWebhooks(
  webhooks: readonly Webhook[],
  { to, event, vendor, all = false }: WebhookChoice,
): Webhook[] {
  if (to !== undefined) {
    if (all)
      throw new AppError('usage', '--to and --all cannot be combined: --to names one webhook', {
        hint: 'give one of the two',
      });
    return [findWebhook(webhooks, to, { event, vendor })];
  }
  if (event === undefined)
    throw new AppError('usage', 'no event given', {
      hint: 'name one with --event NAME; webhook events lists the events',
    });
  const candidates = webhooks.filter((webhook) => vendor === undefined || webhook.vendor === vendor);
  const found = candidates.filter(({ events }) => events.includes(event));
  if (found.length === 0) throw nobodyLists(event, candidates);
  if (found.length > 1 && !all) throw tooMany(event, found);
  return found;
}

/**
 * The webhook that is named so, as `findNamed` reads it. Throws AppError `usage` when there is none, or when it does
 * not list the event, or is not of the vendor, or of one of them.
 */
export function findWebhook(
  webhooks: readonly Webhook[],
  nameOrUuid: string,
  { event, vendor = [] }: { event?: string; vendor?: string | readonly string[] } = {},
): Webhook {
  const webhook = findNamed(webhooks, nameOrUuid);
  if (webhook === undefined) throw unknownWebhook(nameOrUuid, webhooks);
  const name = JSON.stringify(webhook.name);
  const vendors = [vendor].flat();
  if (vendors.length > 0 && !vendors.includes(webhook.vendor)) {
    throw new AppError('usage', `the webhook ${name} belongs to ${webhook.vendor}, not to ${vendors[0]}`, {
      hint: 'leave out --vendor',
    });
  }
  if (event === undefined || webhook.events.includes(event)) return webhook;
  throw new AppError('usage', `the webhook ${name} does not list the event ${JSON.stringify(event)}`, {
    hint: `its events: ${webhook.events.join(', ')}; add it there, or send to --url`,
    unknown: { given: event, among: webhook.events },
  });
}

/**
 * The webhook of that name or uuid, or the only one whose uuid begins so, in any letter case. A name comes first.
 * Throws AppError `usage` for the beginning of several.
 */
export function findNamed(webhooks: readonly Webhook[], given: string): Webhook | undefined {
  const named = webhooks.find((one) => isNamed(one, given));
  if (named !== undefined || !isBeginning(given)) return named;
  const found = webhooks.filter(({ uuid }) => uuid.toLowerCase().startsWith(given.toLowerCase()));
  if (found.length > 1)
    throw severalBegin(
      given,
      found.map(({ name }) => name),
    );
  return found[0];
}

/** The name of each by its uuid; null where none is configured with that. */
export const namesOf =
  (webhooks: readonly Pick<Webhook, 'name' | 'uuid'>[]) =>
  (uuid: string): string | null =>
    webhooks.find((one) => one.uuid === uuid)?.name ?? null;

/** Fewer digits name too much by chance. */
const LEAST_DIGITS = 4;

/** Whether it can be the beginning of a uuid. */
export function isBeginning(given: string): boolean {
  return /^[0-9a-f-]+$/i.test(given) && given.length >= LEAST_DIGITS;
}

export function severalBegin(given: string, found: readonly string[]): AppError {
  return new AppError('usage', `the uuids of several webhooks start with ${given}: ${listSome(found)}`, {
    hint: 'give more of the uuid, or the name',
  });
}

/** By its name or its whole uuid. */
export function isNamed({ name, uuid }: Webhook, nameOrUuid: string): boolean {
  const wanted = nameOrUuid.toLowerCase();
  return name.toLowerCase() === wanted || uuid.toLowerCase() === wanted;
}

export function unknownWebhook(given: string, webhooks: readonly Webhook[]): AppError {
  // A URL in the place of a name is shown, too.
  return new AppError('usage', `no webhook ${JSON.stringify(hideQuerySecrets(given))} is configured`, {
    hint: 'webhook list shows the configured ones; webhook add adds one',
    unknown: { given, among: webhooks.flatMap(({ name, uuid }) => [name, uuid]) },
  });
}

function nobodyLists(event: string, webhooks: readonly Webhook[]): AppError {
  return new AppError('usage', `no configured webhook lists the event ${JSON.stringify(event)}`, {
    hint: `send to an endpoint with --url, or configure one: webhook add NAME --vendor V --url U --events ${event}`,
    unknown: { given: event, among: [...new Set(webhooks.flatMap(({ events }) => events))] },
  });
}

function tooMany(event: string, webhooks: readonly Webhook[]): AppError {
  const names = webhooks.map(({ name }) => JSON.stringify(name)).join(', ');
  return new AppError(
    'usage',
    `${webhooks.length} configured webhooks list the event ${JSON.stringify(event)}: ${names}`,
    {
      hint: 'choose one with --to NAME, or send to each with --all',
    },
  );
}
