import type { Command } from 'commander';
import { urlForShell } from '../../deliver/curl-command.ts';
import { openTargets, requireSecrets, type OpenTarget, secretsOf } from '../../flows/session/open-target.ts';
import { callbackOriginOf } from '../../flows/session/callback-origin.ts';
import { joinReports, runSuite, type SuiteResult } from '../../flows/test/run-suite.ts';
import { chooseSuiteTargets } from '../../flows/test/suite-choice.ts';
import type { Finding } from '../../model/finding.ts';
import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { addStartFlags, withApplication } from '../terminal/start-flags.ts';
import type { StartFlags } from '../terminal/started-run.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { WEBHOOK_NAMES, addNetworkFlags, addSecretFlags, type NetworkFlags, configFlag } from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { warn } from '../terminal/output.ts';
import { CALLBACKS_AT } from './test-flags.ts';
import { addReporterFlags, readReporters, writeReports, type ReporterFlags } from '../terminal/reporters.ts';
import { programName } from '../terminal/program-name.ts';

interface HandshakeFlags extends NetworkFlags, MaskFlags, SecretOptions, ReporterFlags, StartFlags {
  config?: string;
  url?: string;
  vendor?: string;
  callbacksAt?: string;
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
        'the challenge that a new URL receives',
      ],
      ['webhook handshake shop --reporter junit=handshake.xml', 'for a configured webhook, in CI'],
    ],
  })
    .argument('[name...]', `configured webhooks, each by ${WEBHOOK_NAMES} (default: all)`)
    .optionsGroup('Where to:')
    .option('--url <url>', 'the endpoint; with one NAME its secret and vendor are used')
    .option('--vendor <id>', 'with --url: the vendor that calls it')
    .option(...CALLBACKS_AT);
  addStartFlags(command);
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
  if (results.some(({ answered }) => !answered)) return results.some(({ hasFailed }) => hasFailed) ? 1 : 3;
  const unasked = results.filter(({ found }) =>
    found.every((one) => !one.id.startsWith('handshake-') || isSkipped(one)),
  );
  if (unasked.length > 0) warn('unknown whether the question is answered correctly: see what was skipped');
  return report.isGood && unasked.length === 0 ? 0 : 1;
}

const isSkipped = ({ status }: Finding): boolean => status === 'skip';

async function askAll(
  targets: readonly OpenTarget[],
  flags: HandshakeFlags,
  environment: CommandEnvironment,
): Promise<SuiteResult[]> {
  const { clock, recordIds: ids } = environment;
  const askOne = (target: OpenTarget): Promise<SuiteResult> => {
    const options = {
      only: ['handshake-*', 'callback-*'],
      callbacksAt: flags.callbacksAt === undefined ? undefined : callbackOriginOf(flags.callbacksAt),
      skip: [],
      severity: 'must' as const,
      baseline: null,
      effects: null,
      maxTimeMs: flags.maxTime ?? MAX_TIME_MS,
      waitReadyMs: flags.waitReady,
      rerun: () => rerunLine(target, flags),
    };
    return runSuite(target, options, { clock, ids, signal: interruptSignal(), showProgress: () => undefined });
  };
  const askEach = async (): Promise<SuiteResult[]> => {
    const results: SuiteResult[] = [];
    for (const target of targets) results.push(await askOne(target));
    return results;
  };
  try {
    return await withApplication(flags, environment, {
      endpoints: targets.map((target) => ({ ...flags, url: target.url, transport: target.transport })),
      secrets: targets.flatMap((target) => Object.values(secretsOf(target)).flat()),
      run: askEach,
      isGood: (results) => results.every(({ report }) => report.isGood),
      isAnswered: (results) => results.every(({ answered }) => answered),
      waitsItself: true,
    });
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
}

/** Secrets by the names of their places alone, which this line leaves to its reader. */
function rerunLine({ name, vendor, url }: OpenTarget, { callbacksAt, start }: HandshakeFlags): string {
  const line =
    name === undefined
      ? `${programName()} handshake --vendor ${vendor.id} --url ${urlForShell(url, 'hookproof')}`
      : `${programName()} handshake ${quoteForShell(name)}`;
  return [
    line,
    ...(callbacksAt === undefined ? [] : ['--callbacks-at', quoteForShell(callbacksAt)]),
    ...(start === undefined ? [] : ["--start '…'"]),
  ].join(' ');
}

async function noQuestions(title: string, vendors: VendorRegistry): Promise<AppError> {
  const asking = (await vendors.loadAll()).filter(({ handshakes }) => handshakes !== undefined);
  const known =
    asking.length === 0 ? 'a vendor file can define one in "handshakes"' : asking.map(({ id }) => id).join(', ');
  return new AppError('usage', `${title} is not known to ask anything besides its events`, {
    hint: `vendors that ask: ${known}`,
  });
}
