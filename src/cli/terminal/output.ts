import { AppError } from '../../model/error.ts';
import { writeJsonText } from '../../model/json.ts';
import { isDiskFull, writeReason } from '../../model/file-error.ts';
import type { ExitCode } from './exit.ts';
import { afterWriting, screenOf, streamOf, watchFd, writeText } from './stdio.ts';
import { fitLines, plainText } from './text.ts';

let failure: NodeJS.ErrnoException | null = null;

/** The reader of stdout left (`| head`): nobody is there to tell, so an export ends without a word. */
export class ReaderLeft extends Error {
  /** To end with; null where that would be a verdict that is not known. */
  readonly code: ExitCode | null;

  constructor(code: ExitCode | null = 0) {
    super('the reader closed the pipe');
    this.code = code;
  }
}

/**
 * Work whose exit code is a verdict, and whose answer is written as it goes on. When the reader leaves, what is known
 * by then counts: `known` gives the verdict, null while it may still change. Half an answer is never a yes.
 */
export async function keepVerdict(work: () => Promise<ExitCode>, known: () => ExitCode | null): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ReaderLeft ? new ReaderLeft(known()) : error;
  }
}

/** Notes what goes wrong with stdout, so that it neither kills work under way nor is forgotten. Once, at the start. */
export function watchOutput(): void {
  watchFd(1, (error) => {
    failure ??= error;
  });
  // Without stderr there is nowhere to say it, and nothing of the answer is lost.
  watchFd(2, () => undefined);
}

/**
 * Waits until the answer has left the process. Throws AppError `usage` when part of it could not be written (a full
 * disk). A reader who left has what he wanted.
 */
export async function finishOutput(): Promise<void> {
  if (failure === null) await new Promise<void>((resolve) => afterWriting(1, resolve));
  const error = failure === null ? null : outputError(failure);
  if (error instanceof AppError) throw error;
}

/** stdout: the answer. Text ends with a newline of its own. */
export function answer(text: string): void {
  if (failure === null) writeText(1, text.endsWith('\n') ? text : `${text}\n`);
}

/** stdout: the answer as one JSON document on one line; every document says its `schemaVersion`. */
export function answerJson(document: Record<string, unknown>): void {
  answer(writeJsonText({ schemaVersion: SCHEMA_VERSION, ...document }));
}

/**
 * stdout as bytes, for exports: resolves when the reader has taken them (back-pressure), rejects with `ReaderLeft` or
 * AppError `usage`.
 */
export function answerBytes(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    streamOf(1).write(bytes, (error) => {
      if (error) reject(outputError(error));
      else resolve();
    });
  });
}

/** stderr: the conversation. Never part of the answer. */
export function say(text: string): void {
  writeText(2, `${fitLines(text, screenOf(2))}\n`);
}

export function warn(text: string): void {
  say(`warning: ${plainText(text)}`);
}

export function note(text: string): void {
  say(`note: ${plainText(text)}`);
}

const MOST_NAMED = 8;

/** For commands that send events which an endpoint cannot tell from real ones: an opt-out is one. */
export function sayEffects(hosts: readonly string[], events: readonly string[]): void {
  const [host, names] = [[...new Set(hosts)].join(', '), [...new Set(events)]];
  if (names.length === 0) return;
  const rest = names.length > MOST_NAMED ? [`${names.length - MOST_NAMED} more`] : [];
  note(`events that ${host} accepts take effect there: ${[...names.slice(0, MOST_NAMED), ...rest].join(', ')}`);
}

/** Version of the shape of every `--json` document. */
export const SCHEMA_VERSION = 2;

function outputError(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return new ReaderLeft();
  const reason = writeReason(error);
  const why = reason === null ? error.message : `${reason} (${error.code})`;
  return new AppError('usage', `the answer could not be written to stdout: ${why}`, {
    hint: isDiskFull(error) ? 'free some space, or write to another disk' : undefined,
    cause: error,
  });
}

/** In characters. */
const MAX_WAITING = 64 * 1024;

export interface PieceWriter {
  /** Resolves when there is room for more. Rejects as `answerBytes` does, perhaps for an earlier piece. */
  write(text: string): Promise<void>;
  /** The last piece: resolves when all were taken. */
  finish(text: string): Promise<void>;
}

/** What comes at once is written at once: a system call for each line took as long as all the checks. */
export function makePieceWriter(): PieceWriter {
  let waiting = '';
  let written = Promise.resolve();
  const flush = (): Promise<void> => {
    const bytes = Buffer.from(waiting);
    waiting = '';
    written = written.then(() => answerBytes(bytes));
    // Whoever writes next gets it.
    written.catch(() => undefined);
    return written;
  };
  return {
    write: (text) => {
      if (waiting === '')
        setImmediate(() => {
          if (waiting !== '') void flush().catch(() => undefined);
        });
      waiting += text;
      return waiting.length > MAX_WAITING ? flush() : written;
    },
    finish: (text) => {
      waiting += text;
      return flush();
    },
  };
}
