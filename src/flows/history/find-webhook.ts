import { isBeginning, isNamed, severalBegin } from '../../config/select-webhook.ts';
import type { HistoryReader } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import { displayUrl } from '../../model/http-url.ts';
import type { Webhook } from '../../model/webhook.ts';
import { listSome } from '../../model/wording.ts';
import { webhooksAt } from './label-webhooks.ts';

const UUID_LENGTH = 36;

/**
 * The uuid of the webhook that is named so: of a configured one by its name, of any that is configured or has an
 * attempt in the history by its uuid or the beginning of that, in any letter case, or by its URL as tables show it.
 * @throws AppError `refused` for a uuid that was never seen, `usage` for the beginning of several and for what names
 * none
 */
export async function findWebhookUuid(
  given: string,
  configured: readonly Webhook[],
  history: HistoryReader,
): Promise<string> {
  const wanted = given.trim();
  const named = configured.find((one) => isNamed(one, wanted));
  if (named !== undefined) return named.uuid;
  const uuid = wanted.toLowerCase();
  const known = configured.map((one) => one.uuid.toLowerCase()).filter((one) => one.startsWith(uuid));
  const found = isBeginning(wanted) ? [...new Set([...known, ...(await history.webhookUuids(uuid))])] : [];
  const [only] = found;
  if (found.length > 1) throw severalBegin(wanted, found);
  return only ?? (await findAt(wanted, configured, history));
}

/** By the URL that tables show it by. */
async function findAt(given: string, configured: readonly Webhook[], history: HistoryReader): Promise<string> {
  const [only, ...others] = /[.:/]/.test(given) ? await webhooksAt(given, configured, history) : [];
  if (only === undefined) throw await unknown(given, configured, history);
  if (others.length === 0) return only;
  throw new AppError('usage', `several webhooks are called at ${displayUrl(given)}: ${listSome([only, ...others])}`, {
    hint: 'give the beginning of a uuid',
  });
}

async function unknown(given: string, configured: readonly Webhook[], history: HistoryReader): Promise<AppError> {
  const isWhole = isBeginning(given) && given.length === UUID_LENGTH;
  return new AppError(
    isWhole ? 'refused' : 'usage',
    isWhole
      ? `unknown webhook ${given}: history ${history.path} has no attempts for it`
      : `unknown webhook ${displayUrl(given)}: it is neither configured nor in history ${history.path}`,
    {
      hint: 'list the known ones: webhook history list',
      unknown: {
        given,
        among: [...configured.flatMap(({ name, uuid }) => [name, uuid]), ...(await history.webhookUuids())],
      },
    },
  );
}
