import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../model/error.ts';
import type { PackedBatch } from '../record-batch.ts';
import { connectPostgres, type PostgresConnection } from './connection.ts';
import { insertBatch } from './insert-batch.ts';
import { codeOf } from './server-error.ts';

/** As long as a writer waits for an SQLite file that another program holds. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 100;

/** A connection that is made anew where the server was restarted. */
export interface SteadyConnection {
  /** The one there is now. */
  now(): Promise<PostgresConnection>;
  /**
   * Stores the batch, all of it or none. A server that goes away is waited for, for some seconds; then the error is
   * what it was at first.
   */
  insert(batch: PackedBatch): Promise<void>;
  close(): Promise<void>;
}

/** @param address what `completeAddress` wrote, to which `first` is connected */
export function keepConnected(address: string, first: PostgresConnection, patienceMs = PATIENCE_MS): SteadyConnection {
  let current: Promise<PostgresConnection> | null = Promise.resolve(first);
  const now = (): Promise<PostgresConnection> => (current ??= connectPostgres(address));
  /** Unless another record was faster, and has a new one. */
  const giveUp = async (connection: Promise<PostgresConnection> | null): Promise<void> => {
    if (current === connection) current = null;
    await (await connection?.catch(() => null))?.close();
  };
  return {
    now,
    async insert(batch) {
      let failure: unknown = null;
      for (const startedAt = performance.now(); ;) {
        const connection = now();
        try {
          return await insertBatch(await connection, batch);
        } catch (error) {
          // The server had stored it when it went away, and only its answer was lost.
          if (failure !== null && codeOf(error) === UNIQUE_VIOLATION) return;
          failure ??= error;
          if (!mayPass(error)) throw failure;
          await giveUp(connection);
          if (performance.now() - startedAt > patienceMs) throw failure;
          await wait(PAUSE_MS);
        }
      }
    },
    close: () => giveUp(current),
  };
}

const UNIQUE_VIOLATION = '23505';

/** Of a server that is being restarted, beside what passes in any case: there was one at this address. */
const WHILE_RESTARTING: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT']);

const mayPass = (error: unknown): boolean =>
  error instanceof AppError && (error.thenAgain || WHILE_RESTARTING.has(codeOf(error)));
