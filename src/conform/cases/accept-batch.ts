import type { Vendor } from '../../model/vendor.ts';
import { badElements, batchOrder, batchRule, eventIds } from '../../vendors/decisive-facts.ts';
import { readEventKeys } from '../../vendors/read-body.ts';
import { insertElement } from '../change-body.ts';
import { signedRequest } from '../change-request.ts';
import type { CaseTemplate, EventFactory, Expectation, GoodEvent, WireRequest } from '../conformance-case.ts';

const ALL_OF_THEM = 'process all events in the request, and answer once all are stored';

/** Where no element can be put among good ones. */
export const NO_ROOM = 'a request contains at most two events';

/** Several events in one request. */
export const BATCH_CASES: readonly CaseTemplate[] = [
  {
    id: 'batch',
    title: 'several events in one request are each processed once',
    sender: 'vendor',
    restsOn: [batchRule],
    appliesTo: 'batches',
    change: (factory) => [signedRequest(factory, batchOf(factory), 'accepted')],
    mistake: 'only the first event of a request is read: the others are lost',
    fix: ALL_OF_THEM,
  },
  {
    id: 'batch-again',
    title: 'several events in a repeated request are each processed once',
    sender: 'vendor',
    restsOn: [batchRule, eventIds],
    appliesTo: 'batches',
    change: (factory) => {
      const batch = batchOf(factory);
      return [signedRequest(factory, batch, 'accepted'), signedRequest(factory, batch, 'repeated')];
    },
    mistake: 'only the id of the first event is stored, or only that of the request',
    fix: 'store the id of every processed event',
  },
  {
    id: 'batch-order',
    title: 'several events in one request, in any order, are each processed once',
    sender: 'vendor',
    restsOn: [batchRule, batchOrder],
    appliesTo: 'mixed-batches',
    change: (factory) => [signedRequest(factory, eventsOf(factory, namesOf(factory.vendor).toReversed()), 'accepted')],
    mistake: 'the events of a request are assumed to be in chronological order',
    fix: 'handle each event on its own, and use its own date if the order matters',
  },
  {
    id: 'batch-bad-element',
    title: 'a bad event in a request does not affect the others',
    sender: 'vendor',
    restsOn: [batchRule, badElements],
    appliesTo: 'batches',
    change: (factory) => withElement(factory, '{"hookproof":"no event"}', 'accepted'),
    mistake: 'one event that cannot be read fails the whole request: the vendor sends it again, and it fails again',
    fix: 'set aside what you cannot read, process the others, and answer with success',
    emptyBecause: NO_ROOM,
  },
];

const batchOf = (factory: EventFactory, room = 0): GoodEvent => eventsOf(factory, namesOf(factory.vendor, room));

const eventsOf = (factory: EventFactory, [event, ...more]: readonly string[]): GoodEvent =>
  factory.event({ event, more });

/** One of each event where a request may mix them, else the first twice. */
function namesOf({ events, batch }: Vendor, room = 0): string[] {
  const [first = '', ...others] = events.map(({ name }) => name);
  const { max = 1, mixesEvents = false } = batch?.value ?? {};
  return [first, ...(mixesEvents && others.length > 0 ? others : [first])].slice(0, max - room);
}

/** Good events, and this among them. Some vendors' events have their place in the request as a part of their keys. */
export function withElement(factory: EventFactory, json: string, expect: Expectation): WireRequest[] {
  const { vendor } = factory;
  const batch = batchOf(factory, 1);
  const body = insertElement(vendor, json)(batch.body);
  if (body.length === batch.body.length) return [];
  const [key = null, , ...others] = readEventKeys(vendor, { ...batch, body });
  const moreKeys = others.filter((one) => one !== null);
  return [signedRequest(factory, { ...batch, body, key, moreKeys }, expect, { isDamaged: true })];
}
