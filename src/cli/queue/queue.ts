import type { Command } from 'commander';
import type { Queue, QueueFilter } from '../../history/queue.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { addStoreFlags, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { answer, answerJson, say } from '../terminal/output.ts';
import { programName } from '../terminal/program-name.ts';
import { plainLine } from '../terminal/text.ts';
import { addQueueFilterFlags, readQueueFilter, type QueueFilterFlags } from './queue-filter.ts';
import { countsDocument, renderCounts } from './render-queue.ts';

/** `webhook queue stats|cancel|retry` */
export function queueCommand(name: string): Command {
  return makeCommand(name, {
    summary: 'count, cancel or hurry deliveries that wait in the queue',
    examples: [
      [`${name} stats`, 'what waits, by webhook, and which webhooks are held'],
      [`${name} retry --webhook shop`, 'all that waits for one webhook is due now'],
      [`${name} cancel 0199a2`, 'one delivery is not sent any more'],
    ],
  })
    .addCommand(queueStatsCommand())
    .addCommand(cancelCommand())
    .addCommand(hurryCommand());
}

/** The file of the history, of a command that has no `--no-history`. */
export const fileOf = ({ historyFile }: { historyFile(): string | null }): string => historyFile() as string;

function queueStatsCommand(): Command {
  const command = makeCommand('stats', {
    summary: 'count what waits, by webhook',
    examples: [
      ['webhook queue stats', 'due, waiting for its time, under way, held'],
      ['webhook queue stats --json', 'for programs'],
    ],
  }).addOption(jsonFlag());
  return addStoreFlags(command).action(act(showCounts));
}

async function showCounts(flags: StoreFlags & { json?: boolean }): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const { loadQueueReader } = await import('../../history/store/open-queue.ts');
  const queue = await loadQueueReader(fileOf(environment));
  try {
    const counts = await queue.counts(environment.recordClock.now());
    if (flags.json) answerJson(countsDocument(counts));
    else if (counts.length === 0)
      say(`nothing waits in ${plainLine(queue.path)}; queue something with webhook send --enqueue`);
    else answer(await renderCounts(counts, environment));
    return 0;
  } finally {
    await queue.close();
  }
}

function cancelCommand(): Command {
  const command = makeCommand('cancel', {
    summary: 'take deliveries out of the queue: they are not sent any more',
    examples: [
      ['webhook queue cancel 0199a2', 'one, by the beginning of its id'],
      ['webhook queue cancel --webhook shop --event optin', 'the opt-ins of one webhook'],
      ['webhook queue cancel --all', 'all that waits; attempts so far stay in the history'],
    ],
  });
  addQueueFilterFlags(command).addOption(jsonFlag());
  return addStoreFlags(command).action(
    act(async (delivery: string | undefined, flags: ChangeFlags) =>
      change(delivery, flags, 'canceled', (queue, filter) => queue.cancel(filter)),
    ),
  );
}

const DUE_NOW = 'due now';

function hurryCommand(): Command {
  const command = makeCommand('retry', {
    summary: 'make deliveries due now, whatever the vendor would wait',
    examples: [
      ['webhook queue retry --webhook shop', 'the endpoint is up again: do not wait for the next step'],
      ['webhook queue retry --all', 'all that waits'],
    ],
  });
  addQueueFilterFlags(command).addOption(jsonFlag());
  return addStoreFlags(command).action(
    act(async (delivery: string | undefined, flags: ChangeFlags) =>
      change(delivery, flags, DUE_NOW, (queue, filter, nowMs) => queue.makeDue(filter, nowMs)),
    ),
  );
}

type ChangeFlags = QueueFilterFlags & { json?: boolean };

/** What is under way cannot be changed: a cancel that leaves it, and a word that changes nothing, is no yes. */
async function change(
  delivery: string | undefined,
  flags: ChangeFlags,
  word: string,
  work: (queue: Queue, filter: QueueFilter, nowMs: number) => Promise<number>,
): Promise<ExitCode> {
  const environment = await openEnvironment(flags);
  const { loadQueue } = await import('../../history/store/open-queue.ts');
  const queue = await loadQueue(fileOf(environment));
  try {
    const filter = await readQueueFilter(delivery, flags, queue, environment);
    const nowMs = environment.recordClock.now();
    const deliveries = await work(queue, filter, nowMs);
    const underWay = await countUnderWay(queue, filter);
    if (flags.json) answerJson({ deliveries, underWay });
    else answer(`${deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`} ${word}`);
    if (underWay > 0) say(`${underWay} under way: being sent now, or left by a worker that was killed`);
    if (word === DUE_NOW) (await heldLines(queue, filter, nowMs)).forEach(say);
    return underWay > 0 && (word !== DUE_NOW || deliveries === 0) ? 1 : 0;
  } finally {
    await queue.close();
  }
}

/** They come first, however much waits behind them. */
const MOST_UNDER_WAY = 1000;

const countUnderWay = async (queue: Queue, filter: QueueFilter): Promise<number> =>
  (await queue.list({ ...filter, limit: MOST_UNDER_WAY })).filter(({ dueAt }) => dueAt === null).length;

async function heldLines(queue: Queue, { webhookUuid }: QueueFilter, nowMs: number): Promise<string[]> {
  const counts = await queue.counts(nowMs);
  return counts
    .filter((one) => one.held !== null && one.due > 0 && (webhookUuid ?? one.webhookUuid) === one.webhookUuid)
    .map((one) => `${one.webhookUuid} is held, so nothing is sent to it: ${programName()} enable ${one.webhookUuid}`);
}
