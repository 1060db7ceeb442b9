import type { Vendor } from '../../model/vendor.ts';
import { batchRule, eventIds } from '../../vendors/decisive-facts.ts';
import { signedRequest } from '../change-request.ts';
import type { CaseTemplate, EventFactory, GoodEvent } from '../conformance-case.ts';

const ALL_OF_THEM = 'go through all events of the request, and answer when each is kept';

/** Several events in one request. */
export const BATCH_CASES: readonly CaseTemplate[] = [
  {
    id: 'batch',
    title: 'of several events in one request each is processed once',
    sender: 'vendor',
    restsOn: [batchRule],
    appliesTo: 'batches',
    change: (factory) => [signedRequest(factory, batchOf(factory), 'accepted')],
    mistake: 'only the first event of a request is looked at: the others are lost',
    fix: ALL_OF_THEM,
  },
  {
    id: 'batch-again',
    title: 'several events in one request that comes twice are processed once',
    sender: 'vendor',
    restsOn: [batchRule, eventIds],
    appliesTo: 'batches',
    change: (factory) => {
      const batch = batchOf(factory);
      return [signedRequest(factory, batch, 'accepted'), signedRequest(factory, batch, 'repeated')];
    },
    mistake: 'the ids of the first event alone are kept, or those of the request',
    fix: 'keep the id of each event that was processed',
  },
];

const batchOf = (factory: EventFactory): GoodEvent => factory.event({ more: namesOf(factory.vendor) });

/** One of each event where a request may mix them, else the first once more. */
function namesOf({ events, batch }: Vendor): string[] {
  const [first = '', ...others] = events.map(({ name }) => name);
  const { max = 1, mixesEvents = false } = batch?.value ?? {};
  return (mixesEvents && others.length > 0 ? others : [first]).slice(0, max - 1);
}
