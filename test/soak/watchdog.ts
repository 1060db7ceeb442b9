import { Worker } from 'node:worker_threads';

/** Ends a process that one input holds up: a loop without end in it lets no timer fire. */
export interface Watchdog {
  /** What is being tried from now on, to be shown should it not end. */
  watch(what: string): void;
  /** Nothing is being tried. */
  rest(): void;
  stop(): Promise<unknown>;
}

const MOST_TEXT = 512 * 1024;
/** The number of the input, and how long its text is. */
const HEAD_INTS = 2;

const SOURCE = `
  const { workerData: { shared, mostMs } } = require('node:worker_threads');
  const head = new Int32Array(shared, 0, ${HEAD_INTS});
  let seen = -1;
  setInterval(() => {
    const now = Atomics.load(head, 0);
    if (now !== seen || now === 0) { seen = now; return; }
    const text = Buffer.from(shared).toString('utf8', ${HEAD_INTS * 4}, ${HEAD_INTS * 4} + Atomics.load(head, 1));
    require('node:fs').writeSync(2, 'no end in ' + mostMs + ' ms: ' + text + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, mostMs);`;

/** Starts one that waits so long for the next input; for good when none is there. */
export function startWatchdog(mostMs: number): Watchdog {
  const shared = new SharedArrayBuffer(HEAD_INTS * 4 + MOST_TEXT);
  const head = new Int32Array(shared, 0, HEAD_INTS);
  const text = new Uint8Array(shared, HEAD_INTS * 4);
  const worker = new Worker(SOURCE, { eval: true, workerData: { shared, mostMs } });
  let count = 0;
  return {
    watch(what) {
      const bytes = Buffer.from(what).subarray(0, MOST_TEXT);
      text.set(bytes);
      Atomics.store(head, 1, bytes.length);
      Atomics.store(head, 0, ++count);
    },
    rest: () => void Atomics.store(head, 0, 0),
    stop: () => worker.terminate(),
  };
}
