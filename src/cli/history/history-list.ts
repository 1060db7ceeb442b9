import { type Command, Option } from 'commander';
import { isNamed } from '../../config/select-webhook.ts';
import { labelWebhooks } from '../../flows/history/label-webhooks.ts';
import { requireKnownEvent } from '../../flows/history/known-events.ts';
import type { HistoryReader, ListedAttempt, ListedDelivery, ListFilter } from '../../history/history.ts';
import type { Direction, Outcome } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import type { Config } from '../../model/webhook.ts';
import { isVendorFile } from '../../model/vendor-registry.ts';
import { findEntry } from '../../vendors/registry.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { Column } from '../terminal/fit-columns.ts';
import { columnsOf, formatDuration } from '../terminal/text.ts';
import { timeText } from '../terminal/time-text.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addStoreFlags, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { moment, momentMs, type Moment, count } from '../terminal/flag-values.ts';

interface ListFlags extends StoreFlags {
  uuid?: string;
  vendor?: string;
  event?: string;
  direction?: Direction;
  failed?: boolean;
  tests?: boolean;
  since?: Moment;
  limit: number;
  json?: boolean;
}

const DEFAULT_LIMIT = 20;
const DIRECTIONS = ['in', 'out'] satisfies Direction[];

/** `webhook history list` */
export function listHistoryCommand(): Command {
  const command = makeCommand('list', {
    summary: 'the newest deliveries, each with its attempts',
    examples: [
      ['webhook history list --failed --since 24h', 'what did not arrive since yesterday'],
      ['webhook history list --direction in --limit 5', 'the last five that webhook listen received'],
      ['webhook history list --uuid shop --json', 'of one webhook, by its uuid or configured name, for programs'],
    ],
  })
    .option('--uuid <uuid|name>', 'only of this webhook')
    .option('--vendor <id|file>', 'only of this vendor')
    .option('--event <event>', 'only this event')
    .addOption(new Option('--direction <direction>', 'only those received (in) or sent (out)').choices(DIRECTIONS))
    .option('--failed', 'only those whose last attempt was not delivered')
    .option('--tests', 'only the requests that webhook test --record kept, which are left out otherwise')
    .option('--since <when>', 'only those made since: 2h (two hours ago), 2026-11-01, …', moment)
    .option('--limit <count>', `at most so many (default: ${DEFAULT_LIMIT})`, count, DEFAULT_LIMIT)
    .addOption(jsonFlag());
  return addStoreFlags(command).action(act(list));
}

async function list(flags: ListFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const history = await environment.openReader();
  try {
    const { event, direction, failed, limit } = flags;
    const webhookUuid = flags.uuid === undefined ? undefined : await findWebhookUuid(flags.uuid, environment, history);
    const vendor = flags.vendor === undefined ? undefined : await findVendorId(flags.vendor, environment, history);
    if (event !== undefined) await requireKnownEvent(event, history, environment.vendors.entries, webhookUuid);
    const sinceMs = flags.since === undefined ? undefined : momentMs(flags.since, environment.clock.now());
    const filter = { webhookUuid, vendor, event, direction, failed, sinceMs };
    const deliveries = await history.list({ ...filter, purpose: flags.tests ? 'test' : 'event', limit });
    if (flags.json) answerJson({ deliveries: deliveries.map(listedDocument) });
    else if (deliveries.length === 0) say(await nothingToList(flags, filter, history));
    else answer(await renderDeliveries(deliveries, environment, history));
    return 0;
  } finally {
    await history.close();
  }
}

async function findWebhookUuid(
  given: string,
  environment: CommandEnvironment,
  history: HistoryReader,
): Promise<string> {
  const configured = environment.config.webhooks.find((webhook) => isNamed(webhook, given));
  if (configured !== undefined) return configured.uuid;
  if (await history.knowsWebhook(given.toLowerCase())) return given.toLowerCase();
  throw new AppError('refused', `webhook ${given} is neither configured nor in history ${history.path}`, {
    hint: 'see what is there with: webhook history list',
    unknown: {
      given,
      among: [
        ...environment.config.webhooks.flatMap(({ name, uuid }) => [name, uuid]),
        ...(await history.webhookUuids()),
      ],
    },
  });
}

