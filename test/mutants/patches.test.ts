import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readPatches } from './read-patches.js';

const root = resolve(import.meta.dirname, '../..');
const patches = readPatches();

test('there are as many mistakes as rooms and more', () => {
  expect(patches.length).toBeGreaterThanOrEqual(20);
});

test.each(patches.map((patch) => [patch.name, patch] as const))(
  '%s still applies, says its mistake, and names test files that exist',
  (_, { path, mistake, caughtBy }) => {
    // Throws with what git says when a line around the mistake has changed: then make the patch anew.
    execFileSync('git', ['apply', '--check', path], { cwd: root, stdio: 'pipe' });
    expect(mistake).not.toBe('');
    expect(caughtBy).not.toEqual([]);
    for (const file of caughtBy) expect([file, existsSync(join(root, file))]).toEqual([file, true]);
  },
);
