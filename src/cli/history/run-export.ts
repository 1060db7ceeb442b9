import { basename, extname } from 'node:path';
import { FORMAT_NAMES, PAGE_FORMAT } from '../../export/formats.ts';
import type { Manifest } from '../../export/manifest.ts';
import {
  exportHistory,
  exportTable,
  type ExportSettings,
  type ExportSummary,
} from '../../flows/history/export-history.ts';
import { findWebhookUuid } from '../../flows/history/find-webhook.ts';
import type { HistoryReader } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import { writeJsonText } from '../../model/json.ts';
import { PURPOSE_FIELD, type ExportField } from '../../model/export-field.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { answer, answerBytes, answerJson, say, SCHEMA_VERSION } from '../terminal/output.ts';
import { startWholeFile, type WholeFile } from '../terminal/whole-file.ts';
import { MP_EXPORT, type ExportFlags } from './export-flags.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { isoText, momentMs } from '../terminal/flag-values.ts';
import { inOwnName } from '../terminal/program-name.ts';
import { plural } from '../../model/wording.ts';
import { refuseHistoryItself } from './refuse-history-itself.ts';

/** What is said below an export. */
type ExportOutcome = Omit<ExportSummary, 'manifest'>;

/** What fits a terminal, when no fields are asked for. */
const TABLE_FIELDS: readonly ExportField[] = [
  'timestamp',
  'deliveryId',
  'attempt',
  'event',
  'outcome',
  'status',
  'errorCode',
  'durationMs',
];

/** `webhook export` and `mp-export`. `program` is how it was called: the line of the next page repeats it. */
export async function runExport(program: string, flags: ExportFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const history = await environment.openReader();
  try {
    if (isFile(flags.output)) await refuseHistoryItself(flags.output, history);
    const format = chooseFormat(flags);
    const timed = withTimes(flags, environment.clock.now());
    const settings = await readSettings(program, timed, environment, history);
    if (format === PAGE_FORMAT) {
      const { exportPage } = await import('./export-page.ts');
      await exportPage(settings, flags, environment, history);
      return 0;
    }
    const { next, onlyTests } =
      format === 'table'
        ? await showTable(settings, environment, history)
        : await writeExport({ ...settings, format }, flags, history);
    if (onlyTests) say(inOwnName('only requests of webhook test match: add --include-tests'));
    if (next !== null) say(`more: ${nextPageLine(program, timed, next)}`);
    return 0;
  } finally {
    await history.close();
  }
}

/** A time so long ago is another one on the next page. */
function withTimes({ since, ...flags }: ExportFlags, nowMs: number): ExportFlags {
  const [from, to] = [flags.from, flags.to].map((text) => text && isoText(text, nowMs));
  return { ...flags, from: since === undefined ? from : new Date(momentMs(since, nowMs)).toISOString(), to };
}

async function readSettings(
  program: string,
  flags: ExportFlags,
  { config, vendors }: CommandEnvironment,
  history: HistoryReader,
): Promise<Omit<ExportSettings, 'format'>> {
  const { uuid } = flags;
  return {
    ...flags,
    uuid: uuid === undefined ? undefined : await findWebhookUuid(uuid, config.webhooks, history),
    // mp-export has always asked for one webhook.
    all: flags.all === true || program !== MP_EXPORT,
    configured: config.webhooks.map((webhook) => webhook.uuid),
    vendors: vendors.entries,
  };
}

function chooseFormat(flags: ExportFlags): string {
  if (flags.json && flags.format !== undefined && flags.format !== 'json') {
    throw new AppError('usage', `--json and --format ${flags.format} exclude each other`);
  }
  refuseSpreadsheet(flags.output);
  const asked = flags.json ? 'json' : flags.format;
  const format = asked ?? (flags.csvDialect === undefined ? defaultFormat(flags.output) : 'csv');
  if (format === 'table' && (flags.includeBodies || flags.manifest || isFile(flags.output))) {
    throw new AppError('usage', 'a table is for the eye: --include-bodies, --manifest and -o need another format', {
      hint: 'add --format csv, ndjson or json',
    });
  }
  return format;
}

/** Files of spreadsheet programs: nothing of ours is one, whatever `--format` says. */
const SPREADSHEETS = new Set(['xlsx', 'xlsm', 'xlsb', 'xls', 'ods', 'numbers']);

function refuseSpreadsheet(output: string | undefined): void {
  if (!isFile(output) || !SPREADSHEETS.has(endingOf(output))) return;
  const name = basename(output, extname(output));
  throw new AppError('usage', `-o ${output}: no format makes .${endingOf(output)} files`, {
    hint: `write CSV, which spreadsheets open: -o ${quoteForShell(`${name}.csv`)} --csv-dialect excel`,
  });
}

function defaultFormat(output: string | undefined): string {
  if (!isFile(output)) return process.stdout.isTTY ? 'table' : 'csv';
  const ending = endingOf(output);
  if (ending === '') return 'csv';
  const names = [...FORMAT_NAMES, PAGE_FORMAT];
  const format = names.find((name) => name === ending) ?? ENDINGS[ending];
  if (format !== undefined) return format;
  throw new AppError('usage', `-o ${output}: .${ending} is no format`, {
    hint: `name it .${names.join(', .')}, or say what it is to be: --format csv`,
    unknown: { given: ending, among: names },
  });
}

/** Other endings of the same formats. */
const ENDINGS: Readonly<Record<string, string | undefined>> = { jsonl: 'ndjson', htm: PAGE_FORMAT };

const endingOf = (file: string): string => extname(file).slice(1).toLowerCase();

function isFile(output: string | undefined): output is string {
  return output !== undefined && output !== '-';
}

async function showTable(
  settings: Omit<ExportSettings, 'format'>,
  environment: CommandEnvironment,
  history: HistoryReader,
): Promise<ExportOutcome> {
  const shown = [...TABLE_FIELDS];
  if (settings.uuid === undefined) shown.push('webhookUuid');
  if (settings.includeTests) shown.push(PURPOSE_FIELD);
  const { fields, rows, next, onlyTests } = await exportTable(
    { ...settings, fields: settings.fields ?? shown.join(',') },
    history,
  );
  if (rows.length === 0) say('no attempts match');
  else {
    const { renderAttempts } = await import('./render-attempts.ts');
    answer(await renderAttempts(fields, rows, environment, history));
  }
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
type RepeatedFlag = Exclude<keyof ExportFlags, 'uuid' | 'since' | 'output' | 'manifest'>;

/**
 * The command of the next page: the user's own filters again, and `--to` and `--as-of` so that pages stay where they
 * are.
 */
function nextPageLine(program: string, flags: ExportFlags, next: NonNullable<ExportSummary['next']>): string {
  const repeated: Record<RepeatedFlag, string | boolean | undefined> = {
    all: flags.all,
    from: flags.from,
    to: next.to,
    asOf: String(next.asOf),
    limit: flags.limit,
    page: String(next.page),
    order: flags.order === 'asc' ? flags.order : undefined,
    failed: flags.failed,
    event: flags.event,
    direction: flags.direction,
    includeTests: flags.includeTests,
    fields: flags.fields,
    includeBodies: flags.includeBodies,
    format: flags.format,
    csvDialect: flags.csvDialect,
    json: flags.json,
    history: typeof flags.history === 'string' ? flags.history : undefined,
    config: flags.config,
  };
  const named = { [program === MP_EXPORT ? 'uuid' : 'webhook']: flags.uuid };
  const words = Object.entries({ ...named, ...repeated }).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? [flag] : [flag, quoteForShell(value)];
  });
  return [program, ...words].join(' ');
}
