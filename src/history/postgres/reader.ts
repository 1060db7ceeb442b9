import type { HistoryReader } from '../history.ts';
import { connectPostgres, type PostgresConnection } from './connection.ts';
import { unknownDelivery } from '../delivery-row.ts';
import { findDelivery } from './find-delivery.ts';
import { latestPoint } from './latest-point.ts';
import { listDeliveries } from './list-deliveries.ts';
import { countPrunable } from './prune.ts';
import { readVersion } from './schema.ts';
import { findNewest } from './select-attempts.ts';
import { shortIds } from './short-id.ts';
import { streamRows } from './stream-attempts.ts';
import { streamLines } from './stream-lines.ts';
import { streamOutcomes } from './stream-outcomes.ts';
import { readWebhookUrls, readWebhookUuids } from './webhook-uuids.ts';
import { findWhole, streamWhole } from './whole-records.ts';

/**
 * Opens the history in the database at `address` (as `completeAddress` writes it) to read it: nothing is written. A
 * database without our tables is an empty history.
 */
export async function openPostgresReader(address: string): Promise<HistoryReader> {
  const connection = await connectToRead(address);
  try {
    const version = await readVersion(connection);
    return version === 0 ? emptyReader(connection) : readerOf(connection, () => connectToRead(address));
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function connectToRead(address: string): Promise<PostgresConnection> {
  const connection = await connectPostgres(address);
  await connection.script(SHORT_STATEMENTS);
  return connection;
}

/**
 * These statements are many and short, and most end at a limit. Where the planner expects many rows, the server first
 * compiles a statement, which takes longer than the statement. Before a table was analyzed, the planner collects all
 * that is left in a bitmap and sorts it instead of following the index: 1,000,000 attempts took 43 s, not 3.
 */
const SHORT_STATEMENTS = 'set jit = off; set enable_bitmapscan = off';

const MAX_SUGGESTED = 1000;

function readerOf(connection: PostgresConnection, openAnother: () => Promise<PostgresConnection>): HistoryReader {
  return {
    path: connection.path,
    find: (idOrPrefix) => findDelivery(connection, idOrPrefix),
    shortIds: (ids) => shortIds(connection, ids),
    list: (filter) => listDeliveries(connection, filter),
    knowsWebhook: async (uuid) =>
      (await connection.rows('select from hookproof.attempt where webhook_uuid = $1 limit 1', [uuid])).length > 0,
    webhookUuids: (beginning = '', most = MAX_SUGGESTED) => readWebhookUuids(connection, beginning, most),
    webhookUrls: (uuid) => readWebhookUrls(connection, uuid),
    eventNames: (webhookUuid) => readEventNames(connection, webhookUuid),
    latestSequence: () => latestPoint(connection),
    countAhead: nothing,
    newestTimestamp: async (selection) => (await findNewest(connection, selection))?.timestamp ?? null,
    lines: (selection, layout) => streamLines(connection, openAnother, selection, layout),
    rows: (selection, fields) => streamRows(connection, selection, fields),
    outcomes: (filter) => streamOutcomes(connection, filter),
    wholeRecords: (filter) => streamWhole(connection, filter),
    findWhole: (keys) => findWhole(connection, keys),
    identity: () => readIdentity(connection),
    countPrunable: (options) => countPrunable(connection, options),
    close: () => connection.close(),
  };
}

/** A server has several addresses, and a standby is another place of the same database. */
async function readIdentity(connection: PostgresConnection): Promise<string> {
  const [row] = await connection.rows<[string]>(
    `select concat(system_identifier, '/', (select oid from pg_database where datname = current_database()))
     from pg_control_system()`,
  );
  return row?.[0] ?? connection.path;
}

async function readEventNames(connection: PostgresConnection, webhookUuid: string | undefined): Promise<string[]> {
  const rows = await connection.rows<[string]>(
    'select distinct event from hookproof.attempt where $1::uuid is null or webhook_uuid = $1 limit 1000',
    [webhookUuid ?? null],
  );
  return rows.map(([event]) => event);
}

async function* nothing(): AsyncGenerator<never> {}

/** Of a database in which nothing was recorded yet. */
function emptyReader(connection: PostgresConnection): HistoryReader {
  const { path, close } = connection;
  return {
    path,
    find: async (idOrPrefix) => {
      throw unknownDelivery(path, idOrPrefix, []);
    },
    shortIds: async (ids) => [...ids],
    list: async () => [],
    knowsWebhook: async () => false,
    webhookUuids: async () => [],
    webhookUrls: async () => [],
    eventNames: async () => [],
    latestSequence: async () => 0,
    countAhead: nothing,
    newestTimestamp: async () => null,
    lines: nothing,
    rows: nothing,
    outcomes: nothing,
    wholeRecords: nothing,
    findWhole: async (keys) => ({ deliveries: new Map(), records: keys.map(() => null) }),
    identity: () => readIdentity(connection),
    countPrunable: async () => ({ deliveries: 0, attempts: 0, webhooks: [], made: [] }),
    close,
  };
}
