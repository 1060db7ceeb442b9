import { Option, type Command } from 'commander';
import { listTimetable } from '../../deliver/retry-ladder.ts';
import { findWebhook } from '../../config/select-webhook.ts';
import { FULL_SAMPLE, makeEvent, targetOptions } from '../../flows/send/make-event.ts';
import { runRetries, type RetryRunResult } from '../../flows/send/run-retries.ts';
import { sendEnvironmentOf } from '../../flows/send/send-event.ts';
import { chooseTargets } from '../../flows/session/choose-targets.ts';
import { openTarget, type OpenTargetedEvent, requireSecrets, secretsOf } from '../../flows/session/open-target.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Plan } from '../../model/plan.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { addStartFlags, withApplication } from '../terminal/start-flags.ts';
import type { StartFlags } from '../terminal/started-run.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { attemptCount, count, statusCode } from '../terminal/flag-values.ts';
import type { ExitCode } from '../terminal/exit.ts';
import {
  addTargetFlag,
  addEffectsFlags,
  addNetworkFlags,
  addSecretFlags,
  addStoreFlags,
  noHistoryFlag,
  effectsSourceOf,
  type EffectsFlags,
  type NetworkFlags,
  type StoreFlags,
} from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { say, warn } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import {
  addReporterFlags,
  readReporters,
  writeReports,
  type Outputs,
  type ReporterFlags,
} from '../terminal/reporters.ts';
import { renderAttempt } from './render-sent.ts';
import { exactDuration, showTable } from './retry-timetable.ts';
import { checkAckMode, flagForWord } from './send-flags.ts';

interface RetriesFlags
  extends NetworkFlags, MaskFlags, SecretOptions, StoreFlags, ReporterFlags, EffectsFlags, StartFlags {
  table?: boolean;
  vendor?: string;
  event?: string;
  url?: string;
  to?: string;
  uuid?: string;
  ackMode?: AckMode;
  timeScale?: number;
  failFirst: number;
  loseNext: number;
  failStatus: number;
}

/** `webhook retries` */
export function retriesCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: "walk a vendor's retry schedule against an endpoint, in seconds",
    daily: ['--url', '--to', '--vendor', '--event', '--fail-first', '--lose-next', '--table'],
    topics: ['retrying'],
    insteadOfArguments: '--to NAME for a configured webhook, --url URL for any endpoint, or --vendor ID with --table',
    flagFor: flagForWord,
    examples: [
      ['webhook retries --table', 'when each vendor retries, and what happens in the end'],
      [
        'webhook retries --vendor mailkit --url http://127.0.0.1:3000/hook --fail-first 3',
        'down for three attempts, then up: is the event accepted?',
      ],
      [
        'webhook retries --to shop --fail-first 1 --lose-next 2 --effects-url http://127.0.0.1:3000/processed ' +
          '--reporter junit=retries.xml',
        'in CI, a configured webhook whose answers are lost: is the event processed once?',
      ],
    ],
  });
  command
    .option('--table', 'print the timetable and send nothing')
    .option('--vendor <id|file>', 'the vendor to play')
    .option('--event <name>', "the event to send (default: the vendor's first)")
    .optionsGroup('Where to:')
    .option('--url <url>', 'the endpoint');
  addTargetFlag(command)
    .option('--uuid <uuid>', 'uuid to record an ad-hoc --url under (default: made from vendor and URL)')
    .optionsGroup('Walk:')
    .option('--fail-first <n>', 'answer the first attempts for the endpoint, as if it were down', attemptCount, 0)
    .addOption(new Option('--fail-status <status>', 'with this status').argParser(statusCode).default(503))
    .option('--lose-next <n>', 'let the next attempts reach the endpoint, but drop its answers', attemptCount, 0)
    .option('--time-scale <factor>', 'this many times faster (default: the whole schedule in about 3 s)', count)
    .addOption(
      new Option('--ack-mode <mode>', 'MailKite: what counts as accepted').choices(['lenient', 'ack', 'control']),
    );
  addStartFlags(addEffectsFlags(command));
  addStoreFlags(addNetworkFlags(addMaskFlag(addSecretFlags(command)))).addOption(noHistoryFlag());
  return addReporterFlags(command).action(act(retries));
}

async function retries(flags: RetriesFlags): Promise<ExitCode> {
  if (flags.table) return showTable(flags);
  const outputs = await readReporters(flags);
  effectsSourceOf(flags);
  const environment = await openEnvironment(flags);
  return runLadder(flags, outputs, environment);
}

async function runLadder(flags: RetriesFlags, outputs: Outputs, environment: CommandEnvironment): Promise<ExitCode> {
  const target = await openOnlyTarget(flags, environment);
  const history = await environment.openWriter();
  const { steps } = await listTimetable(target.vendor);
  const progress = startProgress();
  progress.show(`attempt 1 of ${steps.length}`);
  const options = {
    ...flags,
    planEvent: (agoMs: number) => planEvent(agoMs, target, environment),
    timeScale: flags.timeScale ?? null,
    effects: effectsSourceOf(flags),
    describe: exactDuration,
    onAttempt: (attempt: Attempt) => {
      progress.clear();
      if (outputs.document === null) say(renderAttempt(attempt));
    },
    onWait: (_: number, nextNumber: number) => progress.show(`attempt ${nextNumber} of ${steps.length}`),
  };
  try {
    const sending = await sendEnvironmentOf(target, history, environment);
    const run = await withApplication(flags, environment, {
      endpoints: [{ ...flags, url: target.url, transport: target.transport }],
      secrets: Object.values(secretsOf(target)).flat(),
      run: () => runRetries(target, options, sending),
      isGood: ({ report }) => report.isGood,
      isAnswered: (walked) => exitCodeOfRun(walked) !== 3,
    });
    progress.clear();
    await writeReports(run.report, outputs);
    return exitCodeOfRun(run);
  } finally {
    progress.clear();
    await Promise.all([history?.close(), target.close()]);
  }
}

/** The vendor's full sample, that long ago. */
function planEvent(agoMs: number, target: OpenTargetedEvent, environment: CommandEnvironment): Promise<Plan> {
  const { clock, recordIds } = environment;
  const content = { ...FULL_SAMPLE, select: target.select, ...targetOptions(target, environment.newDeliveryId()) };
  const past = { ...clock, now: () => clock.now() - agoMs };
  return makeEvent(content, target.vendor, target.signingSecret, past, recordIds);
}

/** The endpoint that the flags mean, with all that sending to it needs. */
async function openOnlyTarget(flags: RetriesFlags, environment: CommandEnvironment): Promise<OpenTargetedEvent> {
  const event = flags.event ?? (await anyEvent(flags, environment));
  const [chosen] = await chooseTargets({ ...flags, event }, environment.config, environment.vendors);
  if (chosen === undefined) throw new Error('one endpoint makes one target');
  checkAckMode(flags, chosen);
  const target = await openTarget(chosen, flags, environment);
  requireSecrets([target], []);
  target.warnings.forEach(warn);
  return target;
}

function exitCodeOfRun({ report, sent, isEffectsLost }: RetryRunResult): ExitCode {
  if (isEffectsLost) return 3;
  if (report.isGood) return 0;
  return sent.attempts.every(({ status }) => status === null) ? 3 : 1;
}

/** Any event will do: the ladder is the same for all. */
async function anyEvent(
  { vendor, to }: RetriesFlags,
  { config, vendors }: CommandEnvironment,
): Promise<string | undefined> {
  if (to !== undefined) return findWebhook(config.webhooks, to).events[0];
  return vendor === undefined ? undefined : (await vendors.load(vendor)).events[0]?.name;
}
