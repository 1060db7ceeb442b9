import { Option, type Command } from 'commander';
import { openAttachmentDesk } from '../../flows/send/attachment-desk.ts';
import { chooseTargets } from '../../flows/session/choose-targets.ts';
import { makeEvent } from '../../flows/send/make-event.ts';
import { openTargets, type OpenTarget } from '../../flows/session/open-target.ts';
import { listOrders, type Order } from '../../flows/send/list-orders.ts';
import { sendEvent } from '../../flows/send/send-event.ts';
import { sendMany } from '../../flows/send/send-many.ts';
import type { Clock } from '../../model/clock.ts';
import type { Plan } from '../../model/plan.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { checkSendFlags, requireSecrets } from './check-send-flags.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { addEventFlags, eventOptionsOf, type EventFlags, type EventFlagsRead } from './event-flags.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import {
  addNetworkFlags,
  addRepeatFlags,
  addSecretFlags,
  addStoreFlags,
  jsonFlag,
  type NetworkFlags,
  type RepeatFlags,
  type StoreFlags,
} from '../terminal/flags.ts';
import { linkBase, listenAddress } from './attachment-flags.ts';
import { say, warn } from '../terminal/output.ts';
import { makeSentReporter } from './sent-reporter.ts';
import { showUnsent } from './show-unsent.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { durationMs, count, connectionCount } from '../terminal/flag-values.ts';

interface SendFlags extends EventFlags, NetworkFlags, SecretOptions, StoreFlags, RepeatFlags {
  url?: string;
  to?: string;
  all?: boolean;
  uuid?: string;
  ackMode?: AckMode;
  serveAttachments?: { host: string; port: number };
  serveFor: number;
  attachmentsAt?: string;
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
      [
        'webhook send --event optin --url http://127.0.0.1:3000/hook --secret-env M2M_SECRET',
        'the event name alone picks the vendor where it is unique',
      ],
      [
        'webhook send --vendor mailkite --eml message.eml --url https://… --secret-file s.txt',
        'a real mail as MailKite would deliver it',
      ],
      ['webhook send --event optin --all', 'to every configured webhook that lists the event'],
      [
        'webhook send --event unsubscribe --url http://… --retry --time-scale 3600',
        "the vendor's retry ladder, an hour in a second",
      ],
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
    .option(
      '--serve-attachments <host:port>',
      'with --eml: serve the attachments, so that their links work while this runs',
      listenAddress,
    )
    .addOption(
      new Option('--serve-for <duration>', 'serve them this long at most, or until each was fetched')
        .argParser(durationMs)
        .default(10_000, '10s'),
    )
    .addOption(
      new Option(
        '--attachments-at <url>',
        'links to attachments begin there, where "webhook listen" answers them also when this has ended',
      )
        .argParser(linkBase)
        .conflicts(['serveAttachments', 'inlineAttachments', 'data']),
    )
    .option('--retry', "on failure follow the vendor's retry ladder")
    .option('--time-scale <factor>', 'with --retry: this many times faster', count, 1)
    .option('--count <n>', 'send this many events, each a new one', count, 1)
    .option('--connections <n>', 'with --count: this many at once', connectionCount, 1)
    .option('--curl', 'print an equivalent curl command instead of sending')
    .addOption(new Option('--dry-run', 'print the request instead of sending').conflicts(['serveAttachments', 'retry']))
    .addOption(jsonFlag());
  addStoreFlags(addRepeatFlags(addNetworkFlags(command))).option('--no-history', 'do not record');
  return command.action(act(send));
}

async function send(flags: SendFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const chosen = chooseTargets(flags, environment.config);
  checkSendFlags(flags, chosen);
  const targets = await openTargets(chosen, flags, environment);
  requireSecrets(targets, flags.header);
  for (const warning of new Set(targets.flatMap(({ warnings }) => warnings))) warn(warning);
  const options = await eventOptionsOf(flags);
  const batch: Batch = {
    flags,
    environment,
    options,
    targets,
    orders: await listOrders(targets, flags.rcpt, options.mail),
  };
  return flags.curl || flags.dryRun ? showEvents(batch) : sendEvents(batch);
}

/** All events of one call: every order, `--count` times. */
interface Batch {
  flags: SendFlags;
  environment: CommandEnvironment;
  options: EventFlagsRead;
  targets: readonly OpenTarget[];
  orders: readonly Order[];
}

async function showEvents(batch: Batch): Promise<ExitCode> {
  const { flags, environment } = batch;
  for await (const { plan, target } of planEvents(batch, flags.attachmentsAt))
    showUnsent(plan, target, flags, environment.clock);
  return 0;
}

async function sendEvents(batch: Batch): Promise<ExitCode> {
  const { flags, environment, targets, orders } = batch;
  const total = orders.length * flags.count;
  const signal = interruptSignal();
  const report = makeSentReporter({
    json: flags.json === true,
    total,
    retry: flags.retry === true,
  });
  const history = await environment.openWriter();
  const desk = flags.serveAttachments && (await openAttachmentDesk(flags.serveAttachments, environment.recordClock));
  if (desk) say(`serving attachments at ${desk.origin}`);
  try {
    const events = planEvents(batch, desk?.origin ?? flags.attachmentsAt);
    await sendMany(events, Math.min(flags.connections, total), async ({ plan, target, clock }) => {
      const tellEnded = desk?.offer(plan.attachments, target.signingSecret ?? '');
      const post = {
        transport: await target.transport(),
        history,
        clock,
        recordClock: environment.recordClock,
        recordIds: environment.recordIds,
        signal,
      };
      const options = {
        secret: target.signingSecret,
        retry: flags.retry === true,
        timeScale: flags.timeScale,
        onAttempt: report.attempt,
        onWait: report.wait,
      };
      report.sent(
        await sendEvent(plan, flags.ackMode === undefined ? options : { ...options, ackMode: flags.ackMode }, post),
      );
      tellEnded?.();
    });
    if (desk)
      await report.serving(
        desk.allFetched(),
        flags.serveFor,
        environment.recordClock.sleep(flags.serveFor, signal).catch(() => undefined),
      );
  } finally {
    await Promise.all([desk?.close(), history?.close(), ...targets.map((target) => target.close())]);
  }
  return report.end();
}

/** An event as it is about to go out. */
interface PlannedEvent {
  plan: Plan;
  target: OpenTarget;
  /** The clock of this event. */
  clock: Clock;
}

/** Plans one event after the other, each when it is asked for. Ends early when the run is interrupted. */
async function* planEvents(
  { flags, environment, options, orders }: Batch,
  attachmentOrigin: string | undefined,
): AsyncGenerator<PlannedEvent> {
  const { signal } = environment;
  for (let index = 0; index < orders.length * flags.count && !signal.aborted; index += 1) {
    const { target, recipient } = orders[index % orders.length] as Order;
    const clock = environment.clockOf(index);
    const details = {
      ...options,
      event: target.event.name,
      url: target.url,
      webhookUuid: target.webhookUuid,
      deliveryId: environment.newDeliveryId(),
      // The user's own bytes stay as they are, whatever the configuration selects.
      ...(target.select === undefined || options.data !== undefined ? {} : { select: target.select }),
      recipient,
      attachmentOrigin,
    };
    const ids = environment.idsOf(index);
    yield { plan: await makeEvent(details, target.vendor, target.signingSecret, clock, ids), target, clock };
  }
}
