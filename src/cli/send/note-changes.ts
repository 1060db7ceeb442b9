import type { Plan } from '../../model/plan.ts';
import { say } from '../terminal/output.ts';
import { plainText } from '../terminal/text.ts';
import type { EventFlags } from './send-flags.ts';

/** Says once of each event how the user's own flags made it differ from the vendor's; it is sent all the same. */
export async function makeChangeNotes(
  flags: Pick<EventFlags, 'set' | 'add' | 'remove' | 'data'>,
): Promise<(plan: Plan) => void> {
  const isChanged = flags.data !== undefined || [flags.set, flags.add, flags.remove].some(({ length }) => length > 0);
  if (!isChanged) return () => undefined;
  const { describeChanges } = await import('../../flows/send/describe-changes.ts');
  const seen = new Set<string>();
  return (plan) => {
    const name = `${plan.vendor.id} ${plan.event.name}`;
    if (seen.has(name)) return;
    seen.add(name);
    const changes = describeChanges(plan);
    if (changes !== null) say(`note: ${plainText(changes)}`);
  };
}
