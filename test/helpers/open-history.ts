import type { HistoryReader, HistoryWriter } from '../../src/history/history.ts';
import { openReader } from '../../src/history/reader.ts';
import { openWriter } from '../../src/history/writer.ts';

/** A history that a test fills and looks into, as two commands would: each side has its own connection. */
export type TestHistory = HistoryReader & HistoryWriter;

export async function openHistory(path: string): Promise<TestHistory> {
  const writer = await openWriter(path);
  const reader = await openReader(path);
  return {
    ...reader,
    ...writer,
    close: async () => {
      await reader.close();
      await writer.close();
    },
  };
}
