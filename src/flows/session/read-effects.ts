import type { ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { openTextReader, type FetchText } from '../../deliver/fetch-text.ts';
import { parseHttpUrl } from '../../model/http-url.ts';
import { AppError } from '../../model/error.ts';
import { parseExactly } from '../../model/json.ts';
import type { OpenTarget } from './open-target.ts';

/** Where the endpoint reports which events it has processed. */
export interface EffectsSource {
  url?: string;
  command?: string;
  /** For the command; default: that of this process. */
  env?: Readonly<Record<string, string | undefined>>;
  /** Ends a process and all that it started; without it the command alone is ended. */
  endGroup?: (leaderPid: number) => void;
  /** How the URL is reached; default: as any other. */
  fetchText?: FetchText;
  /** How long after its answer an accepted event may take to show, in milliseconds; default: three seconds. */
  waitMs?: number;
}

/** What is said of a source that could be read in the beginning. */
export const LOST = 'the effects could no longer be read';

const MAX_BYTES = 8 * 1024 * 1024;
const READ_TIMEOUT_MS = 5000;
/** The first polls follow closely; who waits long for a queue need not ask so often. */
const POLL_MS = 50;
const MAX_POLL_MS = 500;
/** No change for so long counts as the end. */
const STABLE_MS = 150;
/** To wait for what is not there yet costs nothing once it is. */
const ACCEPTED_WAIT_MS = 3000;
/** An endpoint that restarts itself reports nothing for so long. */
const COME_BACK_MS = 2000;

/** The source as the endpoint itself is reached: with its CA, rules and client certificate. */
export async function reachEffects(
  source: EffectsSource,
  { url, transportOptions }: Pick<OpenTarget, 'url' | 'transportOptions'>,
): Promise<EffectsSource> {
  return source.url === undefined ? source : { ...source, fetchText: openTextReader(url, await transportOptions()) };
}

/**
 * How often each id was processed so far. Throws AppError when the source cannot be read: `unreachable`, `refused` or
 * `input`.
 */
export async function readEffects(source: EffectsSource, signal: AbortSignal): Promise<Map<string, number>> {
  const text =
    source.url === undefined
      ? await runCommand(source, signal)
      : await (source.fetchText ?? openTextReader(parseHttpUrl(source.url)))(source.url, {
          maxBytes: MAX_BYTES,
          timeoutMs: READ_TIMEOUT_MS,
          signal,
        });
  const counts = new Map<string, number>();
  for (const id of parseIds(text)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/**
 * Reads until nothing changes any more and all `wanted` ids are there, or the time of the source is over: what is
 * processed in a queue comes late. Throws AppError when the source cannot be read for two seconds.
 */
export async function readSettledEffects(
  source: EffectsSource,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const { waitMs = ACCEPTED_WAIT_MS } = source;
  const beganAt = performance.now();
  const waitedMs = (): number => performance.now() - beganAt;
  let counts = await readEffectsAgain(source, signal);
  let changedAt = performance.now();
  while (waitedMs() < waitMs && !signal.aborted) {
    const isWhole = wanted.every((id) => counts.has(id));
    if (isWhole && performance.now() - changedAt >= STABLE_MS) break;
    await wait(Math.min(waitMs - waitedMs(), MAX_POLL_MS, POLL_MS + waitedMs() / 20), undefined, { signal }).catch(
      () => undefined,
    );
    const next = await readEffectsAgain(source, signal);
    if (totalOf(next) !== totalOf(counts)) changedAt = performance.now();
    counts = next;
  }
  return counts;
}

/** As `readEffects`, but in the middle of a run: two seconds without an answer are no end yet. */
export async function readEffectsAgain(source: EffectsSource, signal: AbortSignal): Promise<Map<string, number>> {
  const beganAt = performance.now();
  for (;;) {
    try {
      return await readEffects(source, signal);
    } catch (error) {
      if (signal.aborted || performance.now() - beganAt + POLL_MS > COME_BACK_MS || !(error instanceof AppError))
        throw error;
      await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * Each id as often as one of the two reports it: an endpoint that was started anew may have forgotten what it had done.
 */
export function joinEffects(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): Map<string, number> {
  const joined = new Map(one);
  for (const [id, count] of other) joined.set(id, Math.max(count, joined.get(id) ?? 0));
  return joined;
}

/** A JSON array of texts or numbers, or one id a line. */
export function parseIds(text: string): string[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('['))
    return trimmed
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (cause) {
    throw new AppError('input', 'the effects start like a JSON array, but are not valid JSON', { cause, hint: HINT });
  }
  if (!Array.isArray(value) || !value.every((id) => id === null || typeof id === 'string' || typeof id === 'number'))
    throw new AppError('input', 'the effects are JSON, but not an array of ids', { hint: HINT });
  // Null is an event without an id: it was processed, but nobody can tell which. An application may keep a number as
  // text: which of the two it was says nothing.
  return (parseExactly(trimmed, '') as (string | null)[]).filter((id) => id !== null);
}

const HINT =
  'print the ids of all processed events, repeating an id that was processed twice: ["msg_1","msg_2"], or ' +
  'one per line';

function totalOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** What a command of the user's shell prints. */
async function runCommand(source: EffectsSource, signal: AbortSignal): Promise<string> {
  const { endGroup } = source;
  // A URL needs none of it.
  const childProcess = await import('node:child_process');
  return new Promise((resolve, reject) => {
    const child = spawnCommand(childProcess.spawn, source, signal);
    const timer = setTimeout(() => fail(`did not end within ${READ_TIMEOUT_MS / 1000} seconds`), READ_TIMEOUT_MS);
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (why: string, cause?: unknown): void => {
      clearTimeout(timer);
      if (endGroup === undefined || child.pid === undefined) child.kill('SIGKILL');
      else endGroup(child.pid);
      // Whatever the shell started would keep the pipe open.
      child.stdout.destroy();
      reject(
        new AppError('input', `the command of --effects-cmd ${why}`, {
          hint: 'it runs in the shell, and must print the ids of all events processed so far',
          cause,
        }),
      );
    };
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES) fail(`printed more than ${MAX_BYTES} bytes`);
    });
    child.once('error', (error) => fail(`could not be run: ${error.message}`, error));
    child.once('close', (code, killedBy) => {
      if (code === 0) {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks).toString('utf8'));
      } else fail(`exited with ${code ?? killedBy}`);
    });
  });
}

/** A group of its own, so that what the shell started ends with it: it holds our stderr, and a reader would wait. */
const spawnCommand = (
  start: typeof spawn,
  { command = '', env, endGroup }: EffectsSource,
  signal: AbortSignal,
): ChildProcessByStdio<null, Readable, null> =>
  start(command, {
    shell: true,
    env: env === undefined ? undefined : { ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
    detached: endGroup !== undefined,
  });
