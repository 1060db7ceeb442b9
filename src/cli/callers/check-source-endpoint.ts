import { urlForShell } from '../../deliver/curl-command.ts';
import { expectCallers, type ExpectedCallers } from '../../flows/callers/accepted-sources.ts';
import { checkEndpointSource } from '../../flows/callers/check-endpoint-source.ts';
import { chooseSuiteTargets } from '../../flows/test/suite-choice.ts';
import { openTarget, type OpenTarget } from '../../flows/session/open-target.ts';
import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { warn } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { readReporters, writeReports } from '../terminal/reporters.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { readAcceptedSources } from './read-accepted-sources.ts';
import type { SourceFlags } from './source-flags.ts';
import { programName } from '../terminal/program-name.ts';

/** `check-source --url`. */
export async function checkSourceEndpoint(flags: SourceFlags, maxTimeMs: number): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const environment = await openEnvironment({ config: flags.config });
  const target = await openEndpoint(flags, environment);
  for (const warning of target.warnings) warn(warning);
  const progress = startProgress();
  try {
    const vendor = quoteForShell(flags.vendor[0] ?? target.vendor.id);
    const rerun = (id: string): string =>
      `${programName()} test --url ${urlForShell(target.url, 'hookproof')} --vendor ${vendor} --only ${id}`;
    const { clock, recordIds, signal } = environment;
    const { report, answered } = await checkEndpointSource(
      target,
      await expectedOf(flags),
      { maxTimeMs, rerun },
      { clock, recordIds, signal, showProgress: (text) => progress.show(text) },
    );
    progress.clear();
    await writeReports(report, outputs);
    if (!answered) return 3;
    return report.isGood ? 0 : 1;
  } finally {
    progress.clear();
    await target.close();
  }
}

/** Throws AppError `usage` for several vendors: the endpoint is called as one. */
async function openEndpoint(flags: SourceFlags, environment: CommandEnvironment): Promise<OpenTarget> {
  const { url = '', to } = flags;
  const [vendor, other] = flags.vendor;
  if (vendor !== undefined && other !== undefined)
    throw new AppError(
      'usage',
      `--url is called as one vendor, but ${flags.vendor.length} were given: ${flags.vendor.join(', ')}`,
      { hint: `run it with --vendor ${vendor}, then with --vendor ${other}` },
    );
  const choice = { names: to === undefined ? [] : [to], url, vendor };
  const [target] = await chooseSuiteTargets(choice, environment.config, environment.vendors);
  if (target === undefined) throw new Error('one URL makes one target');
  return openTarget(target, flags, environment);
}

/** Without a list there is no address of the vendor to claim, but the endpoint is called all the same. */
async function expectedOf(flags: SourceFlags): Promise<ExpectedCallers> {
  const hasList = flags.allow.length > 0 || flags.allowFile.length > 0;
  if (!hasList) return { networks: [], suffixes: [], whyNobody: null };
  const { to: _to, ...lists } = flags;
  return expectCallers(await readAcceptedSources({ ...lists, vendor: [], suffix: [] }));
}
