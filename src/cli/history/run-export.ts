import { extname } from 'node:path';
import { FORMAT_NAMES } from '../../export/formats.ts';
import type { Manifest } from '../../export/manifest.ts';
import {
  exportHistory,
  exportTable,
  type ExportSettings,
  type ExportSummary,
} from '../../flows/history/export-history.ts';
import type { HistoryReader } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import { writeJsonText } from '../../model/json.ts';
import { PURPOSE_FIELD } from '../../model/export-field.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { answer, answerBytes, answerJson, say, SCHEMA_VERSION } from '../terminal/output.ts';
import { startWholeFile, type WholeFile } from '../terminal/whole-file.ts';
import type { StoreFlags } from '../terminal/flags.ts';
import { openEnvironment } from '../terminal/environment.ts';
import { inOwnName } from '../terminal/program-name.ts';
import { plural } from '../../model/wording.ts';
import { refuseHistoryItself } from './refuse-history-itself.ts';

/** The flags of `webhook export` and `mp-export`, as typed: the export room checks the texts. */
export interface ExportFlags extends StoreFlags, Omit<ExportSettings, 'format' | 'hash' | 'configured' | 'vendors'> {
  format?: string;
  json?: boolean;
  /** `-` is stdout. */
  output?: string;
  manifest?: boolean;
}

/** What is said below an export. */
type ExportOutcome = Omit<ExportSummary, 'manifest'>;

/** What fits a terminal, when no fields are asked for. */
const TABLE_FIELDS = ['timestamp', 'deliveryId', 'attempt', 'event', 'outcome', 'status', 'errorCode', 'durationMs'];

/** `webhook export` and `mp-export`. `program` is how it was called: the line of the next page repeats it. */
export async function runExport(program: string, flags: ExportFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const history = await environment.openReader();
  try {
    const { config, vendors } = environment;
    const settings = { ...flags, configured: config.webhooks.map(({ uuid }) => uuid), vendors: vendors.entries };
    const format = chooseFormat(flags);
    const { next, onlyTests } =
      format === 'table'
        ? await showTable(settings, history)
        : await writeExport({ ...settings, format }, flags, history);
    if (onlyTests) say(inOwnName('only requests of webhook test match: add --include-tests'));
    if (next !== null) say(`more: ${nextPageLine(program, flags, next)}`);
    return 0;
  } finally {
    await history.close();
  }
}

function chooseFormat(flags: ExportFlags): string {
  if (flags.json && flags.format !== undefined && flags.format !== 'json') {
    throw new AppError('usage', `--json and --format ${flags.format} exclude each other`);
  }
  const format = flags.json ? 'json' : (flags.format ?? defaultFormat(flags.output));
  if (format === 'table' && (flags.includeBodies || flags.manifest || isFile(flags.output))) {
    throw new AppError('usage', 'a table is for the eye: --include-bodies, --manifest and -o need another format', {
      hint: 'add --format csv, ndjson or json',
    });
  }
  return format;
}

function defaultFormat(output: string | undefined): string {
  if (!isFile(output)) return process.stdout.isTTY ? 'table' : 'csv';
  const ending = extname(output).slice(1).toLowerCase();
  return FORMAT_NAMES.find((name) => name === ending) ?? (ending === 'jsonl' ? 'ndjson' : 'csv');
}

function isFile(output: string | undefined): output is string {
  return output !== undefined && output !== '-';
}

async function showTable(settings: Omit<ExportSettings, 'format'>, history: HistoryReader): Promise<ExportOutcome> {
  const shown = settings.includeTests ? [...TABLE_FIELDS, PURPOSE_FIELD] : TABLE_FIELDS;
  const { fields, rows, next, onlyTests } = await exportTable(
    { ...settings, fields: settings.fields ?? shown.join(',') },
    history,
  );
  const { renderTable } = await import('../terminal/table.ts');
  if (rows.length === 0) say('no attempts match');
  else
    answer(
      renderTable(
        fields,
        rows.map((row) => row.map((cell) => String(cell ?? ''))),
      ),
    );
  return { next, onlyTests };
}

async function writeExport(
  settings: ExportSettings,
  flags: ExportFlags,
  history: HistoryReader,
): Promise<ExportOutcome> {
  const hashed = { ...settings, hash: flags.manifest === true };
  if (!isFile(flags.output)) {
    const { manifest, ...outcome } = await exportHistory(hashed, history, { write: answerBytes });
    if (flags.manifest) say(writeJsonText({ schemaVersion: SCHEMA_VERSION, ...manifest }));
    return outcome;
  }
  await refuseHistoryItself(flags.output, history);
  const file = await startWholeFile(flags.output, interruptSignal());
  const { manifest, ...outcome } = await keepOrDiscard(file, () => exportHistory(hashed, history, file));
  reportFile(flags, flags.output, manifest);
  return outcome;
}

async function keepOrDiscard<Result>(file: WholeFile, fill: () => Promise<Result>): Promise<Result> {
  try {
    const result = await fill();
    await file.keep();
    return result;
  } catch (error) {
    await file.discard();
    throw error;
  }
}

function reportFile(flags: ExportFlags, path: string, manifest: Manifest): void {
  if (flags.manifest) answerJson({ ...manifest });
  else say(`${plural(manifest.rows, 'row')} in ${path}`);
}

/** Every flag but those of where the result goes: whoever adds one is asked for it here. */
type RepeatedFlag = Exclude<keyof ExportFlags, 'output' | 'manifest'>;

/**
 * The command of the next page: the user's own filters again, and `--to` and `--as-of` so that pages stay where they
 * are.
 */
function nextPageLine(program: string, flags: ExportFlags, next: NonNullable<ExportSummary['next']>): string {
  const repeated: Record<RepeatedFlag, string | boolean | undefined> = {
    uuid: flags.uuid,
    from: flags.from,
    to: next.to,
    asOf: String(next.asOf),
    limit: flags.limit,
    page: String(next.page),
    order: flags.order === 'asc' ? flags.order : undefined,
    failed: flags.failed,
    event: flags.event,
    includeTests: flags.includeTests,
    fields: flags.fields,
    includeBodies: flags.includeBodies,
    format: flags.format,
    json: flags.json,
    history: typeof flags.history === 'string' ? flags.history : undefined,
    config: flags.config,
  };
  const words = Object.entries(repeated).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, quoteForShell(value)];
  });
  return [program, ...words].join(' ');
}
