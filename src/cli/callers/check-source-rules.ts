import { expectCallers } from '../../flows/callers/accepted-sources.ts';
import { checkServerRules } from '../../flows/callers/check-server-rules.ts';
import { processEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { findNearMiss } from '../terminal/names.ts';
import { readReporters, writeReports } from '../terminal/reporters.ts';
import { readAcceptedSources } from './read-accepted-sources.ts';
import type { SourceFlags } from './source-flags.ts';

/** `check-source --nginx` and `--apache`. */
export async function checkSourceRules(flags: SourceFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const sources = await readAcceptedSources(flags);
  const { nginx, apache, path = '', host, port, behind, part } = flags;
  const report = await checkServerRules(
    { nginx, apache, path, host, port, behind, part },
    expectCallers(sources),
    processEnvironment().clock,
    findNearMiss,
  );
  await writeReports(report, outputs);
  return report.isGood ? 0 : 1;
}
