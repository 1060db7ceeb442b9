import { systemClock } from '../../flows/session/clock.ts';
import { checkServerRules } from '../../flows/callers/check-server-rules.ts';
import { expectNetworks } from '../../flows/callers/expected-networks.ts';
import type { SourceFlags } from './source-flags.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { readWays } from './read-ways.ts';
import { findNearMiss } from '../terminal/names.ts';
import { readReporters } from '../terminal/reporter-flags.ts';
import { writeReports } from '../terminal/reporters.ts';

/** `check-source --nginx` and `--apache`. */
export async function checkRules(flags: SourceFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const ways = await readWays(flags);
  const { nginx, apache, path = '', host, port, behind, part } = flags;
  const place = {
    path,
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(behind === undefined ? {} : { behind }),
    ...(part === undefined ? {} : { part }),
  };
  const report = checkServerRules(
    { ...place, ...(nginx === undefined ? {} : { nginx }), ...(apache === undefined ? {} : { apache }) },
    expectNetworks(ways),
    systemClock,
    findNearMiss,
  );
  await writeReports(report, outputs);
  return report.isGood ? 0 : 1;
}
