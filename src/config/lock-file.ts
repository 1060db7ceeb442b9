import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../model/error.ts';
import { isProcessAlive } from '../model/process-alive.ts';

/** Who holds a lock. Editing is synchronous, so one process holds one at a time. */
const OWN_MARK = `${process.pid} on ${hostname()}`;
const PAUSE_MS = 10;
/** An edit takes milliseconds: who has held the lock for so long hangs, or is of another machine and dead. */
const LEFT_BEHIND_AFTER_MS = 10_000;
/** Longer than that, so that a lock left behind just now is outlived. */
const WAIT_AT_MOST_MS = 15_000;
/** A lock is empty between its making and the writing of its mark, and for good when its maker died there. */
const EMPTY_AT_MOST_MS = 200;

/** Who waits longer wants to know for what. */
const PATIENCE_MS = 500;

export interface LockOptions {
  waitAtMostMs?: number;
  /** Called once when the wait is noticed, with what is waited for. */
  onWait?: (words: string) => void;
}

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
  { waitAtMostMs = WAIT_AT_MOST_MS, onWait }: LockOptions = {},
): Result {
  takeLock(lock, waitAtMostMs, onWait);
  const isHeld = (): boolean => readMark(lock) === OWN_MARK;
  try {
    return work(isHeld);
  } finally {
    if (isHeld()) rmSync(lock, { force: true });
  }
}

function takeLock(lock: string, waitAtMostMs: number, onWait: LockOptions['onWait']): void {
  const startedMs = performance.now();
  let isSaid = false;
  while (!makeLock(lock)) {
    const waitedMs = performance.now() - startedMs;
    if (isLeftBehind(lock)) removeAside(lock);
    else if (waitedMs >= waitAtMostMs) throw heldTooLong(lock, waitAtMostMs);
    else {
      if (!isSaid && waitedMs > PATIENCE_MS) onWait?.(`waiting for ${lock}, held by ${holderOf(lock)}`);
      isSaid ||= waitedMs > PATIENCE_MS;
      pause();
    }
  }
}

const makeLock = (lock: string): boolean => makeWholeFile(lock, OWN_MARK, 0o600);

/**
 * Makes a file; false when there is one. When its text cannot be written (a full disk) the file is gone again.
 * Errors are the system's.
 */
export function makeWholeFile(path: string, text: string, mode: number): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    if ((error as NodeJS.ErrnoException).syscall !== 'open') rmSync(path, { force: true });
    throw error;
  }
}

/**
 * Its maker is no more. A process of this machine is asked for; the mark of this very process is of an earlier one with
 * our number, as the only process of a container has. Whoever is wrongly taken for dead finds the lock lost and edits
 * again.
 */
function isLeftBehind(lock: string): boolean {
  const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (madeMs === undefined) return false;
  const mark = readMark(lock);
  // The machine's own time whatever `--now` says: the file system wrote the other one.
  const ageMs = performance.timeOrigin + performance.now() - madeMs;
  if (mark === '') return ageMs > EMPTY_AT_MOST_MS || ageMs < -EMPTY_AT_MOST_MS;
  const [, pid, host] = /^(\d+) on (.*)$/s.exec(mark ?? '') ?? [];
  if (host === hostname() && (mark === OWN_MARK || !isProcessAlive(Number(pid)))) return true;
  return ageMs > LEFT_BEHIND_AFTER_MS;
}

/** What edits that were killed left beside the file, `FILE.PID.tmp` and `FILE.lock.PID`. Ask for the lock first. */
export function removeLeftovers(file: string): void {
  const name = basename(file);
  for (const one of readdirSync(dirname(file))) {
    if (!one.startsWith(`${name}.`)) continue;
    const [, before, after] = /^(?:(\d+)\.tmp|lock\.(\d+))$/.exec(one.slice(name.length + 1)) ?? [];
    const pid = before ?? after;
    if (pid !== undefined && !isProcessAlive(Number(pid))) rmSync(join(dirname(file), one), { force: true });
  }
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
  return new AppError(
    'config',
    `${lock} has been locked for more than ${waitedMs / 1000} s, now by ${holderOf(lock)}`,
    {
      hint: 'try again when that process has ended; if no hookproof is running, delete this file',
    },
  );
}

function holderOf(lock: string): string {
  const mark = readMark(lock);
  return mark === null || mark === '' ? 'another process' : `process ${mark}`;
}
