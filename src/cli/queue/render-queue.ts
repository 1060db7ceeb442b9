import { labelQueued } from '../../flows/queue/find-queued.ts';
import type { QueueCounts } from '../../history/queue.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { renderTable } from '../terminal/table.ts';
import { timeText } from '../terminal/time-text.ts';

const isoOrNull = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** What waits for a held webhook is held, due or not. */
const heldOf = ({ due, later, held }: QueueCounts): number => (held === null ? 0 : due + later);
const dueOf = ({ due, held }: QueueCounts): number => (held === null ? due : 0);
const laterOf = ({ later, held }: QueueCounts): number => (held === null ? later : 0);

/** `webhook queue stats --json` */
export function countsDocument(counts: readonly QueueCounts[]): Record<string, unknown> {
  return {
    webhooks: counts.map((one) => ({
      webhookUuid: one.webhookUuid,
      url: one.url === '' ? null : one.url,
      due: dueOf(one),
      later: laterOf(one),
      underWay: one.underWay,
      held: heldOf(one),
      nextDueAt: isoOrNull(one.nextDueAt),
      heldSince: isoOrNull(one.held?.heldAt ?? null),
      heldReason: one.held?.reason ?? null,
    })),
  };
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'webhook', cutTo: 16, keepsEnds: true },
  { title: 'due' },
  { title: 'later' },
  { title: 'under way', leaveOut: 2 },
  { title: 'held' },
  { title: 'next', leaveOut: 1 },
];

export async function renderCounts(
  counts: readonly QueueCounts[],
  { config, clock }: Pick<CommandEnvironment, 'config' | 'clock'>,
): Promise<string> {
  const label = labelQueued(config.webhooks);
  const rows = counts.map((one) => [
    label(one),
    String(dueOf(one)),
    String(laterOf(one)),
    String(one.underWay),
    String(heldOf(one)),
    one.nextDueAt === null || one.held !== null ? '' : timeText(one.nextDueAt, clock.now()),
  ]);
  const held = counts.flatMap((one) =>
    one.held === null
      ? []
      : [`${label(one)} is held since ${new Date(one.held.heldAt).toISOString()}: ${one.held.reason}`],
  );
  return [renderTable(COLUMNS, rows), ...held].join('\n');
}
