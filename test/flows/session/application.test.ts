import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { sendSignal } from '../../../src/cli/terminal/exit.ts';
import { startApplication, type Application } from '../../../src/flows/session/application.ts';
import { listProcesses } from '../../../src/flows/session/list-processes.ts';
import { testFolder } from '../../helpers/folder.ts';

/** The ends of processes are told by their list. */
const onLinux = test.runIf(process.platform === 'linux');

interface Started {
  cwd: string;
  printed: string[];
  application: Application;
}

/** The shell of each command writes down its number. */
async function startIn(cwd: string, command: string): Promise<Started> {
  const printed: string[] = [];
  const application = await startApplication({
    command: `echo $$ > shell.tmp; mv shell.tmp shell; ${command}`,
    workingDirectory: cwd,
    env: process.env,
    onLine: (line) => printed.push(line),
    sendSignal,
  });
  onTestFinished(() => application.stop());
  return { cwd, printed, application };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await wait(10);
}

const isRunning = (pid: number): boolean => (listProcesses() ?? []).some((one) => one.pid === pid);

/** Node has told of the end of the shell by the time that the system has forgotten it. */
async function untilShellEnded({ cwd }: Started): Promise<void> {
  await until(() => existsSync(join(cwd, 'shell')));
  const pid = readFileSync(join(cwd, 'shell'), 'utf8').trim();
  await until(() => !existsSync(`/proc/${pid}`));
}

const isAborted = (signal: AbortSignal): Promise<void> => until(() => signal.aborted);

const UNTIL_TOLD = 'while ! [ -e go ]; do sleep 0.01; done';

onLinux('what the shell leaves in the background has not ended before all of it has', async () => {
  const started = await startIn(testFolder(), `(${UNTIL_TOLD}; echo last words; exit 7) & exit 0`);
  const { cwd, printed, application } = started;
  await untilShellEnded(started);
  expect([application.howEnded(), application.ending.aborted]).toEqual([null, false]);
  writeFileSync(join(cwd, 'go'), '');
  await isAborted(application.ending);
  await application.stop();
  expect([application.howEnded(), printed]).toEqual([
    'it exited on its own with code 0, and what it left in the background has ended since',
    ['last words'],
  ]);
});

onLinux('what is stopped in the background has not ended by itself', async () => {
  const started = await startIn(testFolder(), 'sleep 600 & exit 0');
  const { application } = started;
  await untilShellEnded(started);
  await application.stop();
  expect([application.howEnded(), application.ending.aborted]).toEqual([null, false]);
});

/** A process in a session of its own, which keeps the pipe open for as long as the folder of the test is there. */
const DAEMON = `setsid sh -c 'touch daemon; while [ -e shell ]; do sleep 0.1; done' & ${'while ! [ -e daemon ]; do :; done;'}`;

onLinux.each([
  ['at its end', 'echo last words; exit 7', 'it exited on its own with code 7'],
  ['in the middle of a line', 'printf "last words"; exit 7', 'it exited on its own with code 7'],
  ['killed', 'echo last words; kill -KILL $$', 'it was stopped by SIGKILL'],
  ['with a daemon left', `${DAEMON} echo last words; exit 7`, 'it exited on its own with code 7'],
])('an end that is not heard of before it is stopped counts as its own: %s', async (_, end, how) => {
  const { cwd, printed, application } = await startIn(testFolder(), end);
  // Nothing is heard of it while we only wait.
  untilUnheard(() => existsSync(join(cwd, 'shell')));
  const pid = Number(readFileSync(join(cwd, 'shell'), 'utf8'));
  untilUnheard(() => !isRunning(pid));
  await application.stop();
  expect([application.howEnded(), printed]).toEqual([how, ['last words']]);
});

function untilUnheard(isSo: () => boolean): void {
  while (!isSo()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}
