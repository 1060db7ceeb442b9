import { enqueueEvents } from '../../flows/queue/enqueue-events.ts';
import { describeReach, type ReachOptions } from '../../flows/queue/reach.ts';
import type { OpenTarget } from '../../flows/session/open-target.ts';
import type { Queue } from '../../history/queue.ts';
import { loadQueue } from '../../history/store/open-queue.ts';
import { AppError } from '../../model/error.ts';
import type { QueuedDelivery, Reach } from '../../model/queued-delivery.ts';
import { planEvents, type Batch } from '../../flows/send/send-batch.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { programName } from '../terminal/program-name.ts';
import { fitLines, plainLine } from '../terminal/text.ts';
import type { NoteChanges } from './note-changes.ts';
import { deliveryNames } from './sent-reporter.ts';
import { screenOf } from '../terminal/stdio.ts';

interface EnqueueFlags extends ReachOptions {
  attachmentsAt?: string;
  json?: boolean;
}

/** So many get a line each; of more there is only the count. */
const MAX_LISTED = 20;

/** Keeps the events for a worker instead of sending them. */
export async function enqueueBatch(
  batch: Batch,
  flags: EnqueueFlags,
  noteChanges: NoteChanges,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  const file = environment.historyFile();
  if (file === null) throw new AppError('usage', 'the queue stands in the history', { hint: 'leave out --no-history' });
  const reaches = new Map<OpenTarget, Reach>(
    batch.orders.map(({ target }) => [target, describeReach(target, flags, environment)]),
  );
  const queue = await loadQueue(file);
  const total = batch.orders.length * batch.count;
  let queued = 0;
  const plan = planEvents(batch, flags.attachmentsAt, environment);
  try {
    await enqueueEvents(
      async () => {
        const event = await plan();
        if (event !== null) noteChanges(event.plan);
        return event;
      },
      queue,
      (target) => reaches.get(target) as Reach,
      environment.recordClock,
      (items) => {
        queued += items.length;
        for (const item of items) show(item, flags, total);
      },
    );
    await sayHeld(new Set([...reaches.keys()].map(({ webhookUuid }) => webhookUuid)), queue, environment);
  } finally {
    await queue.close();
    if (total > 1 && !flags.json) answer(`${queued} of ${total} queued`);
  }
  say(`sent by: ${programName()} worker`);
  return 0;
}

function show({ delivery, dueAt }: QueuedDelivery, { json }: EnqueueFlags, total: number): void {
  const { id, vendor, event, url } = delivery;
  if (json) answerJson({ ...deliveryNames(delivery), queued: true, dueAt: new Date(dueAt).toISOString() });
  else if (total <= MAX_LISTED) {
    const line = `queued  ${plainLine(vendor)} ${plainLine(event)} → ${plainLine(url)}  ${id}`;
    answer(fitLines(line, screenOf(1)));
  }
}

/** What is queued for a held webhook waits until it is enabled. */
async function sayHeld(
  uuids: ReadonlySet<string>,
  queue: Pick<Queue, 'counts'>,
  { recordClock }: CommandEnvironment,
): Promise<void> {
  for (const { webhookUuid, held } of await queue.counts(recordClock.now())) {
    if (held === null || !uuids.has(webhookUuid)) continue;
    say(
      `note: the webhook ${webhookUuid} is held since ${new Date(held.heldAt).toISOString()} (${held.reason}); what ` +
        `is queued for it waits for ${programName()} enable ${webhookUuid}`,
    );
  }
}
