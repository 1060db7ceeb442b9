import type { Command } from 'commander';
import type { ListedAttempt, ListedDelivery } from '../../history/history.ts';
import type { Outcome } from '../../model/attempt.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { count } from '../terminal/flag-values.ts';
import { addStoreFlags, jsonFlag } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { formatDuration } from '../terminal/text.ts';
import { addFilterFlags, nothingMatches, readFilter, type FilterFlags } from './delivery-filter.ts';

interface ListFlags extends FilterFlags {
  limit: number;
  json?: boolean;
}

const DEFAULT_LIMIT = 20;

/** `webhook history list` */
export function listHistoryCommand(): Command {
  const command = addFilterFlags(
    makeCommand('list', {
      summary: 'list the newest deliveries, each with its attempts',
      examples: [
        ['webhook history list --failed --since 24h', 'what did not arrive since yesterday'],
        ['webhook history list --direction in --limit 5', 'the last five that webhook listen received'],
        ['webhook history list --uuid shop --json', 'of one webhook, by its uuid or configured name, for programs'],
      ],
    }),
  )
    .option('--limit <count>', `at most so many (default: ${DEFAULT_LIMIT})`, count, DEFAULT_LIMIT)
    .addOption(jsonFlag());
  return addStoreFlags(command).action(act(list));
}

async function list(flags: ListFlags): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const history = await environment.openReader();
  try {
    const filter = await readFilter(flags, environment, history);
    const deliveries = await history.list({ ...filter, limit: flags.limit });
    if (flags.json) answerJson({ deliveries: deliveries.map(listedDocument) });
    else if (deliveries.length === 0) say(await nothingMatches(flags, filter, history));
    else answer(await renderDeliveries(deliveries));
    return 0;
  } finally {
    await history.close();
  }
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

async function renderDeliveries(deliveries: readonly ListedDelivery[]): Promise<string> {
  const [{ renderTable }, { paintOutcome }] = await Promise.all([
    import('../terminal/table.ts'),
    import('../send/render-sent.ts'),
  ]);
  const rows = deliveries.flatMap((delivery) =>
    delivery.attempts.map((attempt, index) => deliveryRow(delivery, attempt, index === 0)),
  );
  return renderTable(
    ['time', 'delivery', 'vendor', 'event', 'try', 'outcome', 'answer', 'took', 'webhook', 'url'],
    rows,
    (cell, column) => (column === 5 ? paintOutcome(cell as Outcome) : cell),
  );
}

/** Further attempts of a delivery stand below the first, without repeating what they share. */
function deliveryRow(delivery: ListedDelivery, attempt: ListedAttempt, isFirst: boolean): string[] {
  const time = `${new Date(attempt.startedAt).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  const shared = isFirst ? [delivery.id, delivery.vendor, delivery.event] : ['', '', ''];
  const result = [
    String(attempt.number),
    attempt.outcome,
    String(attempt.status ?? attempt.errorCode ?? ''),
    formatDuration(attempt.durationMs),
  ];
  const where = isFirst
    ? [delivery.webhookUuid, `${delivery.direction === 'in' ? '← ' : ''}${delivery.url}`]
    : ['', ''];
  return [time, ...shared, ...result, ...where];
}
