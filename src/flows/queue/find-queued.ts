import { findNamed, isBeginning, severalBegin } from '../../config/select-webhook.ts';
import type { QueueReader } from '../../history/queue.ts';
import { AppError } from '../../model/error.ts';
import { displayUrl } from '../../model/http-url.ts';
import type { Webhook } from '../../model/webhook.ts';
import { placeText } from '../history/label-webhooks.ts';

/**
 * The uuid of the webhook that is named so: of a configured one by its name; of one that has something in the queue, or
 * is held, by its uuid, the beginning of that, or its URL. Throws AppError `usage` for the beginning of several and
 * for what names none.
 */
export async function findQueuedWebhook(
  given: string,
  configured: readonly Webhook[],
  queue: Pick<QueueReader, 'counts' | 'path'>,
): Promise<string> {
  const wanted = given.trim();
  const named = findNamed(configured, wanted);
  if (named !== undefined) return named.uuid;
  const known = await queue.counts(0);
  const isMeant = ({ webhookUuid, url }: (typeof known)[number]): boolean =>
    (isBeginning(wanted) && webhookUuid.startsWith(wanted.toLowerCase())) ||
    (url !== '' && placeText(url) === placeText(wanted));
  const found = known.filter(isMeant).map(({ webhookUuid }) => webhookUuid);
  const [only] = found;
  if (found.length > 1) throw severalBegin(displayUrl(wanted), found);
  if (only !== undefined) return only;
  throw new AppError('usage', `unknown webhook ${displayUrl(wanted)}: it is neither configured nor in the queue`, {
    hint: 'list those in the queue: webhook queue stats',
    unknown: { given: wanted, among: [...configured.map(({ name }) => name), ...known.map((one) => one.webhookUuid)] },
  });
}

/** What a person calls each webhook: the configured name, else where it is called, else its uuid. */
export function labelQueued(
  configured: readonly Pick<Webhook, 'name' | 'uuid'>[],
): (webhook: { webhookUuid: string; url: string }) => string {
  const names = new Map(configured.map(({ name, uuid }) => [uuid, name]));
  return ({ webhookUuid, url }) => names.get(webhookUuid) ?? (url === '' ? webhookUuid : placeText(url));
}
