import { answerBytes } from './output.ts';

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
    // It is told to whoever writes next.
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
