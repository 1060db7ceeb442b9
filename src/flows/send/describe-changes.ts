import type { Plan } from '../../model/plan.ts';
import { driftText, findDrift } from '../../vendors/drift.ts';
import { readObject } from '../../vendors/event-key.ts';

const MAX_SHOWN = 5;

/**
 * In which ways the body is none that the vendor sends; null when there are none. What hookproof makes itself fits, so
 * they are the user's own.
 */
export function describeChanges({ vendor, event, body }: Pick<Plan, 'vendor' | 'event' | 'body'>): string | null {
  const payload = readObject(body);
  const drift = payload === null ? null : findDrift(payload, event);
  if (drift?.length === 0) return null;
  const texts = drift?.map((one) => driftText(one)) ?? ['the body is no JSON object'];
  const more = texts.length > MAX_SHOWN ? `; and ${texts.length - MAX_SHOWN} more` : '';
  const shown = texts.slice(0, MAX_SHOWN).join('; ');
  return `${event.name} as you changed it is none that ${vendor.title} sends: ${shown}${more}`;
}
