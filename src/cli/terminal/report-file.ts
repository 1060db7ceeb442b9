import { open } from 'node:fs/promises';
import { AppError } from '../../model/error.ts';
import { startWholeFile, whyUnwritable, type WholeFile } from './whole-file.ts';

/** A report is written in a moment, and after Ctrl-C above all: no signal stops it. */
const NEVER = new AbortController().signal;

/** Errors: AppError `usage`, naming the file. */
export function startReportFile(path: string): Promise<WholeFile> {
  return startWholeFile(path, NEVER).catch((error: unknown) => {
    throw ofReporter(error);
  });
}

/** The whole text, or the file as it was before. */
export async function writeReportFile(path: string, text: string): Promise<void> {
  const file = await startReportFile(path);
  try {
    await file.write(Buffer.from(text));
    await file.keep();
  } catch (error) {
    await file.discard().catch(() => undefined);
    throw ofReporter(error);
  }
}

/**
 * Adds what `render` makes of the room that is left to the file of a job summary: all of it or nothing. Gives false when
 * there was no room.
 */
export async function appendSummary(path: string, render: (usedBytes: number) => string): Promise<boolean> {
  const file = await open(path, 'a').catch((error: unknown) => {
    throw cannotAppend(path, error);
  });
  try {
    const { size } = await file.stat();
    const text = render(size);
    await file.appendFile(text).catch(async (error: unknown) => {
      await file.truncate(size).catch(() => undefined);
      throw cannotAppend(path, error);
    });
    return text !== '';
  } finally {
    await file.close();
  }
}

function cannotAppend(path: string, cause: unknown): AppError {
  return new AppError('usage', `the job summary ${path} cannot be written: ${whyUnwritable(path, cause)}`, {
    hint: 'GITHUB_STEP_SUMMARY names it; --reporter github=FILE takes another',
    cause,
  });
}

function ofReporter(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  return new AppError(error.kind, error.message, { hint: 'give another file: --reporter NAME=FILE', cause: error });
}
