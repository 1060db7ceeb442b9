import { existsSync } from 'node:fs';
import type { HistoryReader, HistoryWriter } from '../../history/history.ts';
import { isPostgresAddress } from '../../history/postgres/address.ts';
import { loadReader, loadWriter } from '../../history/store/open-history.ts';
import { AppError } from '../../model/error.ts';
import type { CopyTarget } from './copy-chunk.ts';

/** Both ends of a copy. */
export interface OpenCopy {
  source: HistoryReader;
  target: CopyTarget & { writer: HistoryWriter };
  close(): Promise<void>;
}

/**
 * Opens both places, as `historyPath` gives them; makes the target when it is missing. Throws AppError `usage` where
 * there is nothing to copy from, or where both are one place.
 */
export async function openCopy(from: string, to: string): Promise<OpenCopy> {
  if (!isPostgresAddress(from) && !existsSync(from)) throw noSource(from);
  const open: { close(): Promise<void> }[] = [];
  const keep = <One extends { close(): Promise<void> }>(one: One): One => {
    open.push(one);
    return one;
  };
  const close = async (): Promise<void> => {
    for (const one of open.splice(0).toReversed()) await one.close();
  };
  try {
    const source = keep(await loadReader(from));
    const writer = keep(await loadWriter(to));
    const reader = keep(await loadReader(to));
    if ((await source.identity()) === (await reader.identity())) throw samePlace(source.path);
    return { source, target: { reader, writer }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const noSource = (path: string): AppError =>
  new AppError('usage', `there is no history to copy from: ${path} does not exist`, {
    hint: 'name the file or the address with --from',
  });

const samePlace = (path: string): AppError =>
  new AppError('usage', `--from and --to are the same history: ${path}`, {
    hint: 'give two places, for example --from history.db --to postgres://USER@HOST/DATABASE',
  });
