import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { AppError } from '../model/error.ts';

/** Who holds a lock. Editing is synchronous, so one process holds one at a time. */
const OWN_MARK = `${process.pid} on ${hostname()}`;
const PAUSE_MS = 10;
/** An edit takes milliseconds: who has held the lock for so long is dead, or hangs. */
const LEFT_BEHIND_AFTER_MS = 10_000;
/** Longer than that, so that a lock left behind just now is outlived. */
const WAIT_AT_MOST_MS = 15_000;

/**
 * Runs `work` while no other process that asks for the same lock runs its own. The lock is the file `lock`, made with
 * O_EXCL and gone afterwards; one that was left behind is taken over.
 * @param work gets a question to ask right before what counts: is the lock still ours? Somebody may have taken it over
 *   while we hung, or together with us.
 * @throws AppError `config`, naming the lock file, when others hold it all the time; an error of the system when it
 *   cannot be made.
 */
export function withLock<Result>(
  lock: string,
  work: (isHeld: () => boolean) => Result,
  waitAtMostMs = WAIT_AT_MOST_MS,
): Result {
  takeLock(lock, waitAtMostMs);
  const isHeld = (): boolean => readMark(lock) === OWN_MARK;
  try {
    return work(isHeld);
  } finally {
    if (isHeld()) rmSync(lock, { force: true });
  }
}

function takeLock(lock: string, waitAtMostMs: number): void {
  const startedMs = performance.now();
  while (!makeLock(lock)) {
    if (isLeftBehind(lock)) removeAside(lock);
    else if (performance.now() - startedMs < waitAtMostMs) pause();
    else throw heldTooLong(lock, waitAtMostMs);
  }
}

function makeLock(lock: string): boolean {
  try {
    writeFileSync(lock, OWN_MARK, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isLeftBehind(lock: string): boolean {
  const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  // The machine's own time whatever `--now` says: the file system wrote the other one.
  return madeMs !== undefined && performance.timeOrigin + performance.now() - madeMs > LEFT_BEHIND_AFTER_MS;
}

/** By way of another name: of two processes that do this at once, one finds nothing to rename. */
function removeAside(lock: string): void {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  rmSync(aside, { force: true });
}

function readMark(lock: string): string | null {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return null;
  }
}

/** Editing is synchronous, so waiting is, too. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}

function heldTooLong(lock: string, waitedMs: number): AppError {
  const mark = readMark(lock);
  const holder = mark === null || mark === '' ? 'another process' : `process ${mark}`;
  return new AppError('config', `${lock} is in the way for more than ${waitedMs / 1000} s, now held by ${holder}`, {
    hint: 'try again when that has ended; if no hookproof is running, delete this file',
  });
}
