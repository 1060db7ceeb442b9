import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

export interface MadeOnce {
  /** Where to make it, or null when this run has made it already. */
  toMake: string | null;
  /** A copy, in a folder of its own. Call it once what there is to make is made. */
  copy(): string;
}

/**
 * Files that several test files need and that are expensive to make, such as keys and certificates: made by the first
 * that asks in a run, copied by all. Two that ask at the same moment both make them, and the faster one's are kept.
 */
export function madeOnce(name: string): MadeOnce {
  const kept = join(inject('runFolder'), name);
  const toMake = existsSync(kept) ? null : mkdtempSync(`${kept}-`);
  return {
    toMake,
    copy: () => {
      if (toMake !== null) keep(toMake, kept);
      const copied = mkdtempSync(join(tmpdir(), 'hookproof-made-'));
      cpSync(kept, copied, { recursive: true, preserveTimestamps: true });
      return copied;
    },
  };
}

function keep(made: string, kept: string): void {
  try {
    renameSync(made, kept);
  } catch (error) {
    if (!existsSync(kept)) throw error;
    rmSync(made, { recursive: true });
  }
}
