import { Option, type Command } from 'commander';
import type { AttachmentServer } from '../../flows/send/offer-attachments.ts';
import { openBatchRecords } from '../../flows/send/batch-records.ts';
import { listOrders, planEvents, sendMany, type Batch, type PlannedEvent } from '../../flows/send/send-batch.ts';
import { sendEnvironmentOf, sendEvent, type SendOptions } from '../../flows/send/send-event.ts';
import { chooseTargets } from '../../flows/session/choose-targets.ts';
import { openTargets, requireSecrets, secretsOf } from '../../flows/session/open-target.ts';
import type { Clock } from '../../model/clock.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { connectionCount, count } from '../terminal/flag-values.ts';
import {
  addTargetFlag,
  addNetworkFlags,
  addRepeatFlags,
  addSecretFlags,
  addStoreFlags,
  jsonFlag,
  type NetworkFlags,
  type RepeatFlags,
  type StoreFlags,
  noHistoryFlag,
} from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { say, warn } from '../terminal/output.ts';
import { makeChangeNotes, type NoteChanges } from './note-changes.ts';
import { addEventFlags, checkSendFlags, flagForWord, readEventContent, type EventFlags } from './send-flags.ts';
import type { Recorded } from './open-like.ts';
import { makeSentReporter } from './sent-reporter.ts';
import { addAttachmentFlags } from './mail-flags.ts';

interface SendFlags extends EventFlags, NetworkFlags, MaskFlags, SecretOptions, StoreFlags, RepeatFlags {
  like?: string;
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
  enqueue?: boolean;
  curl?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** `webhook send` */
export function sendCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'send a signed sample event, a real mail or your own JSON to an endpoint',
    daily: ['--event', '--vendor', '--url', '--to', '--set', '--eml', '--secret-env', '--dry-run'],
    topics: ['mail', 'vendors'],
    insteadOfArguments: '--event NAME, and --to NAME for a configured webhook or --url URL for any endpoint',
    flagFor: flagForWord,
    examples: [
      [
        'webhook send --event optin --url http://127.0.0.1:3000/hook --secret-env M2M_SECRET',
        'if the event name is unique, leave out --vendor',
      ],
      [
        'webhook send --vendor mailkite --eml message.eml --url https://… --secret-file s.txt',
        'a real mail as MailKite would deliver it',
      ],
      ['webhook send --event optin --all', 'to every configured webhook that lists the event'],
      [
        'webhook send --like last --set email=me@example.com --url http://127.0.0.1:3000/hook --secret-env M2M_SECRET',
        'an event like the newest one sent or received, newly signed',
      ],
      [
        'webhook send --event unsubscribe --url http://… --retry --time-scale 3600',
        'retry as the vendor does, an hour in a second',
      ],
    ],
  });
  command.optionsGroup('Where to:').option('--url <url>', 'the endpoint');
  addTargetFlag(command)
    .addOption(new Option('--all', 'every configured webhook that lists the event').conflicts(['url', 'to']))
    .option('--uuid <uuid>', 'uuid to record an ad-hoc --url under (default: made from vendor and URL)');
  addEventFlags(command).addOption(likeFlag());
  addMaskFlag(addSecretFlags(command));
  addDeliveryFlags(addAttachmentFlags(command));
  addStoreFlags(addRepeatFlags(addNetworkFlags(command))).addOption(noHistoryFlag());
  return command.action(act(send));
}

function likeFlag(): Option {
  return new Option(
    '--like <delivery>',
    'repeat this recorded event (an id, its beginning, or last) with a new id and signature',
  )
    .conflicts(['data', 'eml', 'minimal', 'variant', 'select', 'jsonStyle', 'serveAttachments', 'attachmentsAt'])
    .helpGroup('Event:');
}

function addDeliveryFlags(command: Command): void {
  command
    .optionsGroup('Delivery:')
    .addOption(
      new Option('--ack-mode <mode>', 'MailKite: what counts as accepted').choices(['lenient', 'ack', 'control']),
    )
    .option('--retry', 'after a failure, retry as the vendor does')
    .option('--time-scale <factor>', 'with --retry: this many times faster', count, 1)
    .option('--count <n>', 'send this many new events', count, 1)
    .option('--connections <n>', 'with --count: send this many at once', connectionCount, 1)
    .addOption(
      new Option('--enqueue', 'queue it for webhook worker; with --retry: after a failed attempt').conflicts([
        'timeScale',
        'connections',
        'curl',
        'dryRun',
        'serveAttachments',
      ]),
    )
    .option('--curl', 'print an equivalent curl command instead of sending')
    .addOption(new Option('--dry-run', 'print the request instead of sending').conflicts(['serveAttachments', 'retry']))
    .addOption(jsonFlag());
}

