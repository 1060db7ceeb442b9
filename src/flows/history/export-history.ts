import { planExport, type ExportOptions, type ExportPlan } from '../../export/export-plan.ts';
import { findExportFormat, writeLine, type ExportFormat } from '../../export/formats.ts';
import { keepManifest, type Manifest, type ManifestKeeper } from '../../export/manifest.ts';
import type { HistoryReader, OutcomeFilter } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import type { Cell, ExportField } from '../../model/export-field.ts';
import type { VendorEntry } from '../../model/vendor-registry.ts';
import type { Selection } from '../../model/selection.ts';
import { parseUuid } from '../../plan/ids.ts';

/** Where the bytes go; the next ones are made once `write` has resolved. */
export interface ByteSink {
  write(bytes: Uint8Array): Promise<void>;
}

export interface ExportSettings extends ExportOptions {
  uuid?: string;
  /** Every webhook, where none is named. */
  all?: boolean;
  format: string;
  csvDialect?: string;
  /** Compute the SHA-256 too. */
  hash?: boolean;
  /** Webhooks of the configuration: known, even before their first delivery. */
  configured?: readonly string[];
  /** Whose events are known, even before their first delivery. */
  vendors?: readonly VendorEntry[];
}

export interface ExportSummary {
  manifest: Manifest;
  /** Where the next page is, when there is one: `to` and `asOf` pin the pages while new attempts arrive. */
  next: { page: number; to: string; asOf: number } | null;
  /** Nothing is exported, because requests of the conformance suite are all there is. */
  onlyTests: boolean;
  /** Nothing is exported, because the pages end before this one. */
  isBeyond: boolean;
}

/**
 * Writes the attempts of one webhook, or of all, to `sink`, a chunk at a time: memory does not grow with rows.
 * @param onRows is told how many there were so far
 */
export async function exportHistory(
  settings: ExportSettings,
  history: HistoryReader,
  sink: ByteSink,
  onRows: (rows: number) => void = () => undefined,
): Promise<ExportSummary> {
  const format = findExportFormat(settings.format, settings.csvDialect);
  const plan = await planPinned(settings, history);
  const keeper = keepManifest(settings.hash ?? false);
  await writeAll(plan, format, history, sink, keeper, onRows);
  const { csvDialect } = settings;
  const manifest = keeper.finish({ format: settings.format, csvDialect, fields: plan.fields, selection: plan.asked });
  const onlyTests = manifest.rows === 0 && (await hasOnlyTests(plan.selection, history));
  const isBeyond = manifest.rows === 0 && plan.selection.page > 1;
  return { manifest, next: await findNextPage(plan.selection, history), onlyTests, isBeyond };
}

export interface ExportTable extends Omit<ExportSummary, 'manifest'> {
  fields: readonly ExportField[];
  rows: Cell[][];
}

/** One page of attempts as values, for a terminal: `limit` rows, or a page of the usual size. */
export async function exportTable(
  settings: Omit<ExportSettings, 'format'>,
  history: HistoryReader,
): Promise<ExportTable> {
  const plan = await planPinned({ ...settings, page: settings.page ?? '1' }, history);
  const rows: Cell[][] = [];
  for await (const some of history.rows(plan.selection, plan.fields)) rows.push(...some);
  const onlyTests = rows.length === 0 && (await hasOnlyTests(plan.selection, history));
  const isBeyond = rows.length === 0 && plan.selection.page > 1;
  return { fields: plan.fields, rows, next: await findNextPage(plan.selection, history), onlyTests, isBeyond };
}

/** The attempts that an export would hold, for a page of them; pages of rows and what a row holds do not matter. */
export async function chooseOutcomes(
  settings: Omit<ExportSettings, 'format'>,
  history: HistoryReader,
): Promise<OutcomeFilter> {
  const { selection } = planExport(chooseWebhook(settings), settings);
  await requireKnown(selection, history, settings);
  const { webhookUuid, event, direction, from, to, includeTests } = selection;
  return {
    webhookUuid: webhookUuid ?? undefined,
    event: event ?? undefined,
    direction,
    sinceMs: from === null ? undefined : Date.parse(from),
    untilMs: to === null ? undefined : Date.parse(to),
    purpose: includeTests ? undefined : 'event',
  };
}

/**
 * Pins the selection to what is recorded now. Pages are counted from the newest attempt: pinned, they stay where they
 * are, whether attempts begin later or are under way and recorded when they end. Without pages nothing can shift, and
 * reading every row's number would take a twentieth of the time.
 */
async function planPinned(settings: Omit<ExportSettings, 'format'>, history: HistoryReader): Promise<PinnedPlan> {
  const plan = planExport(chooseWebhook(settings), settings);
  await requireKnown(plan.selection, history, settings);
  const { asOf, limit } = plan.selection;
  const selection = {
    ...plan.selection,
    asOf: asOf === null && limit !== null ? await history.latestSequence() : asOf,
  };
  const to = (await history.newestTimestamp({ ...selection, page: 1 })) ?? selection.to;
  return { ...plan, selection: { ...selection, to }, asked: { ...selection, to: plan.selection.to ?? to } };
}

