import { Option, type Command } from 'commander';
import { openTarget, type OpenTargetedEvent, secretsOf } from '../../flows/session/open-target.ts';
import {
  chooseReplayTarget,
  describeChanges,
  exactRequest,
  explainRefusals,
  giveAnew,
  listUnkept,
  nameStoredSecrets,
  planReplay,
} from '../../flows/send/replay-delivery.ts';
import { sendEnvironmentOf, sendEvent } from '../../flows/send/send-event.ts';
import { AppError } from '../../model/error.ts';
import type { Plan, SignedRequest } from '../../model/plan.ts';
import type { StoredDelivery } from '../../model/attempt.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { checkReplayFlags } from './send-flags.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { ExitCode } from '../terminal/exit.ts';
import {
  addNetworkFlags,
  addSecretFlags,
  addStoreFlags,
  collect,
  jsonFlag,
  type NetworkFlags,
  type StoreFlags,
} from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { say, warn } from '../terminal/output.ts';
import { makeSentReporter } from './sent-reporter.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { count } from '../terminal/flag-values.ts';

interface ReplayFlags extends NetworkFlags, MaskFlags, SecretOptions, StoreFlags {
  url?: string;
  vendor?: string;
  exact?: boolean;
  header: string[];
  ackMode?: AckMode;
  retry?: boolean;
  timeScale: number;
  json?: boolean;
}

/** `webhook replay ID` */
export function replayCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'send a recorded delivery again, to the same or another URL',
    daily: ['--url', '--exact', '--header', '--retry', '--secret-env'],
    examples: [
      [
        'webhook replay 3c4-1a2b --secret-env M2M_SECRET',
        'the same event, newly signed; the id is as shown by history list, or the word last',
      ],
      [
        'webhook replay 3c4-1a2b --url http://127.0.0.1:3000/hook --exact',
        'the same body and headers, with the old signature',
      ],
    ],
  })
    .argument('<id>', 'a delivery: its id as webhook history list shows it, the beginning of the whole id, or last')
    .option('--url <url>', 'send to this endpoint instead')
    .option('--vendor <id|file>', "its vendor's file, if that is not configured")
    .option('--exact', 'send the recorded body and headers unchanged, with the old signature')
    .option(
      '-H, --header <line>',
      "add or replace a header, 'Name: value' (repeatable); secret values are not recorded",
      collect,
      [],
    )
    .addOption(
      new Option('--ack-mode <mode>', 'MailKite: what counts as accepted').choices(['lenient', 'ack', 'control']),
    )
    .option('--retry', 'after a failure, retry as the vendor does')
    .option('--time-scale <factor>', 'with --retry: this many times faster', count, 1)
    .addOption(jsonFlag());
  return addStoreFlags(addNetworkFlags(addMaskFlag(addSecretFlags(command)))).action(act(replay));
}

async function replay(id: string, flags: ReplayFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const stored = await findStored(id, environment);
  const history = await environment.openWriter();
  if (history === null) throw new AppError('usage', 'replay needs the history');
  try {
    nameStoredSecrets(stored);
    const isExact = sendsExactly(stored, flags);
    const chosen = await chooseReplayTarget(stored, environment.config, environment.vendors, { ...flags, isExact });
    checkReplayFlags(flags, chosen);
    const target = await openTarget(chosen, flags, environment);
    target.warnings.forEach(warn);
    const { plan, exactly } = planAgain(stored, target, flags, environment);
    const unkept = listUnkept(stored, target.url, flags.header);
    if (unkept.length > 0)
      warn(`${unkept.join(', ')} of the stored request: not stored, and not sent; ${giveAnew(unkept)}`);
    if (exactly === undefined) describeChanges(stored, plan).forEach(say);
    const report = makeSentReporter({ json: flags.json === true, total: 1, retry: flags.retry === true });
    const { retry, timeScale, ackMode } = flags;
    const options = { ...secretsOf(target), retry, timeScale, ackMode, purpose: stored.purpose, exactly };
    const sent = await sendEvent(
      plan,
      { ...options, onAttempt: report.attempt, onWait: report.wait },
      await sendEnvironmentOf(target, history, environment),
    );
    report.sent(explainRefusals(sent, unkept));
    await target.close();
    return report.end();
  } finally {
    await history.close();
  }
}

/** A request of the suite is often a forgery: signed anew it would be another one. */
const sendsExactly = ({ purpose }: StoredDelivery, { exact = false }: ReplayFlags): boolean =>
  exact || purpose === 'test';

/** The delivery signed afresh, or `exactly` as it went out. */
function planAgain(
  stored: StoredDelivery,
  target: OpenTargetedEvent,
  flags: ReplayFlags,
  { clock, newDeliveryId }: CommandEnvironment,
): { plan: Plan; exactly: SignedRequest | undefined } {
  const isExact = sendsExactly(stored, flags);
  const secret = isExact ? null : target.signingSecret;
  return {
    plan: planReplay(stored, target, { secret, deliveryId: newDeliveryId(), headerLines: flags.header }, clock),
    exactly: isExact ? exactRequest(stored, target, flags.header, clock) : undefined,
  };
}

async function findStored(id: string, environment: CommandEnvironment): Promise<StoredDelivery> {
  const history = await environment.openReader();
  try {
    return await history.find(id);
  } finally {
    await history.close();
  }
}
