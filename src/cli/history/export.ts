import { type Command, Option } from 'commander';
import { DEFAULT_PAGE_ROWS } from '../../export/export-plan.ts';
import { CSV_DIALECT_NAMES, FORMAT_NAMES, PAGE_FORMAT } from '../../export/formats.ts';
import { DIRECTIONS } from '../../model/attempt.ts';
import { EXPORT_FIELDS, PURPOSE_FIELD } from '../../model/export-field.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { MOMENT_FORMS, moment } from '../terminal/flag-values.ts';
import { addStoreFlags, addWebhookFlag, KEPT_NAMES, webhookSpelling } from '../terminal/flags.ts';
import { MP_EXPORT, type ExportFlags } from './export-flags.ts';
import { refuseSpreadsheetFormat } from './file-ending.ts';

/** `webhook export` and `mp-export` are the same command; the latter asks for a webhook, by the flag it always had. */
export function exportCommand(name: string): Command {
  const isOld = name === MP_EXPORT;
  const flag = isOld ? '--uuid' : '--webhook';
  const command = makeCommand(name, {
    summary: `export the history as CSV, NDJSON, JSON, HTML or a table${isOld ? '' : ' (= mp-export)'}`,
    daily: [flag, '--from', '--to', '--limit', '--failed', '--format', '--output'],
    insteadOfArguments: `${flag} NAME names the webhook; -o FILE writes a file`,
    flagFor: (word) => (/\.\w+$/.test(word) ? '--output' : flag),
    examples: [
      [`${name} ${flag} shop`, 'everything from this webhook: a table on a terminal, CSV in a pipe'],
      [
        `${name} ${flag} shop --from 2026-11-01 --to 2026-11-30 --limit 100 --page 2`,
        'the second newest hundred attempts of November',
      ],
      [`${name} --all --since 24h --failed --format ndjson | jq .error`, 'what went wrong since yesterday'],
      [
        `${name} ${flag} shop -o november.csv --manifest`,
        'a file that is written completely or not at all, with its row count and SHA-256',
      ],
      [`${name} ${flag} shop -o november.csv --csv-dialect excel`, 'CSV that Excel opens with a double click'],
    ],
  });
  if (isOld) command.option('--uuid <name>', `the webhook: ${KEPT_NAMES}`).addOption(webhookSpelling('uuid'));
  else addWebhookFlag(command, 'uuid', 'only of this webhook');
  command.addOption(
    new Option('--all', `every webhook at once${isOld ? '' : ' (as without --webhook)'}`).conflicts('uuid'),
  );
  return addStoreFlags(addOutputFlags(addSelectionFlags(command))).action(
    act(async (flags: ExportFlags) => (await import('./run-export.ts')).runExport(name, flags)),
  );
}

function addSelectionFlags(command: Command): Command {
  return command
    .optionsGroup('Which attempts:')
    .option('--from <time>', `from then, included: ${MOMENT_FORMS}`)
    .option('--to <time>', 'up to then, included')
    .addOption(new Option('--since <when>', 'the same as --from').argParser(moment).conflicts('from'))
    .option('--limit <rows>', 'only the last N')
    .option('--page <number>', `a page of --limit rows (${DEFAULT_PAGE_ROWS} without it); 1 is the newest`)
    .option(
      '--as-of <number>',
      'only what was recorded by then: the "more:" line prints it, so that pages never overlap or skip',
    )
    .addOption(
      new Option('--order <order>', 'order of the rows: newest or oldest first')
        .choices(['desc', 'asc'])
        .default('desc'),
    )
    .option('--failed', 'only attempts that were not delivered')
    .option('--event <name>', 'only this event')
    .addOption(new Option('--direction <direction>', 'only those received (in) or sent (out)').choices(DIRECTIONS))
    .option('--include-tests', 'also the requests that webhook test --record kept, with a column purpose');
}

/** What is refused in words of its own before the choices are looked at. */
function withRefusal(option: Option, refuse: (given: string) => void): Option {
  const { parseArg } = option;
  return option.argParser((given: string, previous: unknown) => {
    refuse(given);
    return parseArg?.(given, previous) ?? given;
  });
}

function addOutputFlags(command: Command): Command {
  return command
    .optionsGroup('Which fields:')
    .option('--fields <names>', `only these, in this order: ${[...EXPORT_FIELDS, PURPOSE_FIELD].join(', ')}`)
    .option('--include-bodies', 'add requestBody and responseBody, in base64')
    .addOption(
      withRefusal(
        new Option('--format <format>', 'default: table on a terminal, by the ending of -o, else csv').choices([
          'table',
          ...FORMAT_NAMES,
          PAGE_FORMAT,
        ]),
        refuseSpreadsheetFormat,
      ),
    )
    .addOption(
      new Option('--csv-dialect <dialect>', 'CSV as Excel opens it: with semicolons, or commas').choices(
        CSV_DIALECT_NAMES,
      ),
    )
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write this file, complete or not at all (- is stdout)')
    .option(
      '--manifest',
      'print row count, first and last timestamp and SHA-256, as text on a terminal, else as JSON: on stdout ' +
        'with -o, else on stderr',
    );
}
