import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = import.meta.dirname;

/**
 * The committed mistakes: `{ name, path, mistake, caughtBy }`. Each is a patch for `git apply` with a header that says
 * which mistake it plants (`Mistake:`) and which test files must fail then (`Caught by:`, one a line).
 */
export function readPatches() {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.patch'))
    .toSorted()
    .map((file) => {
      const path = join(FOLDER, file);
      const [header] = readFileSync(path, 'utf8').split('\ndiff --git ');
      const of = (key) => [...header.matchAll(new RegExp(`^${key}: (.+)$`, 'gm'))].map(([, value]) => value.trim());
      return {
        name: file.slice(0, -'.patch'.length),
        path,
        mistake: of('Mistake')[0] ?? '',
        caughtBy: of('Caught by'),
      };
    });
}
