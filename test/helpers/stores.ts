import { join } from 'node:path';
import { describe } from 'vitest';
import { completeAddress } from '../../src/history/postgres/address.ts';
import { openPostgresReader } from '../../src/history/postgres/reader.ts';
import { openPostgresWriter } from '../../src/history/postgres/writer.ts';
import { testFolder } from './folder.ts';
import { bothSides, openHistory, type TestHistory } from './open-history.ts';
import { hasPostgres, POSTGRES, serverForFile } from './postgres.ts';

/** Opens a new history, empty and of the test alone. */
export type OpenNew = () => Promise<TestHistory>;

/** Opens a history once more, by a connection of its own. */
export type OpenAgain = (history: TestHistory) => Promise<TestHistory>;

/** What holds of every store: the tests that `define` makes, once for each. */
export function onEachStore(define: (openNew: OpenNew, openAgain: OpenAgain) => void): void {
  describe('SQLite', () =>
    define(
      () => openHistory(join(testFolder(), 'history.db')),
      ({ path }) => openHistory(path),
    ));
  describe.skipIf(!hasPostgres)(POSTGRES, () => {
    const server = serverForFile();
    define(
      async () => openPostgres(await server().makeDatabase()),
      ({ path }) => openPostgres(path),
    );
  });
}

/** `url` as a user writes it, without what the surroundings would add. */
export const addressOf = (url: string, env: Record<string, string> = {}): string =>
  completeAddress(url, { source: '--history', env, home: '/nowhere', folder: '/' });

export const openPostgres = async (url: string): Promise<TestHistory> =>
  bothSides(await openPostgresWriter(addressOf(url)), await openPostgresReader(addressOf(url)));
