import { labelQueued } from '../../flows/queue/find-queued.ts';
import type { QueueFilter, WaitingDelivery } from '../../history/queue.ts';
import { loadQueueReader } from '../../history/store/open-queue.ts';
import { readQueued } from '../queue/queue-filter.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import type { TableColumn } from '../terminal/fit-columns.ts';
import { momentMs } from '../terminal/flag-values.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { renderTable } from '../terminal/table.ts';
import { timeText } from '../terminal/time-text.ts';
import { plainLine } from '../terminal/text.ts';
import type { FilterFlags } from './delivery-filter.ts';

interface PendingFlags extends FilterFlags {
  limit: number;
  json?: boolean;
}

/** `webhook history list --pending`: what waits in the queue, the first due first. */
export async function listPending(flags: PendingFlags, environment: CommandEnvironment): Promise<ExitCode> {
  const queue = await loadQueueReader(environment.historyFile() as string);
  try {
    const { uuid, vendor, event, since, limit } = flags;
    const { clock, recordClock } = environment;
    const filter: QueueFilter = {
      ...(await readQueued({ uuid, vendor, event }, queue, environment)),
      sinceMs: since === undefined ? undefined : momentMs(since, clock.now()),
    };
    // One more than is shown tells whether there are more.
    const found = await queue.list({ ...filter, limit: limit + 1 });
    const shown = found.slice(0, limit);
    if (flags.json) answerJson({ pending: shown.map((one) => pendingDocument(one, recordClock.now())) });
    else if (shown.length === 0) say(`nothing waits in ${plainLine(queue.path)}`);
    else answer(renderPending(shown, environment));
    if (found.length > limit) say(`only the first ${limit} are listed; more with --limit ${limit * 5}`);
    return 0;
  } finally {
    await queue.close();
  }
}

type PendingState = 'under way' | 'held' | 'due' | 'later';

function stateOf({ dueAt, isHeld }: WaitingDelivery, nowMs: number): PendingState {
  if (dueAt === null) return 'under way';
  if (isHeld) return 'held';
  return dueAt <= nowMs ? 'due' : 'later';
}

function pendingDocument(waiting: WaitingDelivery, nowMs: number): Record<string, unknown> {
  const { id, webhookUuid, vendor, event, eventId, url, createdAt, number, dueAt } = waiting;
  return {
    deliveryId: id,
    timestamp: new Date(createdAt).toISOString(),
    webhookUuid,
    vendor,
    event,
    eventId,
    url,
    attempt: number,
    dueAt: dueAt === null ? null : new Date(dueAt).toISOString(),
    state: stateOf(waiting, nowMs),
  };
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'due' },
  { title: 'delivery' },
  { title: 'vendor', leaveOut: 3 },
  { title: 'event', atWorst: 10 },
  { title: 'try', leaveOut: 1 },
  { title: 'state' },
  { title: 'webhook', leaveOut: 2, cutTo: 16, keepsEnds: true },
];

function renderPending(
  waiting: readonly WaitingDelivery[],
  { config, clock, recordClock }: CommandEnvironment,
): string {
  const label = labelQueued(config.webhooks);
  const rows = waiting.map((one) => [
    one.dueAt === null ? '' : timeText(one.dueAt, clock.now()),
    one.id,
    one.vendor,
    one.event,
    String(one.number),
    stateOf(one, recordClock.now()),
    label(one),
  ]);
  return renderTable(COLUMNS, rows);
}
