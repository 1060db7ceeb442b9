import { Option, type Command } from 'commander';
import { openAttachmentDesk, type AttachmentDesk } from '../flows/attachment-desk.ts';
import { chooseTargets } from '../flows/choose-targets.ts';
import { makeEvent } from '../flows/make-event.ts';
import { equipTarget, type EquippedTarget } from '../flows/equip-target.ts';
import { sendEvent } from '../flows/send-event.ts';
import { sendMany } from '../flows/send-many.ts';
import type { Plan } from '../model/plan.ts';
import type { AckMode } from '../model/vendor.ts';
import { checkSendFlags } from './check-send-flags.ts';
import { act, makeCommand } from './command.ts';
import { addEventFlags, eventOptionsOf, type EventFlags } from './event-flags.ts';
import { interruptSignal, type ExitCode } from './exit.ts';
import { addNetworkFlags, addRepeatFlags, addSecretFlags, addStoreFlags, count, durationMs, jsonFlag, type NetworkFlags, type RepeatFlags, type SecretFlags, type StoreFlags } from './flags.ts';
import { listenAddress } from './listen-address.ts';
import { say, warn } from './output.ts';
import { makeSentReporter } from './sent-reporter.ts';
import { showUnsent } from './show-unsent.ts';
import { openWorld, type World } from './world.ts';

interface SendFlags extends EventFlags, NetworkFlags, SecretFlags, StoreFlags, RepeatFlags {
  url?: string;
  to?: string;
  all?: boolean;
  uuid?: string;
  ackMode?: AckMode;
  serveAttachments?: { host: string; port: number };
  serveFor: number;
  retry?: boolean;
  timeScale: number;
  count: number;
  connections: number;
  curl?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** `webhook send` */
export function sendCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'a signed sample event (or a real mail, or your JSON) to an endpoint',
    examples: [
      ['webhook send --event optin --url http://127.0.0.1:3000/hook --secret-env M2M_SECRET', 'the event name alone picks the vendor where it is unique'],
      ['webhook send --vendor mailkite --eml message.eml --url https://… --secret-file s.txt', 'a real mail as MailKite would deliver it'],
      ['webhook send --event optin --all', 'to every configured webhook that lists the event'],
      ['webhook send --event unsubscribe --url http://… --retry --time-scale 3600', "the vendor's retry ladder, an hour in a second"],
    ],
  });
  command
    .optionsGroup('Where to:')
    .option('--url <url>', 'the endpoint')
    .option('--to <name|uuid>', 'a configured webhook')
    .addOption(new Option('--all', 'every configured webhook that lists the event').conflicts(['url', 'to']))
    .option('--uuid <uuid>', 'the uuid an ad-hoc --url is kept under (default: made from vendor and URL)');
  addSecretFlags(addEventFlags(command));
  command
    .optionsGroup('Delivery:')
    .addOption(new Option('--ack-mode <mode>', 'MailKite: what counts as taken').choices(['lenient', 'ack', 'control']))
    .option('--serve-attachments <host:port>', 'with --eml: serve the attachments, so that their links work while this runs', listenAddress)
    .option('--serve-for <duration>', 'serve them this long at most, or until each was fetched', durationMs, 10_000)
    .option('--retry', "on failure follow the vendor's retry ladder")
    .option('--time-scale <factor>', 'with --retry: this many times faster', count, 1)
    .option('--count <n>', 'send this many events, each a new one', count, 1)
    .option('--connections <n>', 'with --count: this many at once', count, 1)
    .option('--curl', 'print an equivalent curl command instead of sending')
    .option('--dry-run', 'print the request instead of sending')
    .addOption(jsonFlag());
  addStoreFlags(addRepeatFlags(addNetworkFlags(command))).option('--no-history', 'do not record');
  return command.action(act(send));
}

async function send(flags: SendFlags): Promise<ExitCode> {
  const world = await openWorld(flags);
  const chosen = chooseTargets(flags, world.config);
  checkSendFlags(flags, chosen);
  const targets = await Promise.all(chosen.map((target) => equipTarget(target, flags, world)));
  for (const target of targets) target.warnings.forEach(warn);
  return flags.curl || flags.dryRun ? showEvents(flags, targets, world) : sendEvents(flags, targets, world);
}

async function showEvents(flags: SendFlags, targets: EquippedTarget[], world: World): Promise<ExitCode> {
  await eachEvent(flags, targets, world, undefined, async (plan, target) => showUnsent(plan, target, flags, world.clock));
  return 0;
}

async function sendEvents(flags: SendFlags, targets: EquippedTarget[], world: World): Promise<ExitCode> {
  const signal = interruptSignal();
  const total = targets.length * flags.count * Math.max(1, flags.rcpt.length);
  const report = await makeSentReporter({ json: flags.json === true, total, retry: flags.retry === true });
  const history = await world.openHistory();
  const desk = flags.serveAttachments && (await openAttachmentDesk(flags.serveAttachments, targets[0]?.signingSecret ?? '', world.clock));
  if (desk) say(`serving attachments at ${desk.origin}`);
  try {
    await eachEvent(flags, targets, world, desk, async (plan, target, index) => {
      desk?.offer(plan.attachments);
      const post = { transport: await target.transport(), history, clock: world.clockOf(index), ids: world.idsOf(index), signal };
      const options = { secret: target.signingSecret, retry: flags.retry === true, timeScale: flags.timeScale, onAttempt: report.attempt, onWait: report.wait };
      report.sent(await sendEvent(plan, flags.ackMode === undefined ? options : { ...options, ackMode: flags.ackMode }, post));
    });
    if (desk) await Promise.race([desk.allFetched(), world.clock.sleep(flags.serveFor, signal).catch(() => undefined)]);
  } finally {
    await Promise.all([desk?.close(), history?.close(), ...targets.map((target) => target.close())]);
  }
  return report.end();
}

/** Every event of this call, planned one by one: each target, each recipient of a mail, `--count` times. */
async function eachEvent(flags: SendFlags, targets: EquippedTarget[], world: World, desk: AttachmentDesk | undefined, then: (plan: Plan, target: EquippedTarget, index: number) => Promise<void>): Promise<void> {
  const recipients = flags.rcpt.length > 0 ? flags.rcpt : [undefined];
  const orders = targets.flatMap((target) => recipients.map((recipient) => ({ target, recipient })));
  const options = await eventOptionsOf(flags, targets[0]?.event.name ?? '');
  await sendMany({ count: orders.length * flags.count, connections: flags.connections, signal: interruptSignal() }, async (index) => {
    const { target, recipient } = orders[index % orders.length] as (typeof orders)[number];
    const plan = await makeEvent(
      {
        ...options,
        url: target.url,
        webhookUuid: target.webhookUuid,
        ...(target.select === undefined ? {} : { select: target.select }),
        ...(recipient === undefined ? {} : { recipient }),
        ...(desk === undefined ? {} : { attachmentOrigin: desk.origin }),
      },
      target.vendor,
      target.signingSecret,
      world.clockOf(index),
      world.idsOf(index),
    );
    await then(plan, target, index);
  });
}
