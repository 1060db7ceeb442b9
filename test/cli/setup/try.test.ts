import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../../helpers/folder.ts';
import { bin, runCommandLine, runProgram } from '../../helpers/program.ts';

/** What `Next` offers. */
const commandsOf = (text: string): string[] =>
  [...text.slice(text.indexOf('\nNext')).matchAll(/^ {2}(\S.*)$/gm)].map(([, command = '']) => command);

/** In a folder where the program is found by the name that is printed. */
function shell(): (command: string) => ReturnType<typeof runCommandLine> {
  const cwd = testFolder();
  symlinkSync(bin('webhook'), join(cwd, 'webhook'));
  const env = { PATH: `${cwd}:${process.env['PATH']}`, HOME: cwd };
  return (command) => runCommandLine('bash', ['-c', command], { cwd, env });
}

test.each(['mail2many', 'mailkit', 'sendgrid', 'amazon-ses'])(
  '%s: without a terminal it shows all and ends, and what it prints works',
  async (vendor) => {
    const { code, stdout, stderr } = await runProgram('webhook', ['try', vendor]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^1\. a receiver .*\n2\. an event .*delivered.*\n3\. the test .*none fails\n4\. a bug .*planted/,
    );
    const run = shell();
    for (const command of commandsOf(stdout)) {
      // The whole suite has just passed.
      const short = command.includes(' test ') ? `${command} --only unicode` : command;
      expect({ command, code: (await run(short)).code }).toEqual({ command, code: 0 });
    }
  },
);

test('it stays, shows what comes, and leaves nothing on the port', async () => {
  const child = spawn(process.execPath, [bin('webhook'), 'try', 'stripe', '--for', '10m'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_command: undefined, npm_lifecycle_event: undefined },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  const seen = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!stdout.includes(text)) return;
        child.stdout.off('data', look);
        resolve();
      };
      child.stdout.on('data', look);
      look();
    });
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await seen('--for express');
  const [send = '', check = ''] = commandsOf(stdout);
  const run = shell();
  expect((await run(send)).stdout).toMatch(/^delivered {2}stripe/);
  await seen('POST /hook  200');
  expect((await run(check)).code).toBe(0);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(stdout)?.[1]);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
});

test('a vendor that is mistyped', async () => {
  const { code, stderr } = await runProgram('webhook', ['try', 'strip']);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('stripe') });
});
