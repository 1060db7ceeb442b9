import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../model/error.ts';
import { listProcesses, offspringOf } from './list-processes.ts';

/** Sends a signal to a process, or to a group by its leader's number below zero; false when nobody is there. */
export type SendSignal = (pid: number, signal: NodeJS.Signals | 0) => boolean;

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
/** What was printed last may be read after the end. */
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
  const end = watchEnd(child, sendSignal);
  await hasStarted(child);
  const letGo = HAS_GROUPS ? guardGroup(child.pid as number) : () => undefined;
  return {
    howEnded: () => end.how,
    ending: end.signal,
    async stop() {
      end.isWanted = true;
      await endAll(child, options);
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
  how: string | null;
  signal: AbortSignal;
  /** We end it: that says nothing of the application. */
  isWanted: boolean;
}

function watchEnd(child: ChildProcess, sendSignal: SendSignal): WatchedEnd {
  const ending = new AbortController();
  const end: WatchedEnd = { how: null, signal: ending.signal, isWanted: false };
  child.once('exit', (code, signal) => {
    // A shell that leaves its work in the background has ended, and the application has not.
    const isInBackground = code === 0 && HAS_GROUPS && isGroupAlive(child.pid as number, sendSignal);
    if (end.isWanted || isInBackground) return;
    end.how = howItEnded(code, signal);
    setTimeout(() => ending.abort(), LAST_OUTPUT_MS);
  });
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

/** What has ended and is not yet forgotten by the system does not count, where that can be told. */
const isGroupAlive = (leader: number, sendSignal: SendSignal): boolean =>
  listProcesses()?.some(({ group }) => group === leader) ?? sendSignal(-leader, 0);

/** Asks all of it to end, and after the grace ends what has not. */
async function endAll({ pid: leader = 0 }: ChildProcess, options: ApplicationOptions): Promise<void> {
  const { sendSignal, graceMs = GRACE_MS } = options;
  if (!HAS_GROUPS) return endTree(leader);
  const known = new Set(offspringOf(leader, listProcesses() ?? []).map(({ pid }) => pid));
  const isAnyLeft = (): boolean => {
    const all = listProcesses();
    if (all === null) return sendSignal(-leader, 0);
    return all.some(({ pid, group }) => group === leader || known.has(pid));
  };
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
