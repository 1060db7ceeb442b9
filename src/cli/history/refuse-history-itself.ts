import { realpath } from 'node:fs/promises';
import type { HistoryReader } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';

/** @throws AppError `usage` where what is to be written is what is read */
export async function refuseHistoryItself(output: string, history: HistoryReader): Promise<void> {
  const [written, read] = await Promise.all([output, history.path].map((path) => realpath(path).catch(() => null)));
  if (written !== null && written === read)
    throw new AppError('usage', `-o ${output} is the history itself`, { hint: 'give another file' });
}
