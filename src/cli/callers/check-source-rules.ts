import { expectCallers } from '../../flows/callers/accepted-sources.ts';
import { checkServerRules } from '../../flows/callers/check-server-rules.ts';
import { processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { findNearMiss } from '../terminal/names.ts';
import { readReporters, writeReports } from '../terminal/reporters.ts';
import { readAcceptedSources } from './read-accepted-sources.ts';
import { readInput, refuseTwoReaders } from '../terminal/read-input.ts';
import type { SourceFlags } from './source-flags.ts';

/** All files of a configuration together. */
const MAX_DUMP_BYTES = 16 * 1024 * 1024;

/** `check-source --nginx` and `--apache`. */
export async function checkSourceRules(flags: SourceFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const { nginx, apache, allowFile, path = '', host, port, behind, behindHeader, part, askServer } = flags;
  const { clock, env } = processEnvironment();
  refuseTwoReaders([nginx, apache, ...allowFile], 'the configuration or for a list');
  const sources = await readAcceptedSources(flags);
  const input =
    (nginx ?? apache) === '-'
      ? await readInput('-', nginx === '-' ? '--nginx' : '--apache', MAX_DUMP_BYTES)
      : undefined;
  const report = await checkServerRules(
    {
      nginx,
      apache,
      input,
      path,
      host,
      port,
      behind,
      behindHeader,
      part,
      ...(askServer === true ? { askIn: env } : {}),
    },
    expectCallers(sources),
    clock,
    findNearMiss,
  );
  await writeReports(report, outputs);
  return report.isGood ? 0 : 1;
}
