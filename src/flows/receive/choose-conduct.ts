import { AppError } from '../../model/error.ts';
import type { Vendor } from '../../model/vendor.ts';
import { BUGS, bugsOf, type Bug } from '../../receive/bugs/list-bugs.ts';
import { makeConduct, type Conduct } from './answer-received.ts';
import type { Expected } from './judge-received.ts';
import { makeSigning } from './make-signing.ts';

/**
 * How to answer: by the rules, or wrong in one way. Throws AppError `usage` for a bug that there is not, or that a
 * receiver of this vendor cannot have.
 */
export function chooseConduct(bugName: string | undefined, expected: Expected): Conduct {
  const bug = bugName === undefined ? undefined : findBug(bugName, expected.vendor);
  return makeConduct(bug, (vendor) => {
    if (vendor.signature.value === null) return () => '';
    return makeSigning(vendor.signature.value, expected.secretsOf(vendor)[0] ?? '').digest;
  });
}

function findBug(name: string, vendor: Vendor | null): Bug {
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
