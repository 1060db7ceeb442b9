import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as nextRound, setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../model/error.ts';
import { listProcesses, offspringOf, readProcess } from './list-processes.ts';
import { watchGroup, type SendSignal } from './process-group.ts';

export interface ApplicationOptions {
  /** For the user's shell. */
  command: string;
  workingDirectory: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Takes each line that it prints. */
  onLine: (line: string) => void;
  sendSignal: SendSignal;
  /** How long it may take to end when it is asked to, in milliseconds. */
  graceMs?: number;
}

/** A program of the user's that runs for as long as we need it. */
export interface Application {
  /** How it ended by itself, in plain words; null while it runs. */
  howEnded(): string | null;
  /** Aborts when it ends by itself. */
  ending: AbortSignal;
  /** Ends it with all that it started, and resolves when nothing of it is left. */
  stop(): Promise<void>;
}

const GRACE_MS = 5000;
const POLL_MS = 20;
/** How often what the shell left in the background is looked at. */
const BACKGROUND_MS = 100;
/** A daemon that was started by what has ended may answer by then. */
const DAEMON_MS = 300;
/** A process that got away may keep the pipe open, whose end is not waited for then. */
const LAST_OUTPUT_MS = 300;
/** The kernel ends at once what is killed, and is not waited for if it does not. */
const KILLED_MS = 1000;
const SHELL_FOUND_NOTHING: ReadonlySet<number | null> = new Set([126, 127]);

/** Starts it in a process group of its own. Throws AppError `usage` when it cannot be started at all. */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { command, workingDirectory, env, onLine, sendSignal } = options;
  const child = spawn(command, {
    shell: true,
    cwd: workingDirectory,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: HAS_GROUPS,
    windowsHide: true,
  });
  const streams = [child.stdout, child.stderr];
  for (const input of streams) createInterface({ input }).on('line', onLine);
  const end = watchEnd(child, watchGroup(child.pid ?? 0, sendSignal));
  await hasStarted(child);
  const letGo = HAS_GROUPS ? guardGroup(child.pid as number) : () => undefined;
  return {
    howEnded: () => end.how,
    ending: end.signal,
    async stop() {
      await end.callOff();
      await endAll(child, options);
      await Promise.all(streams.map(readLast));
      for (const stream of streams) stream.destroy();
      letGo();
    },
  };
}

function hasStarted(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) =>
      reject(new AppError('usage', `--start cannot run anything: ${cause.message}`, { cause })),
    );
  });
}

interface WatchedEnd {
  /** Null while it runs, and where it was called off before: how we end it says nothing of the application. */
  how: string | null;
  signal: AbortSignal;
  /** Tells of an end that came by itself until now, and of none after that. */
  callOff(): Promise<void>;
}

function watchEnd(child: ChildProcess, isGroupLeft: () => boolean): WatchedEnd {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let look: (() => void) | null = null;
  const tell = (how: string): void => {
    clearInterval(timer);
    look = null;
    end.how = how;
    timer = setTimeout(() => ending.abort(), DAEMON_MS);
  };
  const hear = (code: number | null, signal: NodeJS.Signals | null): void => {
    const how = howItEnded(code, signal);
    // A shell that leaves its work in the background has ended, and the application has not.
    if (code !== 0 || !HAS_GROUPS || !isGroupLeft()) return tell(how);
    look = () => void (isGroupLeft() || tell(`${how}, and what it left in the background has ended since`));
    timer = setInterval(look, BACKGROUND_MS).unref();
  };
  const end: WatchedEnd = {
    how: null,
    signal: ending.signal,
    async callOff() {
      // The system may have ended it already, and the event be still to come.
      const isToCome = (): boolean => child.exitCode === null && child.signalCode === null;
      if (HAS_GROUPS && !isGroupLeft()) await isOver(isToCome, KILLED_MS);
      look?.();
      child.off('exit', hear);
      clearTimeout(timer);
    },
  };
  child.once('exit', hear);
  return end;
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  if (SHELL_FOUND_NOTHING.has(code)) return `the shell cannot run it (exit code ${code})`;
  return code === null ? `it was stopped by ${signal}` : `it exited on its own with code ${code}`;
}

const HAS_GROUPS = process.platform !== 'win32';

/**
 * Ends the group when this process is gone without having done so: killed, or crashed. The system closes the pipe then,
 * however it came to that. Returns what calls it off.
 */
function guardGroup(leaderPid: number): () => void {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', String(leaderPid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the application could not run either.
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  return () => void guard.stdin.end('all of its processes have ended\n');
}

const GUARD = `read -r _ && exit 0
kill -TERM "-$1" || exit 0
tries=0
while [ "$tries" -lt 50 ] && kill -0 "-$1"; do sleep 0.1; tries=$((tries + 1)); done
kill -KILL "-$1"`;

/**
 * Reads what it printed before it ended: that is in the pipe by then, and the event loop reads it before it has gone
 * round, however late that is.
 */
async function readLast(stream: Readable): Promise<void> {
  await finished(stream, { signal: AbortSignal.timeout(LAST_OUTPUT_MS) }).catch(() => undefined);
  await nextRound();
}

/** Asks all of it to end, and after the grace ends what has not. */
async function endAll({ pid: leader = 0 }: ChildProcess, options: ApplicationOptions): Promise<void> {
  const { sendSignal, graceMs = GRACE_MS } = options;
  if (!HAS_GROUPS) return endTree(leader);
  const known = new Set(offspringOf(leader, listProcesses() ?? []).map(({ pid }) => pid));
  const isGroupLeft = watchGroup(leader, sendSignal);
  const isAnyLeft = (): boolean => isGroupLeft() || [...known].some((pid) => readProcess(pid) !== null);
  for (const [signal, withinMs] of [['SIGTERM', graceMs] as const, ['SIGKILL', KILLED_MS] as const]) {
    const all = listProcesses() ?? [];
    sendSignal(-leader, signal);
    // Who made a session of its own is no part of the group.
    for (const { pid, group } of all) if (known.has(pid) && group !== leader) sendSignal(pid, signal);
    if (await isOver(isAnyLeft, withinMs)) return;
  }
}

async function isOver(isAnyLeft: () => boolean, withinMs: number): Promise<boolean> {
  const beganAt = performance.now();
  while (isAnyLeft()) {
    if (performance.now() - beganAt > withinMs) return false;
    await wait(POLL_MS);
  }
  return true;
}

/** Windows knows no groups and no request to end that a program without a window would hear. */
function endTree(leader: number): Promise<void> {
  return new Promise((resolve) => {
    const ending = spawn('taskkill', ['/pid', String(leader), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    ending.once('error', () => resolve());
    ending.once('close', () => resolve());
  });
}
