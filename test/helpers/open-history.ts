import type { HistoryReader, HistoryWriter } from '../../src/history/history.ts';
import { openReader } from '../../src/history/reader.ts';
import { openWriter } from '../../src/history/writer.ts';

/** A history that a test fills and looks into, as two commands would: each side has its own connection. */
export type TestHistory = HistoryReader & HistoryWriter;

export const openHistory = async (path: string): Promise<TestHistory> =>
  bothSides(await openWriter(path), await openReader(path));

export const bothSides = (writer: HistoryWriter, reader: HistoryReader): TestHistory => ({
  ...reader,
  ...writer,
  close: async () => {
    await reader.close();
    await writer.close();
  },
});
