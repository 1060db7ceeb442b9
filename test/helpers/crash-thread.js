/**
 * For `node --import`: the first thread of `webhook load --threads` throws, or with CRASH=exit ends, or with CRASH=writer
 * the thread that writes the history throws, once there is the file that CRASH_FILE names.
 */
import { existsSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

const isVictim =
  process.env.CRASH === 'writer' ? workerData?.historyPath !== undefined : workerData?.loadTask?.part.number === 0;

if (isVictim) {
  const timer = setInterval(() => {
    if (!existsSync(process.env.CRASH_FILE)) return;
    clearInterval(timer);
    if (process.env.CRASH === 'exit') process.exit(9);
    throw new Error('planted by the test');
  }, 5);
}
