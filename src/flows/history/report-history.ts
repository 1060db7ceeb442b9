import type { HistoryReader, OutcomeFilter } from '../../history/history.ts';
import { renderHistoryPage, type HistoryPage } from '../../report/history-page.ts';
import { placeWebhooks } from './label-webhooks.ts';
import { summariseHistory } from '../../report/statistics/history-summary.ts';

export interface HistoryReport {
  /** The whole document. */
  html: string;
  attempts: number;
}

/** The attempts that match as one HTML page, read a chunk at a time: neither memory nor the page grows with them. */
export async function reportHistory(
  history: HistoryReader,
  filter: OutcomeFilter,
  page: Omit<HistoryPage, 'directions'>,
): Promise<HistoryReport> {
  const directions = await summariseHistory(history.outcomes(filter));
  const attempts = directions.reduce((sum, { total }) => sum + total.sent, 0);
  const uuids = directions.flatMap(({ events }) => events.map(({ webhookUuid }) => webhookUuid));
  const placeOf = await placeWebhooks(
    uuids.filter((uuid) => page.nameOf(uuid) === null),
    history,
  );
  const nameOf = (uuid: string): string | null => page.nameOf(uuid) ?? placeOf(uuid);
  return { html: renderHistoryPage({ ...page, nameOf, directions }), attempts };
}
