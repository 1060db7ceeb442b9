import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { testFolder } from './folder.ts';

/** A real disk of that size (`16k`), gone when the test ends; undefined where no disk may be mounted. */
export function mountTinyDisk(size: string): string | undefined {
  const disk = join(testFolder(), 'disk');
  mkdirSync(disk);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]).status !== 0) return undefined;
  onTestFinished(() => void spawnSync('umount', ['-l', disk]));
  return disk;
}

/** Writes into the file until the disk is full. */
export function fillDisk(file: string): void {
  spawnSync('sh', ['-c', 'cat /dev/zero > "$0"', file]);
}
