import type { HistoryReader } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import type { VendorEntry } from '../../model/vendor-registry.ts';
import { eventNames } from '../../vendors/registry.ts';

/**
 * Refuses an event name that no vendor has and that the history has none of: a mistyped one would find nothing.
 * @param webhookUuid whose events of the history count; without it those of all webhooks
 * @throws AppError `usage`
 */
export async function requireKnownEvent(
  name: string,
  history: Pick<HistoryReader, 'eventNames' | 'path'>,
  vendors: readonly VendorEntry[],
  webhookUuid?: string,
): Promise<void> {
  const ofVendors = eventNames(vendors);
  if (ofVendors.includes(name)) return;
  const ofHistory = await history.eventNames(webhookUuid);
  if (ofHistory.includes(name)) return;
  const where = `history ${history.path} has none${webhookUuid === undefined ? '' : ' of this webhook'}`;
  throw new AppError('usage', `no vendor has an event "${name}", and ${where}`, {
    hint: 'list the events: webhook events',
    unknown: { given: name, among: [...new Set([...ofHistory, ...ofVendors])] },
  });
}
