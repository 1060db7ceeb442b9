/**
 * For `node --import`: the first thread of `webhook load --threads` throws, or with CRASH=exit ends, once there is the
 * file that CRASH_FILE names.
 */
import { existsSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

if (workerData?.loadTask?.part.number === 0) {
  const timer = setInterval(() => {
    if (!existsSync(process.env.CRASH_FILE)) return;
    clearInterval(timer);
    if (process.env.CRASH === 'exit') process.exit(9);
    throw new Error('planted by the test');
  }, 5);
}
