import { InvalidArgumentError, Option, type Command } from 'commander';
import { openAttachmentServer } from '../../flows/send/offer-attachments.ts';
import { listOrders, planEvents, sendMany, type Batch, type PlannedEvent } from '../../flows/send/send-batch.ts';
import { sendEnvironmentOf, sendEvent } from '../../flows/send/send-event.ts';
import { chooseTargets } from '../../flows/session/choose-targets.ts';
import { openTargets, requireSecrets } from '../../flows/session/open-target.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { connectionCount, count, durationMs } from '../terminal/flag-values.ts';
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
} from '../terminal/flags.ts';
import { addMaskFlag, type MaskFlags } from '../terminal/mask-flag.ts';
import { say, warn } from '../terminal/output.ts';
import { makeChangeNotes, type NoteChanges } from './note-changes.ts';
import { addEventFlags, checkSendFlags, readEventContent, type EventFlags } from './send-flags.ts';
import type { Recorded } from './open-like.ts';
import { makeSentReporter } from './sent-reporter.ts';
import { flagForWord } from './flag-for-word.ts';

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
  curl?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** `webhook send` */
export function sendCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'a signed sample event (or a real mail, or your JSON) to an endpoint',
    insteadOfArguments: '--event NAME, and --to NAME for a configured webhook or --url URL for any endpoint',
    flagFor: flagForWord,
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
        'webhook send --like last --set email=me@example.com --url http://127.0.0.1:3000/hook --secret-env M2M_SECRET',
        'an event like the newest one that was sent or received, signed afresh',
      ],
      [
        'webhook send --event unsubscribe --url http://… --retry --time-scale 3600',
        "the vendor's retry ladder, an hour in a second",
      ],
    ],
  });
  command.optionsGroup('Where to:').option('--url <url>', 'the endpoint');
  addTargetFlag(command)
    .addOption(new Option('--all', 'every configured webhook that lists the event').conflicts(['url', 'to']))
    .option('--uuid <uuid>', 'the uuid an ad-hoc --url is kept under (default: made from vendor and URL)');
  addEventFlags(command).addOption(likeFlag());
  addMaskFlag(addSecretFlags(command));
  addDeliveryFlags(command);
  addStoreFlags(addRepeatFlags(addNetworkFlags(command))).option('--no-history', 'do not record');
  return command.action(act(send));
}

function likeFlag(): Option {
  return new Option(
    '--like <delivery>',
    'an event like this one of the history (an id, the beginning of one, or last): its body byte for byte, but for ' +
      '--set, --add and --remove; headers, delivery id and signature are new, and it goes where that went',
  )
    .conflicts(['data', 'eml', 'minimal', 'variant', 'select', 'jsonStyle', 'serveAttachments', 'attachmentsAt'])
    .helpGroup('Event:');
}

function addDeliveryFlags(command: Command): void {
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
}

/** `HOST:PORT`, `[::1]:8080`, or `:8080` for loopback. Port 0 takes a free one. */
function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new InvalidArgumentError('expected HOST:PORT such as 127.0.0.1:8080 (port 0 takes a free one)');
  return { host: match[1] ?? (match[2] || '127.0.0.1'), port };
}

/** What links begin with: an http or https URL, with a path or none, that nothing of a link would be lost behind. */
function linkBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:3000');
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('expected scheme, host and path alone: the signed link has a query of its own');
  return url.href;
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
  for await (const { plan, target } of planEvents(batch, flags.attachmentsAt, environment)) {
    noteChanges(plan);
    showUnsent(plan, target, flags, environment.clock);
  }
  return 0;
}

async function sendEvents(
  batch: Batch,
  flags: SendFlags,
  noteChanges: NoteChanges,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  const { recordClock, signal } = environment;
  const { retry, timeScale, ackMode, serveFor } = flags;
  const total = batch.orders.length * batch.count;
  const report = makeSentReporter({ json: flags.json === true, total, retry: retry === true });
  const history = await environment.openWriter();
  const attachmentServer = flags.serveAttachments && (await openAttachmentServer(flags.serveAttachments, recordClock));
  if (attachmentServer) say(`serving attachments at ${attachmentServer.origin}`);
  const sendOne = async ({ plan, target, clock }: PlannedEvent): Promise<void> => {
    noteChanges(plan);
    const reportEnd = attachmentServer?.offer(plan.attachments, target.signingSecret ?? '');
    const options = { secret: target.signingSecret, retry, timeScale, ackMode };
    const sent = await sendEvent(
      plan,
      { ...options, onAttempt: report.attempt, onWait: report.wait },
      { ...(await sendEnvironmentOf(target, history, environment)), clock },
    );
    report.sent(sent);
    reportEnd?.();
  };
  try {
    const events = planEvents(batch, attachmentServer?.origin ?? flags.attachmentsAt, environment);
    await sendMany(events, Math.min(flags.connections, total), sendOne);
    const outOfPatience = (): Promise<void> => recordClock.sleep(serveFor, signal).catch(() => undefined);
    if (attachmentServer) await report.serving(attachmentServer.allFetched(), serveFor, outOfPatience());
  } finally {
    await Promise.all([attachmentServer?.close(), history?.close()]);
  }
  return report.end();
}
