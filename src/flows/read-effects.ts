import { spawn } from 'node:child_process';
import { fetchText } from '../deliver/fetch-text.ts';
import { AppError } from '../model/error.ts';

/** Where the endpoint tells which events it has processed. */
export interface EffectsSource {
  url?: string;
  command?: string;
}

const MAX_BYTES = 8 * 1024 * 1024;
const READ_TIMEOUT_MS = 5000;
const POLL_MS = 50;
/** No change for so long counts as the end. */
const STABLE_MS = 150;
/** A queue behind the endpoint may take so long. */
const SETTLE_MS = 3000;

/** How often each id was processed so far. Throws AppError when the source cannot be read: `unreachable`, `refused` or `input`. */
export async function readEffects(source: EffectsSource, signal: AbortSignal): Promise<Map<string, number>> {
  const text = source.url === undefined ? await runCommand(source.command ?? '', signal) : await fetchText(source.url, { maxBytes: MAX_BYTES, timeoutMs: READ_TIMEOUT_MS, signal });
  const counts = new Map<string, number>();
  for (const id of parseIds(text)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/**
 * Reads until nothing changes any more and all `wanted` ids are there, or three seconds are over: what is processed in
 * a queue comes late, and what should not come needs the same time to show.
 */
export async function readSettledEffects(source: EffectsSource, wanted: readonly string[], signal: AbortSignal): Promise<Map<string, number>> {
  const beganAt = performance.now();
  let counts = await readEffects(source, signal);
  let changedAt = performance.now();
  while (performance.now() - beganAt < SETTLE_MS && !signal.aborted) {
    const isWhole = wanted.every((id) => counts.has(id));
    if (isWhole && performance.now() - changedAt >= STABLE_MS) break;
    await new Promise((resolve) => { setTimeout(resolve, POLL_MS); });
    const next = await readEffects(source, signal);
    if (totalOf(next) !== totalOf(counts)) changedAt = performance.now();
    counts = next;
  }
  return counts;
}

/** Each id as often as one of the two tells it: an endpoint that was started anew may have forgotten what it had done. */
export function joinEffects(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): Map<string, number> {
  const joined = new Map(one);
  for (const [id, count] of other) joined.set(id, Math.max(count, joined.get(id) ?? 0));
  return joined;
}

/** A JSON array of texts or numbers, or one id a line. */
export function parseIds(text: string): string[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('[')) return trimmed.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch (cause) {
    throw new AppError('input', 'the effects begin as a JSON array, but are no JSON', { cause, hint: HINT });
  }
  if (!Array.isArray(value) || !value.every((id) => id === null || typeof id === 'string' || typeof id === 'number')) throw new AppError('input', 'the effects are JSON, but no array of ids', { hint: HINT });
  // Null is an event without an id: it was processed, but nobody can tell which.
  return value.filter((id) => id !== null).map(String);
}

const HINT = 'give the ids of all processed events, one that was processed twice twice: ["msg_1","msg_2"], or one a line';

function totalOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

/** What a command of the user's shell prints. */
function runCommand(command: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'inherit'], signal });
    const timer = setTimeout(() => fail(`did not end within ${READ_TIMEOUT_MS / 1000} seconds`), READ_TIMEOUT_MS);
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (why: string, cause?: unknown): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      // Whatever the shell started would keep the pipe open.
      child.stdout.destroy();
      reject(new AppError('input', `the command of --effects-cmd ${why}`, { hint: 'it is run by the shell, and prints the ids of all events processed so far', cause }));
    };
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_BYTES) fail(`gives more than ${MAX_BYTES} bytes`);
    });
    child.once('error', (error) => fail(`cannot be run: ${error.message}`, error));
    child.once('close', (code, killedBy) => {
      if (code === 0) {
        clearTimeout(timer);
        resolve(Buffer.concat(chunks).toString('utf8'));
      } else fail(`ended with ${code ?? killedBy}`);
    });
  });
}
