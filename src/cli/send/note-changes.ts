import type { Plan } from '../../model/plan.ts';
import { say } from '../terminal/output.ts';
import { plainText } from '../terminal/text.ts';
import type { Recorded } from './open-like.ts';
import type { EventFlags } from './send-flags.ts';

/** Says of a planned event what is odd in it, once of each event; it is sent all the same. */
export type NoteChanges = (plan: Plan) => void;

/**
 * Notes how the user's own flags made an event differ from the vendor's, and what is not new in one that is like
 * another.
 */
export async function makeChangeNotes(
  flags: Pick<EventFlags, 'set' | 'add' | 'remove' | 'data'>,
  recorded: Pick<Recorded, 'noteOf'> | null = null,
): Promise<NoteChanges> {
  const isChanged = flags.data !== undefined || [flags.set, flags.add, flags.remove].some(({ length }) => length > 0);
  if (!isChanged && recorded === null) return () => undefined;
  const { describeChanges } = await import('../../vendors/drift.ts');
  const seen = new Set<string>();
  return (plan) => {
    const name = `${plan.vendor.id} ${plan.event.name}`;
    if (seen.has(name)) return;
    seen.add(name);
    for (const note of [isChanged ? describeChanges(plan) : null, recorded?.noteOf(plan) ?? null])
      if (note !== null) say(`note: ${plainText(note)}`);
  };
}
