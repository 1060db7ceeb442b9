import { CHECKS, type CheckId } from '../../certs/checks.ts';
import { AppError } from '../../model/error.ts';
import { commaList } from '../terminal/flags.ts';

const IDS = Object.keys(CHECKS) as CheckId[];

/** Reads `--only P1,P2`, in any letter case. Throws AppError `usage`. */
export function checkIds(value: string, previous: readonly CheckId[] = []): CheckId[] {
  const given = commaList(value).map(
    (text) => IDS.find((id) => id.toLowerCase() === text.toLowerCase()) ?? unknownCheck(text),
  );
  return [...previous, ...given];
}

function unknownCheck(given: string): never {
  throw new AppError('usage', `there is no check ${given}`, {
    hint: `checks: ${IDS.join(', ')}`,
    unknown: { given, among: IDS },
  });
}

/** Every check with what it proves, for the help. */
export function checksText(): string {
  const width = Math.max(...IDS.map((id) => id.length));
  return ['Checks:', ...IDS.map((id) => `  ${id.padEnd(width)}  ${CHECKS[id].title}`)].join('\n');
}
