import type { Command } from 'commander';
import { equipTarget } from '../flows/equip-target.ts';
import { exactRequest, planReplay } from '../flows/replay-delivery.ts';
import { sendEvent } from '../flows/send-event.ts';
import { displayUrl } from '../deliver/target.ts';
import type { StoredDelivery } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import type { Webhook } from '../model/webhook.ts';
import { findEvent, findVendor } from '../vendors/index.ts';
import { act, makeCommand } from './command.ts';
import { interruptSignal, type ExitCode } from './exit.ts';
import { addNetworkFlags, addSecretFlags, addStoreFlags, count, jsonFlag, type NetworkFlags, type SecretFlags, type StoreFlags } from './flags.ts';
import { warn } from './output.ts';
import { makeSentReporter } from './sent-reporter.ts';
import { openWorld } from './world.ts';

interface ReplayFlags extends NetworkFlags, SecretFlags, StoreFlags {
  url?: string;
  exact?: boolean;
  retry?: boolean;
  timeScale: number;
  json?: boolean;
}

/** `webhook replay ID` */
export function replayCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'a stored delivery again, to the same or another URL',
    examples: [
      ['webhook replay 0192f3c4 --secret-env M2M_SECRET', 'the same event, signed afresh; the beginning of an id is enough'],
      ['webhook replay 0192f3c4 --url http://127.0.0.1:3000/hook --exact', 'the very bytes and headers, old signature and all'],
    ],
  })
    .argument('<id>', 'a delivery, as webhook history list shows it, or the beginning of its id')
    .option('--url <url>', 'to this endpoint instead')
    .option('--exact', 'the stored bytes and headers as they are, without a fresh signature')
    .option('--retry', "on failure follow the vendor's retry ladder")
    .option('--time-scale <factor>', 'with --retry: this many times faster', count, 1)
    .addOption(jsonFlag());
  return addStoreFlags(addNetworkFlags(addSecretFlags(command))).action(act(replay));
}

async function replay(id: string, flags: ReplayFlags): Promise<ExitCode> {
  const world = await openWorld(flags);
  const history = await world.openHistory();
  if (history === null) throw new AppError('usage', 'replay needs the history');
  try {
    const stored = await history.find(id);
    const vendor = findVendor(stored.vendor);
    const configured = world.config.webhooks.find(({ uuid }) => uuid === stored.webhookUuid);
    const target = await equipTarget(
      {
        webhookUuid: stored.webhookUuid,
        vendor,
        event: findEvent(vendor, stored.event),
        url: flags.url ?? storedUrl(stored, configured),
        ...(configured?.secret === undefined ? {} : { secret: configured.secret }),
        ...(configured?.tls === undefined ? {} : { tls: configured.tls }),
      },
      flags,
      world,
    );
    target.warnings.forEach(warn);
    const plan = planReplay(stored, vendor, { url: target.url, secret: flags.exact ? null : target.signingSecret }, world.clock, world.idsOf(0));
    const report = await makeSentReporter({ json: flags.json === true, total: 1, retry: flags.retry === true });
    const post = { transport: await target.transport(), history, clock: world.clock, ids: world.idsOf(0), signal: interruptSignal() };
    const exactly = flags.exact ? { exactly: exactRequest(stored, target.url, world.clock) } : {};
    report.sent(await sendEvent(plan, { secret: target.signingSecret, retry: flags.retry === true, timeScale: flags.timeScale, onAttempt: report.attempt, onWait: report.wait, ...exactly }, post));
    await target.close();
    return report.end();
  } finally {
    await history.close();
  }
}

/** The stored URL lost its credentials on purpose; the configuration may still have them. */
function storedUrl(stored: StoredDelivery, configured: Webhook | undefined): string {
  return configured !== undefined && displayUrl(configured.url) === stored.url ? configured.url : stored.url;
}