async function send(flags: SendFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const recorded = flags.like === undefined ? null : await openRecorded(flags.like, environment);
  const choose = recorded?.chooseTargets ?? chooseTargets;
  const chosen = await choose(flags, environment.config, environment.vendors);
  checkSendFlags(flags, chosen);
  const targets = await openTargets(chosen, flags, environment);
  requireSecrets(targets, flags.header);
  for (const warning of new Set(targets.flatMap(({ warnings }) => warnings))) warn(warning);
  const content = { ...(await readEventContent(flags)), ...recorded?.contentFor(targets, flags) };
  const batch = { orders: await listOrders(targets, flags.rcpt, content.mail), count: flags.count, content };
  const noteChanges = await makeChangeNotes(flags, recorded);
  if (flags.curl || flags.dryRun) return showEvents(batch, flags, noteChanges, environment);
  try {
    if (flags.enqueue) {
      const { enqueueBatch } = await import('./enqueue.ts');
      return await enqueueBatch(batch, flags, noteChanges, environment);
    }
    return await sendEvents(batch, flags, noteChanges, environment);
  } finally {
    await Promise.all(targets.map((target) => target.close()));
  }
}

/** What `--like` makes of its delivery. */
async function openRecorded(id: string, environment: CommandEnvironment): Promise<Recorded> {
  const { openLike } = await import('./open-like.ts');
  return openLike(id, environment);
}

async function showEvents(
  batch: Batch,
  flags: SendFlags,
  noteChanges: NoteChanges,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  const { showUnsent } = await import('./show-unsent.ts');
  const next = planEvents(batch, flags.attachmentsAt, environment);
  for (let event = await next(); event !== null; event = await next()) {
    noteChanges(event.plan);
    showUnsent(event.plan, event.target, flags, environment.clock);
  }
  return 0;
}

/** Few ask for it, and node:http takes 2 ms to load. */
async function serveAttachments(where: { host: string; port: number }, clock: Clock): Promise<AttachmentServer> {
  const { openAttachmentServer } = await import('../../flows/send/offer-attachments.ts');
  return openAttachmentServer(where, clock);
}

async function sendEvents(
  batch: Batch,
  flags: SendFlags,
  noteChanges: NoteChanges,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  const { recordClock, recordIds, signal } = environment;
  const { retry, timeScale, ackMode, serveFor } = flags;
  const total = batch.orders.length * batch.count;
  const report = makeSentReporter({ json: flags.json === true, total, retry: retry === true });
  const atOnce = Math.min(flags.connections, total);
  const records = await openBatchRecords(total, atOnce, environment);
  const attachmentServer = flags.serveAttachments && (await serveAttachments(flags.serveAttachments, recordClock));
  if (attachmentServer) say(`serving attachments at ${attachmentServer.origin}`);
  const hooks = { onAttempt: report.attempt, onWait: report.wait };
  const options = new Map(
    batch.orders.map(({ target }) => [target, { ...secretsOf(target), retry, timeScale, ackMode, ...hooks }]),
  );
  const sendOne = async ({ plan, target, clock }: PlannedEvent): Promise<void> => {
    noteChanges(plan);
    const reportEnd = attachmentServer?.offer(plan.attachments, target.signingSecret ?? '');
    const sending = await sendEnvironmentOf(target, records.history, { clock, recordClock, recordIds, signal });
    const sent = await sendEvent(plan, options.get(target) as SendOptions, sending);
    records.whenStored(sent, () => report.sent(sent));
    reportEnd?.();
  };
  try {
    const next = planEvents(batch, attachmentServer?.origin ?? flags.attachmentsAt, environment);
    await sendMany(next, atOnce, sendOne, records);
    const outOfPatience = (): Promise<void> => recordClock.sleep(serveFor, signal).catch(() => undefined);
    if (attachmentServer) await report.serving(attachmentServer.allFetched(), serveFor, outOfPatience());
  } finally {
    await Promise.all([attachmentServer?.close(), records.close()]);
  }
  return report.end();
}
