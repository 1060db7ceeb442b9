import { chooseOutcomes, type ExportSettings } from '../../flows/history/export-history.ts';
import type { HistoryReader } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import { say } from '../terminal/output.ts';
import { inOwnName } from '../terminal/program-name.ts';
import { plainLine } from '../terminal/text.ts';
import type { ExportFlags } from './export-flags.ts';
import { refuseTerminal, writeHistoryPage } from './run-report.ts';

/** `--format html`: the page of `webhook report`, of the attempts that the flags of the export choose. */
export async function exportPage(
  settings: Omit<ExportSettings, 'format'>,
  flags: ExportFlags,
  environment: CommandEnvironment,
  history: HistoryReader,
): Promise<void> {
  refuseTerminal(flags.output);
  refuseRowFlags(flags);
  const filter = await chooseOutcomes(settings, history);
  const attempts = await writeHistoryPage({
    environment,
    history,
    filter,
    reports: [],
    loads: [],
    output: flags.output,
  });
  if (attempts === 0) say(inOwnName(`nothing in ${plainLine(history.path)} matches`));
}

/** A page tells of all attempts together: what chooses rows or their cells would be left out without a word. */
function refuseRowFlags(flags: ExportFlags): void {
  const given = [
    flags.limit === undefined ? null : '--limit',
    flags.page === undefined ? null : '--page',
    flags.asOf === undefined ? null : '--as-of',
    flags.order === 'asc' ? '--order' : null,
    flags.failed ? '--failed' : null,
    flags.fields === undefined ? null : '--fields',
    flags.includeBodies ? '--include-bodies' : null,
    flags.csvDialect === undefined ? null : '--csv-dialect',
    flags.manifest ? '--manifest' : null,
  ].find((flag) => flag !== null);
  if (given === undefined) return;
  throw new AppError('usage', `${given} applies to rows, but an HTML page covers all chosen attempts`, {
    hint: `leave ${given} out, or write rows: --format csv`,
  });
}
