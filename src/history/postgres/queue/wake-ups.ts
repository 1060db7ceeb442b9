import PgBoss from 'pg-boss';
import { AppError } from '../../../model/error.ts';
import type { PostgresConnection } from '../connection.ts';
import { codeOf } from '../server-error.ts';

/** When a delivery is to be looked at: what is due stands in our own tables, and this only wakes a worker. */
export interface WakeUp {
  webhookUuid: string;
  deliveryId: string;
  /** From now. */
  inMs: number;
  /** How long a worker may take for it: then another one gets it. */
  leaseSeconds: number;
}

/** One that a worker has, until its lease is over. */
export interface LeasedWakeUp extends Omit<WakeUp, 'inMs'> {
  id: string;
}

/** pg-boss wakes, leases, and gives what a killed worker had to another. */
export interface WakeUps {
  /** Over `connection`, and so in its transaction. */
  insert(wakeUps: readonly WakeUp[], connection: PostgresConnection): Promise<void>;
  remove(ids: readonly string[], connection: PostgresConnection): Promise<void>;
  /** Those whose time has come, at most so many. */
  fetch(most: number): Promise<LeasedWakeUp[]>;
  close(): Promise<void>;
}

/** Its tables are as it makes them: https://github.com/timgit/pg-boss/tree/10.4.2 */
export const SCHEMA = 'hookproof_jobs';
const QUEUE = 'delivery';
/** Of its tables: https://github.com/timgit/pg-boss/blob/10.4.2/version.json */
const VERSION = 24;

/** pg-boss puts away what waits longer than its retention, and what was tried too often: neither is to happen here. */
const FOR_EVER = '9999-01-01T00:00:00Z';
const EACH_TIME = 2_000_000_000;
/** In one statement: the queue of a webhook that was held may be long. */
const AT_ONCE = 5000;
/** How often it looks for leases that are over, in seconds. */
const LOOK_SECONDS = 3;

/** SQLSTATE of what a role has no right to, and of a key that is there already. */
const FORBIDDEN = '42501';
const RACE = '23505';
/** SQLSTATE of a table or schema that is not there, and of one that is there already. */
const MISSING = new Set(['42P01', '3F000']);
const DUPLICATE = '42P07';

type WakeUpData = Pick<WakeUp, 'webhookUuid' | 'deliveryId'>;

/**
 * @param connection of its own
 * @param isWorker it looks for leases that are over
 */
export async function openWakeUps(connection: PostgresConnection, isWorker: boolean): Promise<WakeUps> {
  const { boss, refusal, close } = await startBoss(connection, isWorker);
  const { path } = connection;
  return {
    insert: async (wakeUps, inside) => {
      let inserted = 0;
      const db = executorOf(inside.objects, (count) => (inserted += count));
      for (let at = 0; at < wakeUps.length; at += AT_ONCE)
        await unlessGone(path, boss.insert(wakeUps.slice(at, at + AT_ONCE).map(jobOf), { db }));
      // It passes over those of a queue that it does not know.
      if (inserted !== wakeUps.length) throw goneError(path);
    },
    remove: async (ids, inside) => {
      if (ids.length > 0) await unlessGone(path, boss.deleteJob(QUEUE, [...ids], within(inside)));
    },
    fetch: async (most) => {
      const refused = refusal();
      if (refused !== null) throw refused;
      // pg-boss takes every failure of this for a race that it may pass over.
      let failure: unknown = null;
      const db: PgBoss.Db = {
        executeSql: (sql, values) =>
          executorOf(connection.objects)
            .executeSql(sql, values)
            .catch((error: unknown) => {
              failure = error;
              throw error;
            }),
      };
      const jobs = await unlessGone(path, boss.fetch<WakeUpData>(QUEUE, { batchSize: most, db }));
      if (failure !== null && codeOf(failure) !== RACE) await unlessGone(path, Promise.reject(failure));
      return jobs.map(({ id, data, expireInSeconds }) => ({ id, ...data, leaseSeconds: Number(expireInSeconds) }));
    },
    close,
  };
}

interface StartedBoss {
  boss: PgBoss;
  /** Why it cannot look for leases that are over; null: it can. */
  refusal(): Error | null;
  close(): Promise<void>;
}

