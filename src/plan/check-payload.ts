import { AppError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import type { VendorEvent } from '../model/vendor.ts';
import { listSome } from '../model/wording.ts';
import { driftText, findMisfits } from '../vendors/drift.ts';

/**
 * Refuses a body that hookproof itself made and that does not fit the vendor's fields: an endpoint must not be judged
 * by what the vendor never sends.
 * @param source what it was made from, as a person names it; null: a sample, which no input could have spoilt
 * Throws AppError `input` where there is a source, else an error that is a bug.
 */
export function checkPayload(payload: JsonObject, event: VendorEvent, source: string | null): void {
  const misfits = findMisfits(payload, event);
  if (misfits.length === 0) return;
  const problem = `does not match the vendor's fields, so nothing was sent: ${listSome(misfits.map(driftText))}`;
  if (source === null) throw new Error(`the sample of ${event.name} ${problem}`);
  throw new AppError('input', `${event.name} from ${source} ${problem}`, {
    hint: 'this is a bug: please report it with the mail; --data FILE sends a body of your own',
  });
}
