import { isBeginning, isNamed, severalBegin } from '../../config/select-webhook.ts';
import type { HistoryReader } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import type { Webhook } from '../../model/webhook.ts';

const UUID_LENGTH = 36;

/**
 * The uuid of the webhook that is named so: of a configured one by its name, of any that is configured or has an
 * attempt in the history by its uuid or the beginning of that, in any letter case.
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
  if (only === undefined) throw await unknown(wanted, configured, history);
  if (found.length > 1) throw severalBegin(wanted, found);
  return only;
}

async function unknown(given: string, configured: readonly Webhook[], history: HistoryReader): Promise<AppError> {
  const isWhole = isBeginning(given) && given.length === UUID_LENGTH;
  return new AppError(
    isWhole ? 'refused' : 'usage',
    isWhole
      ? `webhook ${given} was never seen: history ${history.path} has no attempt of it`
      : `webhook ${given} is neither configured nor in history ${history.path}`,
    {
      hint: 'list the deliveries with: webhook history list',
      unknown: {
        given,
        among: [...configured.flatMap(({ name, uuid }) => [name, uuid]), ...(await history.webhookUuids())],
      },
    },
  );
}
