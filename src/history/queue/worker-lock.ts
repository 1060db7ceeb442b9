import { realpathSync } from 'node:fs';
import { AppError } from '../../model/error.ts';
import { connect, isBusy } from '../database.ts';
import { createPrivateFile } from '../open-database.ts';

const SUFFIX = '-worker';

/**
 * Makes this process the one worker of the history in `file`, until it ends or calls what is returned. SQLite's own
 * lock on a small file beside it: the system lets go of it however the process ends. Throws AppError `history` when
 * another process has it.
 */
export async function lockForWorker(file: string): Promise<() => void> {
  // By whichever name the history is opened, the lock is the same.
  const path = `${realpathSync(file)}${SUFFIX}`;
  createPrivateFile(path);
  const lock = connect(path, path, 0);
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new AppError('history', `another worker sends what waits in ${file}: it has one at a time`, {
      hint: 'let that one work, or stop it first',
      thenAgain: true,
      cause: error,
    });
  }
  return () => {
    lock.exec('rollback');
    lock.close();
  };
}
