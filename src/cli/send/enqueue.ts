import { enqueueEvents } from '../../flows/queue/enqueue-events.ts';
import { describeReach, type ReachOptions } from '../../flows/queue/reach.ts';
import { sendFirst } from '../../flows/queue/send-first.ts';
import { planEvents, type Batch, type PlannedEvent } from '../../flows/send/send-batch.ts';
import type { OpenTarget } from '../../flows/session/open-target.ts';
import type { Queue } from '../../history/queue.ts';
import { loadQueue } from '../../history/store/open-queue.ts';
import type { NextItem } from '../../load/closed-loop.ts';
import { AppError } from '../../model/error.ts';
import type { QueuedDelivery, Reach } from '../../model/queued-delivery.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { programName } from '../terminal/program-name.ts';
import { screenOf } from '../terminal/stdio.ts';
import { fitLines, plainLine } from '../terminal/text.ts';
import type { NoteChanges } from './note-changes.ts';
import { deliveryNames, makeSentReporter } from './sent-reporter.ts';

interface EnqueueFlags extends ReachOptions {
  attachmentsAt?: string;
  json?: boolean;
  retry?: boolean;
}

/** So many get a line each; of more there is only the count. */
const MAX_LISTED = 20;

/** Keeps the events for a worker instead of sending them; with `--retry` it sends each once, and keeps what failed. */
export async function enqueueBatch(
  batch: Batch,
  flags: EnqueueFlags,
  noteChanges: NoteChanges,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  const targets = new Set(batch.orders.map(({ target }) => target));
  const { queue, reachOf } = await openQueueFor([...targets], flags, environment);
  const plan = planEvents(batch, flags.attachmentsAt, environment);
  const next: NextItem<PlannedEvent> = async () => {
    const event = await plan();
    if (event !== null) noteChanges(event.plan);
    return event;
  };
  const total = batch.orders.length * batch.count;
  try {
    return flags.retry
      ? await sendFirstOf(next, total, { queue, reachOf }, flags, environment)
      : await queueAll(next, total, { queue, reachOf }, flags, environment);
  } finally {
    await queue.close();
  }
}

/** The queue, and how a worker finds each target again. */
export interface QueueFor {
  queue: Queue;
  reachOf: (target: OpenTarget) => Reach;
}

/** What cannot be kept is refused before the queue is opened. Throws AppError. */
export async function openQueueFor(
  targets: readonly OpenTarget[],
  flags: ReachOptions,
  environment: CommandEnvironment,
): Promise<QueueFor> {
  const file = environment.historyFile();
  if (file === null) throw new AppError('usage', 'the queue stands in the history', { hint: 'leave out --no-history' });
  const reaches = new Map<OpenTarget, Reach>(
    targets.map((target) => [target, describeReach(target, flags, environment)]),
  );
  const queue = await loadQueue(file);
  return { queue, reachOf: (target) => reaches.get(target) as Reach };
}

async function queueAll(
  next: NextItem<PlannedEvent>,
  total: number,
  { queue, reachOf }: QueueFor,
  flags: EnqueueFlags,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  const uuids = new Set<string>();
  let queued = 0;
  try {
    await enqueueEvents(next, queue, reachOf, environment.recordClock, (items) => {
      queued += items.length;
      for (const item of items) {
        uuids.add(item.delivery.webhookUuid);
        show(item, flags, total);
      }
    });
    await sayHeld(uuids, queue, environment);
  } finally {
    if (total > 1 && !flags.json) answer(`${queued} of ${total} queued`);
  }
  sayWorker();
  return 0;
}

async function sendFirstOf(
  next: NextItem<PlannedEvent>,
  total: number,
  { queue, reachOf }: QueueFor,
  flags: EnqueueFlags,
  environment: CommandEnvironment,
): Promise<ExitCode> {
  const report = makeSentReporter({ json: flags.json === true, total, retry: false });
  const uuids = new Set<string>();
  let queued = 0;
  // A queue that takes nothing is to be known before something is sent.
  await queue.enqueue([], environment.recordClock.now());
  for (let event = await next(); event !== null; event = await next()) {
    const sent = await sendFirst(event, reachOf(event.target), queue, environment);
    report.sent(sent);
    if (sent.queued === undefined) continue;
    queued += 1;
    uuids.add(sent.delivery.webhookUuid);
  }
  const code = report.end();
  if (queued > 0) {
    await sayHeld(uuids, queue, environment);
    if (total > 1) say(`${queued} queued for further attempts`);
    sayWorker();
  }
  return code;
}

export const sayWorker = (): void => say(`sent by: ${programName()} worker`);

function show({ delivery, dueAt }: QueuedDelivery, { json }: EnqueueFlags, total: number): void {
  const { id, vendor, event, url } = delivery;
  if (json) answerJson({ ...deliveryNames(delivery), queued: true, dueAt: new Date(dueAt).toISOString() });
  else if (total <= MAX_LISTED) {
    const line = `queued  ${plainLine(vendor)} ${plainLine(event)} → ${plainLine(url)}  ${id}`;
    answer(fitLines(line, screenOf(1)));
  }
}

/** What is queued for a held webhook waits until it is enabled. */
export async function sayHeld(
  uuids: ReadonlySet<string>,
  queue: Pick<Queue, 'counts'>,
  { recordClock }: Pick<CommandEnvironment, 'recordClock'>,
): Promise<void> {
  for (const { webhookUuid, held } of await queue.counts(recordClock.now())) {
    if (held === null || !uuids.has(webhookUuid)) continue;
    say(
      `note: the webhook ${webhookUuid} is held since ${new Date(held.heldAt).toISOString()} (${held.reason}); what ` +
        `is queued for it waits for ${programName()} enable ${webhookUuid}`,
    );
  }
}
