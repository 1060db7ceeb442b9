import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEndpoint } from '../../helpers/endpoint.ts';
import { makeGate } from '../../helpers/gate.ts';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram } from '../../helpers/program.ts';

test('Ctrl-C records the attempt under way, then dies by SIGINT', async () => {
  const cwd = testFolder();
  const history = join(cwd, 'history.db');
  const arrival = makeGate();
  const endpoint = await openEndpoint(() => arrival.open());
  const child = spawn(
    process.execPath,
    [bin('webhook'), 'send', '--event', 'subscribe', '--url', endpoint.url, '--history', history],
    { cwd, stdio: 'ignore' },
  );
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('exit', (_, signal) => resolve(signal));
  });
  await arrival.opened;
  child.kill('SIGINT');
  expect(await ended).toBe('SIGINT');
  const { stdout } = await runProgram('webhook', ['history', 'show', 'last', '--json', '--history', history], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({ attempts: [{ outcome: 'unreachable', errorCode: 'ABORTED' }] });
});

test.each(['send', 'retries'])('Ctrl-C while %s waits for the next retry: nothing looks given up', async (command) => {
  const cwd = testFolder();
  const kept = ['--history', join(cwd, 'history.db')];
  const endpoint = await openEndpoint((response) => void response.writeHead(503).end());
  const args = [command, '--event', 'subscribe', '--url', endpoint.url, '--time-scale', '1', ...kept];
  const child = spawn(process.execPath, [bin('webhook'), ...args, ...(command === 'send' ? ['--retry'] : [])], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (bytes: Buffer) => (said.stdout += bytes.toString()));
  const ended = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said.stderr += bytes.toString();
      if (said.stderr.includes('attempt 1')) resolve();
    });
  });
  child.kill('SIGINT');
  expect(await ended).toBe('SIGINT');
  expect(said.stdout).toMatch(/stopped after 1 attempts?/);
  const [list, table, shown] = await Promise.all(
    [['list', '--json'], ['list'], ['show', 'last']].map((words) =>
      runProgram('webhook', ['history', ...words, ...kept], { cwd }),
    ),
  );
  const { deliveries } = JSON.parse(list?.stdout ?? '') as { deliveries: unknown[] };
  expect(deliveries).toMatchObject([{ outcome: 'refused', unfinished: true, attempts: [{ attempt: 1 }] }]);
  expect(table?.stdout).toMatch(/ 1 {4}refused, unfinished {2}503 /);
  expect(shown?.stdout).toMatch(/\nunfinished: mailkit tries again \d+ min after this attempt; the run was stopped/);
});

test('Ctrl-C among several tells how many were never sent', async () => {
  const cwd = testFolder();
  const arrival = makeGate();
  const endpoint = await openEndpoint(() => arrival.open());
  const child = spawn(
    process.execPath,
    [bin('webhook'), 'send', '--event', 'subscribe', '--count', '60', '--url', endpoint.url, '--no-history'],
    { cwd, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await arrival.opened;
  child.kill('SIGINT');
  await ended;
  expect(said).toMatch(/^0 delivered, 0 refused, (\d+) unreachable, (\d+) not sent$/m);
});

test('a closed pipe ends an answer quietly', async () => {
  const cwd = testFolder();
  const ended = await runCommandLine(
    'sh',
    ['-c', `"${process.execPath}" "${bin('webhook')}" events --json | head -c 10`],
    { cwd },
  );
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(ended.stdout).toHaveLength(10);
});
