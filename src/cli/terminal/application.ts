import { closeSync, openSync, writeSync } from 'node:fs';
import { startApplication } from '../../flows/session/application.ts';
import { awaitApplication, commonPort, findLeftOpen, refuseOccupied } from '../../flows/session/await-application.ts';
import { secretsAmong } from '../../config/env-file.ts';
import { AppError } from '../../model/error.ts';
import { makeEchoHider } from '../../model/echo.ts';
import { writeReason } from '../../model/file-error.ts';
import { sendSignal } from './exit.ts';
import { say, warn } from './output.ts';
import type { StartedRun, StartEnvironment, StartFlags } from './started-run.ts';
import { plainLine } from './text.ts';

const WAIT_READY_MS = 30_000;
/** So much of what it printed is shown where something went wrong. */
const LAST_LINES = 12;
const MAX_LINE_LENGTH = 400;

/** Runs it against an application that is started elsewhere. */
export async function runWhenReady<Result>(
  withinMs: number | undefined,
  { signal }: StartEnvironment,
  { endpoints, run }: StartedRun<Result>,
): Promise<Result> {
  await awaitApplication(null, endpoints, withinMs ?? WAIT_READY_MS, signal);
  return run();
}

/**
 * Runs it between the start and the end of the user's application. Whatever happens, nothing of that is left. What it
 * printed last is shown where it died or answered nothing; where the result of the run tells more, only where it is.
 */
export async function runStarted<Result>(
  { start, startLog, waitReady = WAIT_READY_MS }: StartFlags & { start: string },
  { workingDirectory, env, signal }: StartEnvironment,
  { endpoints, secrets, run, isGood, isAnswered }: StartedRun<Result>,
): Promise<Result> {
  const output = openApplicationOutput(startLog, [...secrets, ...secretsAmong(env)]);
  await refuseOccupied(endpoints, signal);
  const port = commonPort(endpoints);
  const application = await startApplication({
    command: start,
    workingDirectory,
    env: { ...env, ...(port === null ? {} : { PORT: String(port) }) },
    onLine: output.onLine,
    sendSignal,
  });
  let [isUp, isDone, isAnswering] = [false, false, false];
  try {
    await awaitApplication(application, endpoints, waitReady, signal);
    isUp = true;
    const result = await run();
    isDone = isGood(result);
    isAnswering = isAnswered(result);
    return result;
  } finally {
    await application.stop();
    output.close();
    const ended = application.howEnded();
    if (isUp && ended !== null) warn(`the application of --start exited before the end: ${ended}`);
    // Whoever interrupts a run knows why it ended.
    const isExplained = isUp && ended === null && (isAnswering || signal.aborted);
    if (!isDone && isExplained) output.point();
    else if (!isDone) output.tell();
    const open = await findLeftOpen(endpoints);
    if (open !== null) warn(`something still listens at ${open.host}: the application left a process behind`);
  }
}

interface ApplicationOutput {
  onLine: (line: string) => void;
  /** Shows what was printed last, if it is not shown already. */
  tell: () => void;
  /** Says how to see it. */
  point: () => void;
  close: () => void;
}

function openApplicationOutput(file: string | undefined, secrets: readonly (string | null)[]): ApplicationOutput {
  const hider = makeEchoHider([], secrets.flatMap(linesOf));
  const log = file === undefined || file === '-' ? null : openLog(file);
  const last: string[] = [];
  let count = 0;
  return {
    onLine(printed) {
      const line = plainLine(hider?.text(printed) ?? printed).slice(0, MAX_LINE_LENGTH);
      count += 1;
      if (file === '-') say(line);
      log?.write(line);
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
    },
    tell() {
      if (file === '-') return;
      const which = count > last.length ? `, the last ${last.length} of ${count} lines` : '';
      say(count === 0 ? 'your application printed nothing' : `your application printed${which}:`);
      for (const line of last) say(`  │ ${line}`);
    },
    point() {
      if (file === '-' || count === 0) return;
      const where = file === undefined ? 'to keep its output, use --start-log FILE' : `its output is in ${file}`;
      say(`your application is still running: ${where}`);
    },
    close: () => log?.close(),
  };
}

/** It prints a line at a time: of a secret of several lines, as a private key is, each is one. */
const linesOf = (secret: string | null): (string | null)[] =>
  secret === null ? [] : [secret, ...secret.split(/[\r\n]+/)];

/** Throws AppError `usage`. */
function openLog(file: string): { write: (line: string) => void; close: () => void } {
  const cannotWrite = (cause: unknown): AppError =>
    new AppError('usage', `--start-log ${file}: ${writeReason(cause) ?? (cause as Error).message}`, { cause });
  let log: number | null;
  try {
    log = openSync(file, 'w', 0o600);
  } catch (cause) {
    throw cannotWrite(cause);
  }
  return {
    write(line) {
      try {
        if (log !== null) writeSync(log, `${line}\n`);
      } catch (cause) {
        // The run is worth more than its log.
        warn(cannotWrite(cause).message);
        log = null;
      }
    },
    close() {
      if (log !== null) closeSync(log);
    },
  };
}
