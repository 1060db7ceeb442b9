import { setImmediate } from 'node:timers/promises';
import type { HistoryReader, OutcomeFilter } from '../../history/history.ts';
import { renderHistoryPage, type HistoryPage } from '../../report/history-page.ts';
import { placeWebhooks } from './label-webhooks.ts';
import { summariseHistory } from '../../report/statistics/history-summary.ts';

export interface HistoryReport {
  /** The whole document. */
  html: string;
  attempts: number;
}

/**
 * The attempts that match as one HTML page, read a chunk at a time: neither memory nor the page grows with them.
 * @param onRead is told how many there were so far
 */
export async function reportHistory(
  history: HistoryReader,
  filter: OutcomeFilter,
  page: Omit<HistoryPage, 'directions'>,
  onRead: (attempts: number) => void,
): Promise<HistoryReport> {
  const directions = await summariseHistory(counting(history.outcomes(filter), onRead));
  const attempts = directions.reduce((sum, { total }) => sum + total.sent, 0);
  const uuids = directions.flatMap(({ events }) => events.map(({ webhookUuid }) => webhookUuid));
  const placeOf = await placeWebhooks(
    uuids.filter((uuid) => page.nameOf(uuid) === null),
    history,
  );
  const nameOf = (uuid: string): string | null => page.nameOf(uuid) ?? placeOf(uuid);
  return { html: renderHistoryPage({ ...page, nameOf, directions }), attempts };
}

/** Tells how many there were so far, after each chunk. */
export async function* counting<One>(
  chunks: AsyncIterable<readonly One[]>,
  onRead: (count: number) => void,
): AsyncGenerator<readonly One[]> {
  let count = 0;
  for await (const chunk of chunks) {
    count += chunk.length;
    onRead(count);
    // The database leaves no time for anything else, such as to show it.
    await setImmediate();
    yield chunk;
  }
}
