import { AppError } from '../../model/error.ts';
import type { Vendor } from '../../model/vendor.ts';
import {
  canMake,
  mistakeText,
  RECEIVER_MISTAKES,
  type MistakeId,
  type ShownMistakeId,
} from '../../vendors/receiver-mistakes.ts';
import type { BehaviourChange, ReceiverBehaviour } from '../receiver-behaviour.ts';
import { CALLBACK_BUGS } from './callback.ts';
import { CALLER_BUGS } from './caller.ts';
import { JWT_BUGS } from './jwt.ts';
import { PAYLOAD_BUGS } from './payload.ts';
import { REQUEST_BUGS } from './request.ts';
import { SIGNATURE_BUGS } from './signature.ts';

/** One mistake that the reference receiver makes on purpose. */
export interface Bug {
  id: MistakeId;
  /** Completes "failing by …". */
  mistake: string;
  change: (correct: ReceiverBehaviour) => Partial<ReceiverBehaviour>;
}

/** Every mistake that requests can show, made; the compiler finds one without a bug, and a bug that is none of them. */
const CHANGES: Record<ShownMistakeId, BehaviourChange> = {
  ...SIGNATURE_BUGS,
  ...JWT_BUGS,
  ...REQUEST_BUGS,
  ...CALLER_BUGS,
  ...PAYLOAD_BUGS,
  ...CALLBACK_BUGS,
};

/** Every bug there is, in the order they are shown. */
export const BUGS: readonly Bug[] = (Object.keys(CHANGES) as ShownMistakeId[]).map((id) => {
  const mistake = RECEIVER_MISTAKES[id].text;
  return { id, mistake, change: (correct) => CHANGES[id](correct, mistake) };
});

/** The bugs that a receiver of this vendor can have, with their mistakes in the vendor's words. */
export function bugsOf(vendor: Vendor): Bug[] {
  return BUGS.filter(({ id }) => canMake(vendor, id)).map((bug) => ({ ...bug, mistake: mistakeText(bug.id, vendor) }));
}

/** Null stands for any vendor. Throws AppError `usage` for a bug that a receiver of it cannot have. */
export function findBug(name: string, vendor: Vendor | null): Bug {
  const bugs = vendor === null ? BUGS : bugsOf(vendor);
  const bug = bugs.find((one) => one.id === name);
  if (bug !== undefined) return bug;
  const among = bugs.map(({ id }) => id);
  throw new AppError(
    'usage',
    vendor === null ? `unknown bug "${name}"` : `receivers of ${vendor.title} have no bug "${name}"`,
    { hint: `known: ${among.join(', ')}`, unknown: { given: name, among } },
  );
}
