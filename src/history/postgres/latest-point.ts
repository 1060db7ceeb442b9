import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../model/error.ts';
import type { PostgresConnection } from './connection.ts';
import { IS_RECORDING } from './schema.ts';

const PAUSE_MS = 10;
/** Nobody stores for so long: a program that was stopped in the middle of it may. */
const PATIENCE_MS = 15_000;

/**
 * A point in the order in which attempts were recorded: microseconds since the epoch, by the clock of the database. Who
 * reads no further than this finds the same attempts whenever he reads.
 *
 * A statement that stores attempts holds a lock from before it asks the clock until its rows can be seen. So whoever
 * asked before this point either ended or still holds the lock when we look, and is waited for. Who comes later gets a
 * later time. This holds nobody up: no lock is asked for. (A clock that is set back between two pages can undo it.)
 */
export async function latestPoint(connection: PostgresConnection): Promise<number> {
  // Two statements, for the clock has to be asked first.
  const [now] = await connection.rows<[number, boolean]>(
    `select (extract(epoch from clock_timestamp()) * 1000000)::bigint, exists (select from hookproof.attempt)`,
  );
  let open = new Set(await whoRecords(connection));
  for (let waitedMs = 0; open.size > 0; waitedMs += PAUSE_MS) {
    if (waitedMs >= PATIENCE_MS) throw stillRecording(connection.path);
    await wait(PAUSE_MS);
    const still = await whoRecords(connection);
    open = new Set(still.filter((one) => open.has(one)));
  }
  if (now?.[1] === true || (await holdsAttempts(connection))) return now?.[0] ?? 0;
  return 0;
}

/** The transactions that are storing attempts. Each has a name of its own. */
async function whoRecords(connection: PostgresConnection): Promise<string[]> {
  const rows = await connection.rows<[string]>(
    `select virtualtransaction from pg_locks where granted and ${IS_RECORDING}`,
  );
  return rows.map(([name]) => name);
}

const holdsAttempts = async (connection: PostgresConnection): Promise<boolean> =>
  (await connection.rows('select from hookproof.attempt limit 1')).length > 0;

const stillRecording = (path: string): AppError =>
  new AppError('history', `history ${path}: another program has been storing attempts for 15 seconds`, {
    hint: 'see which one in pg_stat_activity on the server',
    thenAgain: true,
  });

/** The point as PostgreSQL reads a time; a number alone would lose its last digits on the way. */
export const pointTime = (us: number): string =>
  `${new Date(Math.floor(us / 1000)).toISOString().slice(0, -1)}${String(us % 1000).padStart(3, '0')}Z`;