interface PinnedPlan extends ExportPlan {
  /** The selection with the end that the user gave, where there is one. */
  asked: Selection;
}

/** Null is every webhook. */
function chooseWebhook({ uuid, all = false }: Pick<ExportSettings, 'uuid' | 'all'>): string | null {
  if (uuid !== undefined) return parseUuid(uuid.trim());
  if (all) return null;
  throw new AppError('usage', 'no webhook was given: --uuid is missing', {
    hint: 'give its name or uuid, or --all for every webhook; list the known ones: webhook history list',
  });
}

async function requireKnown(
  { webhookUuid, event }: Selection,
  history: HistoryReader,
  { configured = [], vendors = [] }: Pick<ExportSettings, 'configured' | 'vendors'>,
): Promise<void> {
  if (webhookUuid !== null && !(await history.knowsWebhook(webhookUuid)))
    await requireConfigured(webhookUuid, history, configured);
  if (event === null) return;
  const { requireKnownEvent } = await import('./known-events.ts');
  await requireKnownEvent(event, history, vendors, webhookUuid ?? undefined);
}

async function requireConfigured(uuid: string, history: HistoryReader, configured: readonly string[]): Promise<void> {
  if (configured.includes(uuid)) return;
  throw new AppError('refused', `unknown webhook ${uuid}: history ${history.path} has no attempts for it`, {
    hint: 'list the known ones: webhook history list',
    unknown: { given: uuid, among: [...new Set([...configured, ...(await history.webhookUuids())])] },
  });
}

async function findNextPage(selection: Selection, history: HistoryReader): Promise<ExportSummary['next']> {
  if (selection.limit === null || selection.to === null || selection.asOf === null) return null;
  const page = selection.page + 1;
  const more = await history.newestTimestamp({ ...selection, page });
  return more === null ? null : { page, to: selection.to, asOf: selection.asOf };
}

/** Of a selection without a row: an empty first page has no event on any other. */
async function hasOnlyTests(selection: Selection, history: HistoryReader): Promise<boolean> {
  if (selection.includeTests || selection.page > 1) return false;
  return (await history.newestTimestamp({ ...selection, includeTests: true })) !== null;
}

async function writeAll(
  plan: ExportPlan,
  format: ExportFormat,
  history: HistoryReader,
  sink: ByteSink,
  keeper: ManifestKeeper,
  onRows: (rows: number) => void,
): Promise<void> {
  const { selection, fields, withBodies } = plan;
  const encoder = new TextEncoder();
  const writer = writeAhead(sink);
  const write = async (bytes: Uint8Array): Promise<void> => {
    keeper.countBytes(bytes);
    await writer.write(bytes);
  };
  const chunks =
    withBodies || format.writeLine !== undefined
      ? writeRows(plan, format, history)
      : history.lines(selection, { fields, style: format.style, separator: format.separator });
  let [started, written] = [false, 0];
  try {
    for await (const { bytes, rows, firstTimestamp, lastTimestamp } of chunks) {
      if (!started) await write(encoder.encode(format.opening(fields)));
      started = true;
      keeper.countRows(rows, firstTimestamp, lastTimestamp);
      onRows((written += rows));
      await write(bytes);
    }
    await write(encoder.encode(started ? format.closing : format.empty(fields)));
  } finally {
    await writer.settle();
  }
}

/** Lets one write run while the database makes the next chunk, never more: a slow reader slows the export down. */
function writeAhead(sink: ByteSink): ByteSink & { settle: () => Promise<void> } {
  let pending: Promise<void> = Promise.resolve();
  return {
    write: async (bytes) => {
      await pending;
      pending = bytes.length === 0 ? pending : sink.write(bytes);
      // Its failure is met at the next write, or in `settle`: until then nobody listens to it.
      pending.catch(() => undefined);
    },
    settle: () => pending,
  };
}

/**
 * Bodies are bytes of any size and SQLite has no base64: these rows pass through JavaScript, one by one. So do those of
 * a dialect, many at once.
 */
async function* writeRows(
  { selection, fields }: ExportPlan,
  format: ExportFormat,
  history: HistoryReader,
): ReturnType<HistoryReader['lines']> {
  const encoder = new TextEncoder();
  const write = format.writeLine ?? ((...row) => writeLine(format.style, ...row));
  let separator = '';
  for await (const rows of history.rows(selection, ['timestamp', ...fields])) {
    const lines = rows.map(([, ...cells]) => write(fields, cells));
    yield {
      bytes: encoder.encode(separator + lines.join(format.separator)),
      rows: rows.length,
      firstTimestamp: String(rows[0]?.[0]),
      lastTimestamp: String(rows.at(-1)?.[0]),
    };
    separator = format.separator;
  }
}
