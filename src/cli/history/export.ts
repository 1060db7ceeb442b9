import { type Command, Option } from 'commander';
import { DEFAULT_PAGE_ROWS } from '../../export/export-plan.ts';
import { FORMAT_NAMES } from '../../export/formats.ts';
import { EXPORT_FIELDS, PURPOSE_FIELD } from '../../model/export-field.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExportFlags } from './run-export.ts';
import { addStoreFlags } from '../terminal/flags.ts';

/** `webhook export` and `mp-export` are the same command. */
export function exportCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'export the history as CSV, NDJSON, JSON or a table (= mp-export)',
    daily: ['--uuid', '--from', '--to', '--limit', '--failed', '--format', '--output'],
    insteadOfArguments: '--uuid UUID names the webhook; -o FILE writes a file',
    flagFor: (word) => (/\.\w+$/.test(word) ? '--output' : '--uuid'),
    examples: [
      [
        `${name} --uuid 123e4567-e89b-12d3-a456-426614174000`,
        'everything of this webhook: a table on a terminal, CSV in a pipe',
      ],
      [
        `${name} --uuid … --from 2026-11-01 --to 2026-11-30 --limit 100 --page 2`,
        'the second newest hundred attempts of November',
      ],
      [`${name} --uuid … --failed --format ndjson | jq .error`, 'what went wrong'],
      [
        `${name} --uuid … -o november.csv --manifest`,
        'a file that is complete or not there at all, with its row count and SHA-256',
      ],
    ],
  }).option('--uuid <uuid>', 'the webhook; webhook send shows it (required)');
  return addStoreFlags(addOutputFlags(addSelectionFlags(command))).action(
    act(async (flags: ExportFlags) => (await import('./run-export.ts')).runExport(name, flags)),
  );
}

function addSelectionFlags(command: Command): Command {
  return command
    .optionsGroup('Which attempts:')
    .option('--from <time>', 'from this day (2026-11-01, UTC) or time (2026-11-01T09:00:00Z), included')
    .option('--to <time>', 'up to this day or time, included')
    .option('--limit <rows>', 'only the last so many')
    .option('--page <number>', `a page of --limit rows (${DEFAULT_PAGE_ROWS} without it); 1 is the newest`)
    .option(
      '--as-of <number>',
      'only what was recorded by then: the line "more:" gives it, so that pages never overlap or skip',
    )
    .addOption(
      new Option('--order <order>', 'of the rows: newest or oldest first').choices(['desc', 'asc']).default('desc'),
    )
    .option('--failed', 'only attempts that were not delivered')
    .option('--event <name>', 'only this event')
    .option('--include-tests', 'also the requests that webhook test --record kept, with a column purpose');
}

function addOutputFlags(command: Command): Command {
  return command
    .optionsGroup('What of them:')
    .option('--fields <names>', `only these, in this order: ${[...EXPORT_FIELDS, PURPOSE_FIELD].join(', ')}`)
    .option('--include-bodies', 'add requestBody and responseBody, in base64')
    .addOption(
      new Option('--format <format>', 'default: table on a terminal, by the ending of -o, else csv').choices([
        'table',
        ...FORMAT_NAMES,
      ]),
    )
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write this file, complete or not at all (- is stdout)')
    .option(
      '--manifest',
      'tell row count, first and last timestamp and SHA-256 as JSON: on stdout with -o, else on stderr',
    );
}