async function startBoss(connection: PostgresConnection, isWorker: boolean): Promise<StartedBoss> {
  const boss = new PgBoss({
    db: ownExecutorOf(connection.objects),
    schema: SCHEMA,
    schedule: false,
    supervise: isWorker,
    maintenanceIntervalSeconds: LOOK_SECONDS,
  });
  let refusal: Error | null = null;
  // A server that went away is told by our own statements.
  boss.on('error', (error) => {
    if (codeOf(error) === FORBIDDEN) refusal = error;
  });
  const close = async (): Promise<void> => {
    await boss.stop({ graceful: false });
    await connection.close();
  };
  try {
    await requireWhole(connection);
    await boss.start();
    await requireVersion(boss, connection.path);
    // To make one takes the rights of who owns the tables, even where it is there.
    if ((await boss.getQueue(QUEUE)) === null) await boss.createQueue(QUEUE);
  } catch (error) {
    await close();
    throw codeOf(error) === DUPLICATE ? emptiedError(connection.path) : error;
  }
  return { boss, refusal: () => refusal, close };
}

/** It would take tables without a version for very old ones. */
async function requireWhole(connection: PostgresConnection): Promise<void> {
  const [found] = await connection.rows<[boolean]>(`select to_regclass('${SCHEMA}.version') is not null`);
  if (found?.[0] !== true) return;
  const versions = await connection.rows(`select version from ${SCHEMA}.version`);
  if (versions.length === 0) throw emptiedError(connection.path);
}

const emptiedError = (path: string): AppError =>
  new AppError('history', `history ${path}: tables of the schema ${SCHEMA}, which wakes the workers, were emptied`, {
    hint: `drop schema ${SCHEMA} cascade: the next command makes it anew, and what waits is kept`,
  });

/** Opened again, it is made anew. */
const goneError = (path: string, cause?: unknown): AppError =>
  new AppError('history', `history ${path}: the schema ${SCHEMA}, which wakes the workers, is gone`, {
    hint: 'the next command makes it anew, and what waits is kept',
    thenAgain: true,
    cause,
  });

/** Throws AppError `history` when what is asked for is not there. */
export const unlessGone = <Result>(path: string, asked: Promise<Result>): Promise<Result> =>
  asked.catch((error: unknown) => {
    throw MISSING.has(codeOf(error)) ? goneError(path, error) : error;
  });

/** It brings older tables up to date, and would work on newer ones as if they were its own. */
async function requireVersion(boss: PgBoss, path: string): Promise<void> {
  const version = await boss.schemaVersion();
  if (version === VERSION) return;
  throw new AppError(
    'history',
    `history ${path}: the jobs of its queue (schema ${SCHEMA}) were made by a newer hookproof ` +
      `(format ${version}, this one knows ${VERSION})`,
    { hint: 'update with: npm install hookproof@latest' },
  );
}

const within = ({ objects }: PostgresConnection): { db: PgBoss.Db } => ({ db: executorOf(objects) });

/** @param onCount is told how many rows a statement read or changed */
const executorOf = (objects: PostgresConnection['objects'], onCount?: (rows: number) => void): PgBoss.Db => ({
  executeSql: async (sql, values) => {
    const { rows, rowCount } = await objects(sql, values as unknown[]);
    onCount?.(rowCount ?? 0);
    return { rows: rows as never[] };
  },
});

/** Several statements at once begin a transaction themselves, and leave it open when one of them fails. */
const ownExecutorOf = (objects: PostgresConnection['objects']): PgBoss.Db => ({
  executeSql: async (sql, values) => {
    try {
      return await executorOf(objects).executeSql(sql, values);
    } catch (error) {
      await objects('rollback').catch(() => undefined);
      throw error;
    }
  },
});

const jobOf = ({ webhookUuid, deliveryId, inMs, leaseSeconds }: WakeUp): PgBoss.JobInsert<WakeUpData> => ({
  name: QUEUE,
  data: { webhookUuid, deliveryId },
  startAfter: `${Math.max(0, inMs) / 1000} seconds`,
  expireInSeconds: leaseSeconds,
  retryLimit: EACH_TIME,
  keepUntil: FOR_EVER,
});
