import type { Plan } from '../../model/plan.ts';
import { listSome } from '../../model/wording.ts';
import { driftText, findDrift } from '../../vendors/drift.ts';
import { bodyWords } from '../../vendors/body-facts.ts';
import { readPayload } from '../../vendors/read-body.ts';

/**
 * In which ways the body is none that the vendor sends; null when there are none. What hookproof makes itself fits, so
 * they are the user's own.
 */
export function describeChanges(plan: Pick<Plan, 'vendor' | 'event' | 'body' | 'url'>): string | null {
  const { vendor, event } = plan;
  const payload = readPayload(vendor, plan);
  const drift = payload === null ? null : findDrift(payload, event);
  if (drift?.length === 0) return null;
  const changes = drift?.map(driftText) ?? [`the body is no ${bodyWords(vendor)}`];
  return `${event.name} as you changed it is none that ${vendor.title} sends: ${listSome(changes)}`;
}
