import type { HistoryReader } from '../../history/history.ts';
import { shortestBeginning } from '../../model/short-uuid.ts';
import type { Webhook } from '../../model/webhook.ts';

/** More than `webhookUuids` tells of: then nobody knows which beginnings are unique. */
const MOST = 1000;

/**
 * What a person calls each webhook: its configured name, or the shortest beginning of its uuid, of eight digits at
 * least, that no other webhook of the configuration or the history has.
 */
export async function labelWebhooks(
  configured: readonly Pick<Webhook, 'name' | 'uuid'>[],
  history: HistoryReader,
): Promise<(uuid: string) => string> {
  const names = new Map(configured.map(({ name, uuid }) => [uuid, name]));
  const stored = await history.webhookUuids();
  const known = [...new Set([...names.keys(), ...stored])];
  return (uuid) => names.get(uuid) ?? (stored.length < MOST ? shortestBeginning(uuid, known) : uuid);
}
