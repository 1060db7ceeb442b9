import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished, expect, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { freePorts, isClosed, untilOpen } from '../../helpers/free-ports.ts';
import { bin } from '../../helpers/program.ts';

/** `npx webhook listen … &`, as a script starts it. */
async function npxListen(...args: string[]): Promise<{ npx: ChildProcess; port: number }> {
  const cwd = testFolder();
  mkdirSync(join(cwd, 'node_modules/.bin'), { recursive: true });
  symlinkSync(bin('webhook'), join(cwd, 'node_modules/.bin/webhook'));
  writeFileSync(join(cwd, 'package.json'), '{}');
  const [port = 0] = await freePorts(1);
  const npx = spawn('npx', ['webhook', 'listen', '--port', String(port), '--no-history', '--for', '10m', ...args], {
    cwd,
    env: { ...process.env, HOME: cwd, npm_config_update_notifier: 'false' },
    stdio: 'ignore',
    detached: true,
  });
  onTestFinished(() => {
    try {
      process.kill(-(npx.pid as number), 'SIGKILL');
    } catch {
      // All of it has ended.
    }
  });
  await untilOpen(port, () => undefined);
  return { npx, port };
}

async function untilClosed(port: number): Promise<void> {
  while (!(await isClosed(port))) await wait(50);
}

test.each(['SIGTERM', 'SIGKILL'] as const)('npx, ended by %s, leaves no receiver behind', async (signal) => {
  const { npx, port } = await npxListen();
  npx.kill(signal);
  await untilClosed(port);
});

test('--keep-running goes on without npx', async () => {
  const keeping = await npxListen('--keep-running');
  const other = await npxListen();
  keeping.npx.kill();
  other.npx.kill();
  await untilClosed(other.port);
  expect(await isClosed(keeping.port)).toBe(false);
});