/** What was sent as a vendor that only a file knew is found by its id, too. */
async function findVendorId(given: string, { vendors }: CommandEnvironment, history: HistoryReader): Promise<string> {
  if (isVendorFile(given)) return (await vendors.load(given)).id;
  const purposes = ['event', 'test'] as const;
  const kept = await Promise.all(purposes.map((purpose) => history.list({ vendor: given, purpose, limit: 1 })));
  return kept.flat().length > 0 ? given : findEntry(vendors.entries, given).id;
}

/** Tests are left out without a word, but not when they are all there is. */
async function nothingToList(
  flags: ListFlags,
  filter: Omit<ListFilter, 'limit'>,
  history: HistoryReader,
): Promise<string> {
  const hasTests = !flags.tests && (await history.list({ ...filter, purpose: 'test', limit: 1 })).length > 0;
  if (hasTests) return `nothing in ${history.path}${filtered(flags) ? ' matches' : ' yet'} but tests: add --tests`;
  if (filtered(flags)) return `nothing in ${history.path} matches`;
  return `nothing in ${history.path} yet; webhook ${flags.tests ? 'test --record' : 'send'} puts something in`;
}

function filtered({ uuid, vendor, event, direction, failed, since }: ListFlags): boolean {
  return [uuid, vendor, event, direction, failed, since].some((flag) => flag !== undefined);
}

function listedDocument({ id, createdAt, attempts, ...delivery }: ListedDelivery): Record<string, unknown> {
  return {
    deliveryId: id,
    timestamp: new Date(createdAt).toISOString(),
    ...delivery,
    outcome: attempts.at(-1)?.outcome ?? null,
    attempts: attempts.map(({ number, startedAt, ...attempt }) => ({
      attempt: number,
      timestamp: new Date(startedAt).toISOString(),
      ...attempt,
    })),
  };
}

async function renderDeliveries(
  deliveries: readonly ListedDelivery[],
  { config, clock }: CommandEnvironment,
  history: HistoryReader,
): Promise<string> {
  const [{ renderTable }, { paintOutcome }] = await Promise.all([
    import('../terminal/table.ts'),
    import('../send/render-sent.ts'),
  ]);
  const isForEye = columnsOf(process.stdout) !== undefined;
  const ids = deliveries.map(({ id }) => id);
  const shown = isForEye ? await history.shortIds(ids) : ids;
  const label = await nameWebhooks(isForEye, config, history);
  const rows = deliveries.flatMap((delivery, at) => {
    const names = { id: shown[at] ?? delivery.id, webhook: label(delivery.webhookUuid) };
    return delivery.attempts.map((attempt, index) => [
      timeText(attempt.startedAt, clock.now()),
      ...deliveryCells(delivery, names, attempt, index === 0),
    ]);
  });
  return renderTable(COLUMNS, rows, (line, column) =>
    COLUMNS[column]?.title === 'outcome' ? paintOutcome(line as Outcome) : line,
  );
}

/** Programs get the uuid of a webhook without a name whole. */
async function nameWebhooks(
  isForEye: boolean,
  { webhooks }: Config,
  history: HistoryReader,
): Promise<(uuid: string) => string> {
  if (isForEye) return labelWebhooks(webhooks, history);
  return (uuid) => webhooks.find((webhook) => webhook.uuid === uuid)?.name ?? uuid;
}

/** Which delivery it is, when, and what came of it stays, whatever the width. */
const COLUMNS: readonly Column[] = [
  { title: 'time' },
  { title: 'delivery' },
  { title: 'vendor', leaveOut: 4 },
  { title: 'event', atWorst: 10 },
  { title: 'try', leaveOut: 1 },
  { title: 'outcome' },
  { title: 'answer', atWorst: 6 },
  { title: 'took', leaveOut: 3 },
  { title: 'webhook', leaveOut: 2, cutTo: 12 },
  { title: 'url', leaveOut: 5, cutTo: 20 },
];

/** Further attempts of a delivery stand below the first, without repeating what they share. */
function deliveryCells(
  delivery: ListedDelivery,
  names: { id: string; webhook: string },
  attempt: ListedAttempt,
  isFirst: boolean,
): string[] {
  const event = `${delivery.direction === 'in' ? '← ' : ''}${delivery.event}`;
  const [id, vendor, what] = isFirst ? [names.id, delivery.vendor, event] : ['', '', ''];
  const [webhook, url] = isFirst ? [names.webhook, delivery.url] : ['', ''];
  const answered = String(attempt.status ?? attempt.errorCode ?? '');
  const result = [String(attempt.number), attempt.outcome, answered, formatDuration(attempt.durationMs)];
  return [id, vendor, what, ...result, webhook, url];
}
