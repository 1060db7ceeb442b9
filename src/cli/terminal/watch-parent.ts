import { readFileSync } from 'node:fs';
import { isProcessAlive } from '../../model/process-alive.ts';

const POLL_MS = 500;
/** The first process of a machine, which takes those whose parent has gone. */
const INIT = 1;
/** What starts programs through a shell; of no other ancestor the end means anything. */
const RUNNERS = /^(?:npm|npx|pnpm|yarn|bun|node)/;

/**
 * Calls `onGone` when the process that started this one is gone, once. npx starts a program through a shell and, when
 * it is ended, ends that shell alone: nobody then knows of the program any more. It keeps nothing running.
 */
export function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  const runner = runnerOf(parent);
  if (parent === INIT) return;
  const timer = setInterval(() => {
    // Where nobody takes an orphan over, its parent keeps its number.
    const isThere = process.ppid === parent && isProcessAlive(parent);
    if (isThere && (runner === null || parentOf(parent) === runner)) return;
    clearInterval(timer);
    onGone();
  }, POLL_MS);
  timer.unref();
}

/** What started our parent, if that is npx or its kind: killed, it leaves its shell and us. Linux tells. */
function runnerOf(parent: number): number | null {
  const runner = parentOf(parent);
  try {
    return runner !== null && RUNNERS.test(readFileSync(`/proc/${runner}/comm`, 'utf8')) ? runner : null;
  } catch {
    return null;
  }
}

function parentOf(pid: number): number | null {
  try {
    const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return parent === undefined ? null : Number(parent);
  } catch {
    return null;
  }
}
