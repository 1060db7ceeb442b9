import { realpath } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import { DEFAULT_PAGE_ROWS } from '../export/export-plan.ts';
import { FORMAT_NAMES } from '../export/find-format.ts';
import type { Manifest } from '../export/manifest.ts';
import { exportHistory, exportTable, type ExportSettings, type ExportSummary } from '../flows/export-history.ts';
import type { History } from '../history/history.ts';
import { AppError } from '../model/error.ts';
import { EXPORT_FIELDS } from '../model/export-field.ts';
import { act, makeCommand } from './command.ts';
import { interruptSignal, type ExitCode } from './exit.ts';
import type { ExportFlags } from './export-flags.ts';
import { addStoreFlags } from './flags.ts';
import { nextPageLine } from './next-page.ts';
import { answer, answerBytes, answerJson, say, SCHEMA_VERSION } from './output.ts';
import { startWholeFile, type WholeFile } from './whole-file.ts';
import { openWorld } from './world.ts';

/** What fits a terminal, when no fields are asked for. */
const TABLE_FIELDS = ['timestamp', 'deliveryId', 'attempt', 'event', 'outcome', 'status', 'errorCode', 'durationMs'];

/** `webhook export` and `mp-export` are the same command. */
export function exportCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'the delivery history of one webhook, a row for each attempt',
    examples: [
      [`${name} --uuid 123e4567-e89b-12d3-a456-426614174000`, 'everything of this webhook: a table on a terminal, CSV in a pipe'],
      [`${name} --uuid … --from 2026-11-01 --to 2026-11-30 --limit 100 --page 2`, 'the second newest hundred attempts of November'],
      [`${name} --uuid … --failed --format ndjson | jq .error`, 'what went wrong'],
      [`${name} --uuid … -o november.csv --manifest`, 'a file that is complete or not there at all, with its row count and SHA-256'],
    ],
  })
    .option('--uuid <uuid>', 'the webhook; webhook send shows it (required)')
    .optionsGroup('Which attempts:')
    .option('--from <time>', 'from this day (2026-11-01, UTC) or time (2026-11-01T09:00:00Z), included')
    .option('--to <time>', 'up to this day or time, included')
    .option('--limit <rows>', 'only the last so many')
    .option('--page <number>', `a page of --limit rows (${DEFAULT_PAGE_ROWS} without it); 1 is the newest`)
    .addOption(new Option('--order <order>', 'of the rows: newest or oldest first').choices(['desc', 'asc']).default('desc'))
    .option('--failed', 'only attempts that were not delivered')
    .option('--event <name>', 'only this event')
    .optionsGroup('What of them:')
    .option('--fields <names>', `only these, in this order: ${EXPORT_FIELDS.join(', ')}`)
    .option('--include-bodies', 'add requestBody and responseBody, in base64')
    .addOption(new Option('--format <format>', 'default: table on a terminal, by the ending of -o, else csv').choices(['table', ...FORMAT_NAMES]))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write this file, complete or not at all (- is stdout)')
    .option('--manifest', 'tell row count, first and last timestamp and SHA-256 as JSON: on stdout with -o, else on stderr');
  return addStoreFlags(command).action(act((flags: ExportFlags) => runExport(name, flags)));
}

async function runExport(program: string, flags: ExportFlags): Promise<ExitCode> {
  const world = await openWorld(flags);
  const history = await world.openHistory({ readonly: true });
  if (history === null) throw new AppError('usage', 'an export needs the history');
  try {
    const settings = { ...flags, configured: world.config.webhooks.map(({ uuid }) => uuid) };
    const format = chooseFormat(flags);
    const next = format === 'table' ? await showTable(settings, history) : await writeExport({ ...settings, format }, flags, history);
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
    throw new AppError('usage', 'a table is for the eye: --include-bodies, --manifest and -o need another format', { hint: 'Add --format csv, ndjson or json.' });
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

async function showTable(settings: Omit<ExportSettings, 'format'>, history: History): Promise<ExportSummary['next']> {
  const { fields, rows, next } = await exportTable({ ...settings, fields: settings.fields ?? TABLE_FIELDS.join(',') }, history);
  const { renderTable } = await import('./render/table.ts');
  if (rows.length === 0) say('no attempts match');
  else answer(renderTable(fields, rows.map((row) => row.map((cell) => String(cell ?? '')))));
  return next;
}

async function writeExport(settings: ExportSettings, flags: ExportFlags, history: History): Promise<ExportSummary['next']> {
  const hashed = { ...settings, hash: flags.manifest === true };
  if (!isFile(flags.output)) {
    const { manifest, next } = await exportHistory(hashed, history, { write: answerBytes });
    if (flags.manifest) say(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...manifest }));
    return next;
  }
  await refuseHistoryItself(flags.output, history);
  const file = await startWholeFile(flags.output, interruptSignal());
  const { manifest, next } = await keepOrDiscard(file, () => exportHistory(hashed, history, file));
  reportFile(flags, flags.output, manifest);
  return next;
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
  else say(`${manifest.rows} ${manifest.rows === 1 ? 'row' : 'rows'} in ${path}`);
}

async function refuseHistoryItself(output: string, history: History): Promise<void> {
  const [written, read] = await Promise.all([output, history.path].map((path) => realpath(path).catch(() => null)));
  if (written !== null && written === read) throw new AppError('usage', `-o ${output} is the history itself`, { hint: 'Give another file.' });
}
