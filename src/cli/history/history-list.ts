import { Option, type Command } from 'commander';
import { namesOf } from '../../config/select-webhook.ts';
import { labelWebhooks, placeText } from '../../flows/history/label-webhooks.ts';
import type { HistoryReader, ListedAttempt, ListedDelivery } from '../../history/history.ts';
import type { Outcome } from '../../model/attempt.ts';
import type { Config } from '../../model/webhook.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { count } from '../terminal/flag-values.ts';
import { addStoreFlags, jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { columnsOf, formatDuration } from '../terminal/text.ts';
import { timeText } from '../terminal/time-text.ts';
import { addFilterFlags, nothingMatches, readFilter, type FilterFlags } from './delivery-filter.ts';
import { screenOf } from '../terminal/stdio.ts';

interface ListFlags extends FilterFlags {
  limit: number;
  pending?: boolean;
  json?: boolean;
}

const DEFAULT_LIMIT = 20;

/** `webhook history list` */
export function listHistoryCommand(): Command {
  const command = addFilterFlags(
    makeCommand('list', {
      summary: 'list the newest deliveries, each with its attempts',
      examples: [
        ['webhook history list --failed --since 24h', 'what was not delivered since yesterday'],
        ['webhook history list --direction in --limit 5', 'the last five that webhook listen received'],
        ['webhook history list --webhook shop --json', 'one webhook, for programs'],
      ],
      daily: ['--webhook', '--event', '--failed', '--since', '--pending', '--limit', '--json'],
    }),
  )
    .addOption(
      new Option('--pending', 'what waits in the queue instead, and when it is due').conflicts([
        'direction',
        'failed',
        'tests',
      ]),
    )
    .option('--limit <count>', `at most N, the newest (default: ${DEFAULT_LIMIT})`, count, DEFAULT_LIMIT)
    .addOption(jsonFlag());
  return addStoreFlags(command).action(act(list));
}

async function list(flags: ListFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  if (flags.pending) return (await import('./history-pending.ts')).listPending(flags, environment);
  const history = await environment.openReader();
  try {
    const filter = await readFilter(flags, environment, history);
    // One more than is shown tells whether there are more; to count them all could take long.
    const found = await history.list({ ...filter, limit: flags.limit + 1 });
    const deliveries = found.slice(0, flags.limit);
    if (flags.json) answerJson({ deliveries: deliveries.map(listedDocument) });
    else if (deliveries.length === 0) say(await nothingMatches(flags, filter, history));
    else answer(await renderDeliveries(deliveries, environment, history));
    if (found.length > deliveries.length)
      say(`only the newest ${flags.limit} are listed; more with --limit ${flags.limit * 5}`);
    return 0;
  } finally {
    await history.close();
  }
}

function listedDocument({
  id,
  createdAt,
  attempts,
  isUnfinished,
  ...delivery
}: ListedDelivery): Record<string, unknown> {
  return {
    deliveryId: id,
    timestamp: new Date(createdAt).toISOString(),
    ...delivery,
    outcome: attempts.at(-1)?.outcome ?? null,
    ...(isUnfinished ? { unfinished: true } : {}),
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
  const isForEye = columnsOf(screenOf(1)) !== undefined;
  const ids = deliveries.map(({ id }) => id);
  const shown = isForEye ? await history.shortIds(ids) : ids;
  const uuids = deliveries.map(({ webhookUuid }) => webhookUuid);
  const label = isForEye ? await labelWebhooks(config.webhooks, history, uuids) : nameOrUuid(config);
  const rows = deliveries.flatMap((delivery, at) => {
    const names = { id: shown[at] ?? delivery.id, webhook: label(delivery.webhookUuid) };
    return delivery.attempts.map((attempt, index) => [
      timeText(attempt.startedAt, clock.now()),
      ...deliveryCells(delivery, names, attempt, index),
    ]);
  });
  const columns = rows.every((row) => row.at(-1) === '') ? COLUMNS.slice(0, -1) : COLUMNS;
  return renderTable(columns, rows, (line, column) =>
    COLUMNS[column]?.title === 'outcome' ? paintLine(line, paintOutcome) : line,
  );
}

/** Programs get the uuid of a webhook without a name whole. */
function nameOrUuid({ webhooks }: Config): (uuid: string) => string {
  const nameOf = namesOf(webhooks);
  return (uuid) => nameOf(uuid) ?? uuid;
}

/** Which delivery it is, when, and what came of it stays, whatever the width. */
const COLUMNS: readonly TableColumn[] = [
  { title: 'time' },
  { title: 'delivery' },
  { title: 'vendor', leaveOut: 4 },
  { title: 'event', atWorst: 10 },
  { title: 'try', leaveOut: 1 },
  { title: 'outcome' },
  { title: 'answer', atWorst: 6 },
  { title: 'took', leaveOut: 3 },
  { title: 'webhook', leaveOut: 2, cutTo: 16, keepsEnds: true },
  { title: 'url', leaveOut: 5, cutTo: 20, keepsEnds: true },
];

const UNFINISHED = ', unfinished';

function paintLine(line: string, paint: (outcome: Outcome) => string): string {
  const [outcome = '', ...rest] = line.split(/(?=,)/);
  return paint(outcome as Outcome) + rest.join('');
}

/** Further attempts of a delivery stand below the first, without repeating what they share. */
function deliveryCells(
  delivery: ListedDelivery,
  names: { id: string; webhook: string },
  attempt: ListedAttempt,
  index: number,
): string[] {
  const isFirst = index === 0;
  const isLast = index === delivery.attempts.length - 1;
  const event = `${delivery.direction === 'in' ? '← ' : ''}${delivery.event}`;
  const [id, vendor, what] = isFirst ? [names.id, delivery.vendor, event] : ['', '', ''];
  const isNamedByUrl = names.webhook === placeText(delivery.url);
  const [webhook, url] = isFirst ? [names.webhook, isNamedByUrl ? '' : delivery.url] : ['', ''];
  const answered = String(attempt.status ?? attempt.errorCode ?? '');
  // Otherwise it would look as if the vendor had given up.
  const outcome = isLast && delivery.isUnfinished ? `${attempt.outcome}${UNFINISHED}` : attempt.outcome;
  const result = [String(attempt.number), outcome, answered, formatDuration(attempt.durationMs)];
  return [id, vendor, what, ...result, webhook, url];
}
