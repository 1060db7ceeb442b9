import type { CallbackAddress, EventChoice, EventFactory } from '../../conform/conformance-case.ts';
import type { ClaimedCertificate } from '../../model/certificate-claim.ts';
import type { Clock, Ids } from '../../model/clock.ts';
import type { Vendor, VendorEvent } from '../../model/vendor.ts';
import { makePlan, type PlanOptions } from '../../plan/make-plan.ts';
import { fieldsOf, hasFixedId } from '../../vendors/facts.ts';
import { findEvent } from '../../vendors/find-event.ts';
import { readEventKeys } from '../../vendors/read-body.ts';
import { proveChallenge } from '../session/make-signing.ts';
import { placeAlone, signAs } from './sign-event.ts';

export interface EventFactoryOptions {
  vendor: Vendor;
  url: URL;
  /** Null for a vendor that signs nothing. */
  secret: string | null;
  /** Data-selection elements (Mail-Plus). */
  select?: readonly string[];
  clock: Clock;
  ids: Ids;
  claimedCertificate?: ClaimedCertificate | null;
  foreignKeyUrl?: string | null;
  callback?: (host: 'trusted' | 'foreign') => CallbackAddress | null;
}

/** Makes good events and signatures for the cases: planning and signing as `send` does it. */
export function makeEventFactory(options: EventFactoryOptions): EventFactory {
  const { vendor, url, secret, select, clock, ids, claimedCertificate = null, foreignKeyUrl = null } = options;
  const { callback = () => null } = options;
  const webhookUuid = ids.uuidV4();
  return {
    vendor,
    event(choice = {}) {
      const name = choice.event ?? vendor.events[0]?.name ?? '';
      const at: Clock = { ...clock, now: () => clock.now() - (choice.agoMs ?? 0) };
      const planned: PlanOptions = {
        event: name,
        url,
        webhookUuid,
        deliveryId: ids.uuidV7(clock.now()),
        sample: choice.variant === undefined ? { sample: choice.sample ?? 'full' } : { variant: choice.variant },
        overrides: { set: listValues(options, name, choice), add: [], remove: [] },
        select,
        jsonStyle: choice.jsonStyle,
        more: choice.more?.map((event) => ({ event })),
      };
      const { url: called, method, headers, body } = makePlan(planned, vendor, at, ids);
      const names = [name, ...(choice.more ?? [])];
      const [key = null, ...more] = readEventKeys(vendor, { url: called, headers, body }).map((one, index) =>
        hasFixedId(findEvent(vendor, names[index] ?? name)) ? null : one,
      );
      const moreKeys = more.filter((one) => one !== null);
      return { event: name, url: called, method, headers, body, key, moreKeys };
    },
    sign: (event, how = {}) => (secret === null ? null : signAs(vendor, secret, event, how, clock.now())),
    place: (event, text) => placeAlone(vendor, event, text),
    prove: (proof, text) => (secret === null ? null : proveChallenge(proof, secret, text)),
    now: () => new Date(clock.now()).toISOString(),
    callback,
    newId: () => ids.uuidV4(),
    claimedCertificate,
    foreignKeyUrl,
  };
}

/** As `--set` takes them. */
function listValues({ vendor, ids }: EventFactoryOptions, name: string, choice: EventChoice): string[] {
  const all = { ...ownKey(vendor, name, choice, ids), ...choice.values };
  return Object.entries(all).map(([path, value]) => `${path}=${value}`);
}

/**
 * Where the body has no id, events are told apart by a field whose sample is always the same; where there is none, a
 * line that people write makes their bytes differ, for receivers may know an event again by those. A minimal event may
 * lack it.
 */
function ownKey(vendor: Vendor, eventName: string, choice: EventChoice, ids: Ids): Record<string, string> {
  const event = findEvent(vendor, eventName);
  if (event.keyField === undefined) return event.idField === undefined ? ownLine(event, choice, ids) : {};
  const field = event.fields.find(({ name }) => name === event.keyField);
  const isKept =
    field === undefined || field.generated !== undefined || (choice.sample === 'minimal' && field.optional);
  return isKept ? {} : { [event.keyField]: `hookproof-${ids.token(10)}@example.com` };
}

/** A variant may lack what stands within others. */
function ownLine(event: VendorEvent, { sample, variant }: EventChoice, ids: Ids): Record<string, string> {
  const line = fieldsOf(event).find(
    ({ path, field }) => field.prose === 'line' && (variant === undefined || !path.includes('.')),
  );
  return line === undefined || sample === 'minimal'
    ? {}
    : { [line.path]: `${String(line.field.example)} ${ids.token(10)}` };
}
