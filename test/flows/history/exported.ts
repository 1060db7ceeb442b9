import { builtInVendors } from '../../../src/vendors/registry.ts';
import { exportHistory, type ExportSettings } from '../../../src/flows/history/export-history.ts';
import type { TestHistory } from '../../helpers/open-history.ts';
import type { OpenNew } from '../../helpers/stores.ts';
import { makeRecord, REFUSED, WEBHOOK } from '../../helpers/record.ts';

/** A new history that holds `records`. */
export async function historyOf(
  openNew: OpenNew,
  records: Iterable<Parameters<TestHistory['append']>>,
): Promise<TestHistory> {
  const history = await openNew();
  await history.appendAll([...records]);
  return history;
}

/** `count` deliveries, the newest last; three share each millisecond. */
export function* crowd(count: number): Generator<Parameters<TestHistory['append']>> {
  const start = Date.parse('2026-11-01T10:00:00.000Z');
  for (let index = 0; index < count; index++) {
    const failing = index % 10 === 0 ? { attempt: REFUSED } : {};
    yield makeRecord(index, {
      delivery: { createdAt: start + Math.floor(index / 3), event: index % 4 === 0 ? 'optout' : 'optin' },
      ...failing,
    });
  }
}

export async function exported(
  history: TestHistory,
  settings: Partial<ExportSettings>,
): Promise<{ text: string } & Awaited<ReturnType<typeof exportHistory>>> {
  const chunks: Uint8Array[] = [];
  const { entries } = builtInVendors;
  const summary = await exportHistory({ uuid: WEBHOOK, format: 'ndjson', vendors: entries, ...settings }, history, {
    write: async (bytes) => void chunks.push(bytes),
  });
  return { ...summary, text: Buffer.concat(chunks).toString('utf8') };
}

export async function eventIds(history: TestHistory, settings: Partial<ExportSettings> = {}): Promise<number[]> {
  const { text } = await exported(history, { ...settings, fields: 'eventId' });
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => Number((JSON.parse(line) as { eventId: string }).eventId.slice(4)));
}

export const downFrom = (high: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => high - index);
