import { type Command, Option } from 'commander';
import { findWebhookUuid } from '../../flows/history/find-webhook.ts';
import { requireKnownEvent } from '../../flows/history/known-events.ts';
import type { DeliveryFilter, HistoryReader } from '../../history/history.ts';
import { DIRECTIONS, type Direction } from '../../model/attempt.ts';
import { isVendorFile } from '../../model/vendor-registry.ts';
import { findEntry } from '../../vendors/registry.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import { MOMENT_FORMS, moment, momentMs, type Moment } from '../terminal/flag-values.ts';
import { addWebhookFlag, type StoreFlags } from '../terminal/flags.ts';
import { programName } from '../terminal/program-name.ts';

/** Which of the history: the flags of every command that shows some of it. */
export interface FilterFlags extends StoreFlags {
  uuid?: string;
  vendor?: string;
  event?: string;
  direction?: Direction;
  failed?: boolean;
  tests?: boolean;
  since?: Moment;
}

export function addFilterFlags(command: Command): Command {
  return addWebhookFlag(command, 'uuid', 'only of this webhook')
    .option('--vendor <id|file>', 'only of this vendor')
    .option('--event <event>', 'only this event')
    .addOption(new Option('--direction <direction>', 'only those received (in) or sent (out)').choices(DIRECTIONS))
    .option('--failed', 'only those whose last attempt was not delivered')
    .option('--tests', 'only the requests that webhook test --record kept, which are left out otherwise')
    .option('--since <when>', `only those created since: ${MOMENT_FORMS}`, moment);
}

/** Checks the flags against what is configured and what the history has: a mistyped one would find nothing. */
export async function readFilter(
  flags: FilterFlags,
  environment: CommandEnvironment,
  history: HistoryReader,
): Promise<DeliveryFilter> {
  const { event, direction, failed } = flags;
  const webhookUuid =
    flags.uuid === undefined ? undefined : await findWebhookUuid(flags.uuid, environment.config.webhooks, history);
  const vendor = flags.vendor === undefined ? undefined : await findVendorId(flags.vendor, environment, history);
  if (event !== undefined) await requireKnownEvent(event, history, environment.vendors.entries, webhookUuid);
  const sinceMs = flags.since === undefined ? undefined : momentMs(flags.since, environment.clock.now());
  return { webhookUuid, vendor, event, direction, failed, sinceMs, purpose: flags.tests ? 'test' : 'event' };
}

/** Tests are left out without a word, but not when they are all there is. */
export async function nothingMatches(
  flags: FilterFlags,
  filter: DeliveryFilter,
  history: HistoryReader,
): Promise<string> {
  const hasTests = !flags.tests && (await history.list({ ...filter, purpose: 'test', limit: 1 })).length > 0;
  if (hasTests) return `only tests in ${history.path}${isFiltered(flags) ? ' match' : ' so far'}: add --tests`;
  if (isFiltered(flags)) return `nothing in ${history.path} matches`;
  const command = `${programName()} ${flags.tests ? 'test --record' : 'send'}`;
  return `nothing in ${history.path} yet; add something with ${command}`;
}

function isFiltered({ uuid, vendor, event, direction, failed, since }: FilterFlags): boolean {
  return [uuid, vendor, event, direction, failed, since].some((flag) => flag !== undefined);
}

/** What was sent as a vendor that only a file knew is found by its id, too. */
async function findVendorId(given: string, { vendors }: CommandEnvironment, history: HistoryReader): Promise<string> {
  if (isVendorFile(given)) return (await vendors.load(given)).id;
  const purposes = ['event', 'test'] as const;
  const kept = await Promise.all(purposes.map((purpose) => history.list({ vendor: given, purpose, limit: 1 })));
  return kept.flat().length > 0 ? given : findEntry(vendors.entries, given).id;
}
