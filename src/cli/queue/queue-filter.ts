import type { Command } from 'commander';
import { findQueuedWebhook } from '../../flows/queue/find-queued.ts';
import { requireKnownEvent } from '../../flows/history/known-events.ts';
import type { QueueFilter, QueueReader } from '../../history/queue.ts';
import { AppError } from '../../model/error.ts';
import { findEntry } from '../../vendors/registry.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import { addWebhookFlag, type StoreFlags } from '../terminal/flags.ts';

/** Which of the queue a command changes. */
export interface QueueFilterFlags extends StoreFlags {
  uuid?: string;
  vendor?: string;
  event?: string;
  all?: boolean;
}

export function addQueueFilterFlags(command: Command): Command {
  command.argument('[delivery-id]', 'its id, or the beginning of that');
  return addWebhookFlag(command, 'uuid', 'of this webhook')
    .option('--vendor <id>', 'of this vendor')
    .option('--event <event>', 'of this event')
    .option('--all', 'all that waits');
}

/** Throws AppError `usage` when nothing is chosen, or the beginning of an id is that of several. */
export async function readQueueFilter(
  idBeginning: string | undefined,
  flags: QueueFilterFlags,
  queue: QueueReader,
  environment: CommandEnvironment,
): Promise<QueueFilter> {
  const { uuid, vendor, event, all = false } = flags;
  const isChosen = [idBeginning, uuid, vendor, event].some((one) => one !== undefined);
  if (isChosen === all)
    throw new AppError('usage', all ? '--all leaves nothing to choose' : 'which deliveries?', {
      hint: 'give the id of one, --webhook NAME, --vendor ID, --event NAME, or --all alone',
    });
  const filter = await readQueued({ uuid, vendor, event }, queue, environment);
  return idBeginning === undefined ? filter : { ...filter, idBeginning: await onlyId(idBeginning, queue) };
}

/** Checks the flags against what is known and what the queue has: a mistyped one would find nothing. */
export async function readQueued(
  { uuid, vendor, event }: Pick<QueueFilterFlags, 'uuid' | 'vendor' | 'event'>,
  queue: QueueReader,
  { config, vendors }: Pick<CommandEnvironment, 'config' | 'vendors'>,
): Promise<QueueFilter> {
  const has = async (filter: QueueFilter): Promise<boolean> => (await queue.list({ ...filter, limit: 1 })).length > 0;
  if (vendor !== undefined && !(await has({ vendor }))) findEntry(vendors.entries, vendor);
  const eventNames = async (): Promise<string[]> => (event !== undefined && (await has({ event })) ? [event] : []);
  if (event !== undefined) await requireKnownEvent(event, { path: queue.path, eventNames }, vendors.entries);
  return {
    vendor,
    event,
    webhookUuid: uuid === undefined ? undefined : await findQueuedWebhook(uuid, config.webhooks, queue),
  };
}

async function onlyId(given: string, queue: QueueReader): Promise<string> {
  const beginning = given.trim().toLowerCase();
  const [only, other] = await queue.list({ idBeginning: beginning, limit: 2 });
  if (only === undefined)
    throw new AppError('refused', `no delivery ${given} waits in ${queue.path}`, {
      hint: 'list what waits: webhook history list --pending; what was sent is sent again with: webhook replay ID',
    });
  if (other === undefined) return only.id;
  throw new AppError('usage', `the ids of several deliveries start with ${given}`, { hint: 'give more of the id' });
}
