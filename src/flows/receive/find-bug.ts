import { AppError } from '../../model/error.ts';
import type { Vendor } from '../../model/vendor.ts';
import { BUGS, bugsOf, type Bug } from '../../receive/bugs/list-bugs.ts';

/** Null stands for any vendor. Throws AppError `usage` for a bug that a receiver of it cannot have. */
export function findBug(name: string, vendor: Vendor | null): Bug {
  const bugs = vendor === null ? BUGS : bugsOf(vendor);
  const bug = bugs.find((one) => one.id === name);
  if (bug !== undefined) return bug;
  const among = bugs.map(({ id }) => id);
  throw new AppError(
    'usage',
    vendor === null ? `there is no bug "${name}"` : `there is no bug "${name}" of a receiver of ${vendor.title}`,
    { hint: `known: ${among.join(', ')}`, unknown: { given: name, among } },
  );
}
