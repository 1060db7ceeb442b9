import { labelWebhooks } from '../../flows/history/label-webhooks.ts';
import type { HistoryReader } from '../../history/history.ts';
import type { Outcome } from '../../model/attempt.ts';
import type { Cell, ExportField } from '../../model/export-field.ts';
import { paintOutcome } from '../send/render-sent.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { renderTable } from '../terminal/table.ts';
import { columnsOf } from '../terminal/text.ts';
import { timeText } from '../terminal/time-text.ts';
import { screenOf } from '../terminal/stdio.ts';

/** What gives way where the line is short; the others stay. */
const NARROW: Partial<Record<ExportField, Omit<TableColumn, 'title'>>> = {
  url: { leaveOut: 9, cutTo: 20 },
  error: { leaveOut: 8, cutTo: 20 },
  remoteAddress: { leaveOut: 7 },
  eventId: { leaveOut: 6, cutTo: 12 },
  durationMs: { leaveOut: 5 },
  requestBytes: { leaveOut: 4 },
  responseBytes: { leaveOut: 4 },
  vendor: { leaveOut: 3 },
  direction: { leaveOut: 2 },
  attempt: { leaveOut: 1 },
  event: { atWorst: 10 },
  errorCode: { atWorst: 6 },
  webhookUuid: { cutTo: 12, keepsEnds: true },
};

/** Attempts as a table: under the names that every format has, on a terminal with ids and times for the eye. */
export async function renderAttempts(
  fields: readonly ExportField[],
  rows: readonly Cell[][],
  { config, clock }: CommandEnvironment,
  history: HistoryReader,
): Promise<string> {
  const nowMs = clock.now();
  const show: Partial<Record<ExportField, (text: string) => string>> = {};
  if (columnsOf(screenOf(1)) !== undefined) {
    const cellsOf = (field: ExportField): string[] => {
      const place = fields.indexOf(field);
      return [...new Set(place === -1 ? [] : rows.map((row) => String(row[place])))];
    };
    const ids = cellsOf('deliveryId');
    const short = await history.shortIds(ids);
    const shortOf = new Map(ids.map((id, index) => [id, short[index] ?? id]));
    show.deliveryId = (id) => shortOf.get(id) ?? id;
    show.webhookUuid = await labelWebhooks(config.webhooks, history, cellsOf('webhookUuid'));
    show.timestamp = (time) => timeText(Date.parse(time), nowMs);
  }
  const texts = rows.map((row) =>
    row.map((cell, at) => {
      const field = fields[at];
      const text = String(cell ?? '');
      return (field === undefined ? undefined : show[field])?.(text) ?? text;
    }),
  );
  const columns = fields.map((title) => ({ title, ...NARROW[title] }));
  return renderTable(columns, texts, (line, at) => (fields[at] === 'outcome' ? paintOutcome(line as Outcome) : line));
}
