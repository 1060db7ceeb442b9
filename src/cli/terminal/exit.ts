import { setMaxListeners } from 'node:events';
import { AppError, type AppErrorKind } from '../../model/error.ts';
import { afterWriting } from './stdio.ts';

/** Every exit code there is: the documentation, the help and this program agree because they read this. */
export const EXIT_CODES = [
  [0, 'yes: delivered, verified, all passed, exported'],
  [1, 'answered "no": refused, bad signature, failing check'],
  [2, 'usage or configuration'],
  [3, 'no answer: DNS, refused connection, TLS, timeout'],
  [4, 'history could not be read or written'],
  [5, 'unreadable input: mail, JSON, certificate, capture'],
  [70, 'a bug (stack shown, with where to report it)'],
] as const;

export type ExitCode = (typeof EXIT_CODES)[number][0];

const CODE_OF_KIND: Record<AppErrorKind, ExitCode> = {
  refused: 1,
  usage: 2,
  config: 2,
  unreachable: 3,
  history: 4,
  input: 5,
};

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof AppError ? CODE_OF_KIND[error.kind] : 70;
}

/** Made by the first call of `interruptSignal`: Node loads what it is made of only then, which takes a help 0.7 ms. */
let interrupt: AbortController | null = null;
let interruptedBy: NodeJS.Signals | null = null;

/**
 * Aborts at Ctrl-C (and at SIGTERM, SIGHUP), so that a flow can record what it has. A second Ctrl-C does not wait.
 * The handlers are set by the first call: a command that has nothing to flush dies as the system does it.
 */
export function interruptSignal(): AbortSignal {
  if (interrupt === null) {
    interrupt = new AbortController();
    // Every request under way listens, as many as there are --connections.
    setMaxListeners(0, interrupt.signal);
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
    void endWithRunner();
  }
  return interrupt.signal;
}

let outlivesRunner = false;

/** What is started through npx goes on when npx is ended. */
export function outliveRunner(): void {
  outlivesRunner = true;
}

/** Of the signal: npx, or npm, was ended, and we with it. */
export const RUNNER_GONE = 'what started this has ended (npx, or a script of npm)';

/**
 * `npx webhook listen &`, and then `kill $!`, ends npx alone. Whoever started a program through it means the program.
 */
async function endWithRunner(): Promise<void> {
  const { npm_command: command, npm_lifecycle_event: script } = process.env;
  if (command === undefined && script === undefined) return;
  const { watchParent } = await import('./watch-parent.ts');
  watchParent(() => {
    if (outlivesRunner || interruptedBy !== null) return;
    interruptedBy = 'SIGTERM';
    interrupt?.abort(new AppError('unreachable', RUNNER_GONE));
  });
}

function onSignal(name: NodeJS.Signals): void {
  if (interruptedBy !== null) dieBy(name);
  interruptedBy = name;
  interrupt?.abort(new AppError('unreachable', `stopped by ${name}`));
}

/** Ends by the signal itself and not by `exit(130)`, so that a shell script that called us stops too. */
function dieBy(name: NodeJS.Signals): void {
  process.removeAllListeners(name);
  process.kill(process.pid, name);
}

/** Ends a child that leads a process group of its own, and whatever it started: POSIX alone has such groups. */
export function endGroup(leaderPid: number): void {
  sendSignal(-leaderPid, 'SIGKILL');
}

/** To a process, or to a group by its leader's number below zero; 0 asks. False when nobody is there. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // All of it has ended.
    return false;
  }
}

/** SIGPIPE, in a shell: for systems that have no signals. */
const UNREAD_CODE = 141;

/**
 * Ends as a program does whose reader left before the answer was whole: by SIGPIPE, which Node ignores until it is
 * given back.
 */
export function leaveUnread(): void {
  process.exitCode = UNREAD_CODE;
  if (process.platform === 'win32') process.exit();
  process.once('SIGPIPE', () => undefined);
  dieBy('SIGPIPE');
}

/** Leaves once everything written has left the process. */
export function leave(code: ExitCode): void {
  if (interruptedBy !== null) {
    dieBy(interruptedBy);
    return;
  }
  process.exitCode = code;
  afterWriting(1, () => afterWriting(2, () => process.exit(code)));
}
