import { UNKNOWN, type StoredDelivery } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import type { Plan } from '../../model/plan.ts';
import type { VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config } from '../../model/webhook.ts';
import { changeBody } from '../../plan/change-body.ts';
import { NO_OVERRIDES, type Overrides } from '../../plan/overrides.ts';
import { chooseTargets, type TargetedEvent, type TargetOptions } from '../session/choose-targets.ts';
import type { EventContent } from './make-event.ts';
import { chooseReplayTarget } from './replay-delivery.ts';

/**
 * Who gets an event like the recorded one: those that the flags mean, else whoever got it. What `listen` received went
 * to `listen`: like any event it goes to the configured webhooks that list it. Vendor and event are those of the record
 * unless a flag names others. Throws AppError `usage`.
 */
export async function chooseLikeTargets(
  stored: StoredDelivery,
  options: TargetOptions,
  config: Config,
  vendors: VendorRegistry,
): Promise<TargetedEvent[]> {
  const { vendor: named, event = stored.event } = options;
  const id = named === undefined ? stored.vendor : (await vendors.load(named)).id;
  if (named === undefined) requireKnownVendor(stored, vendors);
  if (id === stored.vendor) requireSameEvent(stored, event);
  const isNamed = options.url !== undefined || options.to !== undefined || options.all === true;
  if (isNamed || stored.direction === 'in')
    return chooseTargets({ ...options, vendor: named ?? id, event }, config, vendors);
  return [await chooseReplayTarget({ ...stored, vendor: id, event }, config, vendors, { vendor: named })];
}

/** A record may be of a vendor that only a file knows. */
function requireKnownVendor(stored: StoredDelivery, { entries }: VendorRegistry): void {
  if (!entries.some(({ id }) => id === stored.vendor))
    throw new AppError('usage', `delivery ${stored.id} is from an unknown vendor ("${stored.vendor}")`, {
      hint: 'give the vendor and the event: --vendor ID|FILE --event NAME',
    });
}

/** The body of a record is that of one event. */
function requireSameEvent(stored: StoredDelivery, event: string): void {
  if (event === stored.event || stored.event === UNKNOWN) return;
  throw new AppError('usage', `the body of delivery ${stored.id} is for the event ${stored.event}, not ${event}`, {
    hint: `leave out --event, or --like for a sample of ${event}`,
  });
}

/** The recorded body, byte for byte but for what the overrides change. */
export function likeContent(
  stored: StoredDelivery,
  { event, vendor }: Pick<TargetedEvent, 'event' | 'vendor'>,
  overrides: Overrides,
): Pick<EventContent, 'data' | 'overrides' | 'isRecorded'> {
  return {
    data: changeBody(stored.body, vendor, event, overrides, `the body of delivery ${stored.id}`),
    overrides: NO_OVERRIDES,
    isRecorded: true,
  };
}

/** What a receiver that knows its events would make of this one; null when it is another event by its id. */
export function noteSameEvent(stored: StoredDelivery, { event, eventId }: Plan): string | null {
  if (eventId === null || eventId !== stored.eventId) return null;
  const other = event.idField === undefined ? '' : `; to change the id, use --set ${event.idField}=…`;
  return (
    `the id ${eventId} is that of the recorded event, and a receiver that already has it ignores a second ` +
    `one${other}`
  );
}
