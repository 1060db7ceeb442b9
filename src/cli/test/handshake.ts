import type { Command } from 'commander';
import { urlForShell } from '../../deliver/curl-command.ts';
import { openTargets, requireSecrets, type OpenTarget } from '../../flows/session/open-target.ts';
import { joinReports, runSuite, type SuiteResult } from '../../flows/test/run-suite.ts';
import { chooseSuiteTargets } from '../../flows/test/suite-choice.ts';
import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { durationMs } from '../terminal/flag-values.ts';
import { addNetworkFlags, addSecretFlags, type NetworkFlags, configFlag } from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { warn } from '../terminal/output.ts';
import { addReporterFlags, readReporters, writeReports, type ReporterFlags } from '../terminal/reporters.ts';
import { programName } from '../terminal/program-name.ts';

interface HandshakeFlags extends NetworkFlags, MaskFlags, SecretOptions, ReporterFlags {
  config?: string;
  url?: string;
  vendor?: string;
  waitReady?: number;
}

const MAX_TIME_MS = 30_000;

/** `webhook handshake` */
export function handshakeCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'ask an endpoint what its vendor asks before sending events',
    daily: ['--url', '--vendor', '--secret-env', '--wait-ready', '--reporter'],
    topics: ['conformance'],
    examples: [
      [
        'webhook handshake --vendor slack --url http://127.0.0.1:3000/hook --secret-env SLACK_SECRET',
        'the challenge that a new URL gets',
      ],
      ['webhook handshake shop --reporter junit=handshake.xml', 'of a configured webhook, in CI'],
    ],
  })
    .argument('[name...]', 'configured webhooks, by name or uuid (default: all)')
    .optionsGroup('Where to:')
    .option('--url <url>', 'the endpoint; with one NAME its secret and vendor are used')
    .option('--vendor <id>', 'with --url: the vendor that calls it')
    .option('--wait-ready <duration>', 'wait this long for the endpoint to answer at all', durationMs);
  addNetworkFlags(addMaskFlag(addSecretFlags(command)))
    .optionsGroup('Files:')
    .addOption(configFlag());
  return addReporterFlags(command).action(act(handshake));
}

async function handshake(names: string[], flags: HandshakeFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  const environment = await openEnvironment(flags);
  const { config, vendors } = environment;
  const chosen = await chooseSuiteTargets({ ...flags, names }, config, vendors);
  const asking = chosen.filter(({ vendor }) => vendor.handshakes !== undefined);
  if (asking.length === 0) throw await noQuestions(chosen[0]?.vendor.title ?? '', vendors);
  const targets = await openTargets(asking, flags, environment);
  requireSecrets(targets, []);
  for (const warning of new Set(targets.flatMap(({ warnings }) => warnings))) warn(warning);
  const results = await askAll(targets, flags, environment);
  const [only, ...others] = results;
  if (only === undefined) throw new Error('no target');
  const report = others.length === 0 ? only.report : joinReports(results.map((one) => one.report));
  await writeReports(report, outputs);
  if (results.some(({ answered }) => !answered)) return 3;
  return report.isGood ? 0 : 1;
}

async function askAll(
  targets: readonly OpenTarget[],
  flags: HandshakeFlags,
  { clock, recordIds: ids }: CommandEnvironment,
): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  try {
    for (const target of targets) {
      const options = {
        only: ['handshake-*'],
        skip: [],
        severity: 'must' as const,
        baseline: null,
        effects: null,
        maxTimeMs: flags.maxTime ?? MAX_TIME_MS,
        waitReadyMs: flags.waitReady,
        rerun: () => rerunLine(target),
      };
      const quiet = { clock, ids, signal: interruptSignal(), showProgress: () => undefined };
      results.push(await runSuite(target, options, quiet));
    }
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
  return results;
}

/** Secrets by the names of their places alone, which this line leaves to its reader. */
const rerunLine = ({ name, vendor, url }: OpenTarget): string =>
  name === undefined
    ? `${programName()} handshake --vendor ${vendor.id} --url ${urlForShell(url, 'hookproof')}`
    : `${programName()} handshake ${quoteForShell(name)}`;

async function noQuestions(title: string, vendors: VendorRegistry): Promise<AppError> {
  const asking = (await vendors.loadAll()).filter(({ handshakes }) => handshakes !== undefined);
  const known = asking.length === 0 ? 'a vendor file says it in "handshakes"' : asking.map(({ id }) => id).join(', ');
  return new AppError('usage', `${title} asks nothing beside its events, as far as is known`, {
    hint: `known to ask: ${known}`,
  });
}
