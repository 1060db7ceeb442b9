import { PAGE_FORMAT } from '../../export/formats.ts';
import type { Manifest } from '../../export/manifest.ts';
import {
  exportHistory,
  exportTable,
  type ExportSettings,
  type ExportSummary,
} from '../../flows/history/export-history.ts';
import { findWebhookUuid } from '../../flows/history/find-webhook.ts';
import type { HistoryReader } from '../../history/history.ts';
import { withoutPassword } from '../../history/postgres/address.ts';
import { AppError } from '../../model/error.ts';
import { writeJsonText } from '../../model/json.ts';
import { PURPOSE_FIELD, type ExportField } from '../../model/export-field.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { answer, answerBytes, answerJson, say, SCHEMA_VERSION } from '../terminal/output.ts';
import { refuseHistoryItself, startWholeFile, type WholeFile } from '../terminal/whole-file.ts';
import { MP_EXPORT, type ExportFlags } from './export-flags.ts';
import { formatByEnding, isFile, refuseSpreadsheet } from './file-ending.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { isoText, momentMs } from '../terminal/flag-values.ts';
import { inOwnName } from '../terminal/program-name.ts';
import { startProgress } from '../terminal/progress.ts';
import { plainLine, wrapText } from '../terminal/text.ts';
import { plural } from '../../model/wording.ts';
import { screenOf, type Screen } from '../terminal/stdio.ts';

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
    if (isFile(flags.output)) await refuseHistoryItself(flags.output, history.path);
    const format = chooseFormat(flags);
    const timed = withTimes(flags, environment.clock.now());
    const settings = await readSettings(program, timed, environment, history);
    if (format === PAGE_FORMAT) {
      const { exportPage } = await import('./export-page.ts');
      await exportPage(settings, flags, environment, history);
      return 0;
    }
    const { next, onlyTests, isBeyond } =
      format === 'table'
        ? await showTable(settings, environment, history)
        : await writeExport({ ...settings, format }, flags, history);
    if (isBeyond) say(`page ${flags.page} has no attempts: the pages end before it`);
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
    throw new AppError('usage', `--json and --format ${flags.format} cannot be combined`);
  }
  refuseSpreadsheet(flags.output);
  const asked = flags.json ? 'json' : flags.format;
  const format = asked ?? (flags.csvDialect === undefined ? defaultFormat(flags.output) : 'csv');
  if (format === 'table' && (flags.includeBodies || flags.manifest || isFile(flags.output))) {
    throw new AppError('usage', 'a table is for reading: --include-bodies, --manifest and -o need another format', {
      hint: 'add --format csv, ndjson or json',
    });
  }
  return format;
}

function defaultFormat(output: string | undefined): string {
  if (isFile(output)) return formatByEnding(output) ?? 'csv';
  return screenOf(1).isTTY ? 'table' : 'csv';
}

async function showTable(
  settings: Omit<ExportSettings, 'format'>,
  environment: CommandEnvironment,
  history: HistoryReader,
): Promise<ExportOutcome> {
  const shown = [...TABLE_FIELDS];
  if (settings.uuid === undefined) shown.push('webhookUuid');
  if (settings.includeTests) shown.push(PURPOSE_FIELD);
  const { fields, rows, next, onlyTests, isBeyond } = await exportTable(
    { ...settings, fields: settings.fields ?? shown.join(',') },
    history,
  );
  if (rows.length === 0 && !isBeyond) say('no attempts match');
  else if (rows.length > 0) {
    const { renderAttempts } = await import('./render-attempts.ts');
    answer(await renderAttempts(fields, rows, environment, history));
  }
  return { next, onlyTests, isBeyond };
}

async function writeExport(
  settings: ExportSettings,
  flags: ExportFlags,
  history: HistoryReader,
): Promise<ExportOutcome> {
  const hashed = { ...settings, hash: flags.manifest === true };
  if (!isFile(flags.output)) {
    const { manifest, ...outcome } = await exportHistory(hashed, history, { write: answerBytes });
    if (flags.manifest && isForEye(flags, screenOf(2))) say(manifestText(manifest, 'stdout', screenOf(2)));
    else if (flags.manifest) say(writeJsonText({ schemaVersion: SCHEMA_VERSION, ...manifest }));
    return outcome;
  }
  const file = await startWholeFile(flags.output, interruptSignal());
  const progress = startProgress();
  progress.show('reading the history');
  const onRows = (rows: number): void => progress.show(`${plural(rows, 'row')} written`);
  const onCounted = (attempts: number): void => {
    interruptSignal().throwIfAborted();
    progress.show(`${plural(attempts, 'attempt')} counted, which is done once`);
  };
  const written = keepOrDiscard(file, () => exportHistory(hashed, history, file, onRows, onCounted));
  const { manifest, ...outcome } = await written.finally(progress.clear);
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
  if (flags.manifest && isForEye(flags, screenOf(1))) answer(manifestText(manifest, path, screenOf(1)));
  else if (flags.manifest) answerJson({ ...manifest });
  else say(`${plural(manifest.rows, 'row')} in ${plainLine(path)}`);
}

/** On a terminal a person reads the manifest, unless JSON was asked for. */
const isForEye = ({ json }: ExportFlags, stream: Screen): boolean => stream.isTTY === true && json !== true;

/** What a person compares. */
function manifestText(manifest: Manifest, name: string, stream: Screen): string {
  const { rows, bytes, firstTimestamp, lastTimestamp, sha256 } = manifest;
  const lines: [label: string, value: string | null][] = [
    ['rows', `${rows} in ${name}, ${plural(bytes, 'byte')}`],
    ['first', firstTimestamp],
    ['last', lastTimestamp],
    ['sha256', sha256],
  ];
  return lines
    .flatMap(([label, value]) => (value === null ? [] : wrapText(value, label.padEnd('sha256  '.length), stream)))
    .join('\n');
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
    history: typeof flags.history === 'string' ? withoutPassword(flags.history) : undefined,
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
