import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';

/** Another program that holds the history until it is told to let go. */
export async function lockHistory(history: string): Promise<() => Promise<void>> {
  const shell = spawn('sqlite3', [history], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(shell, 'close');
  // Whoever just used the history may not have let go of it yet.
  shell.stdin.write(".timeout 5000\nbegin exclusive; select 'held';\n");
  const [held] = await Promise.race([once(shell.stdout, 'data'), gone]);
  expect(String(held)).toBe('held\n');
  return async () => {
    shell.stdin.end('commit;\n');
    await gone;
  };
}
