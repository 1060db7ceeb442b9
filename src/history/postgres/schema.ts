import { AppError } from '../../model/error.ts';
import type { PostgresConnection } from './connection.ts';

/** The older ones are no longer mended by their project: https://www.postgresql.org/support/versioning/ */
const OLDEST = 140_000;

/** "hook" in ASCII: whose advisory locks these are. */
const LOCKS = 0x68_6f_6f_6b;
const MIGRATING = 1;
/** Held by a statement that stores attempts, from before it asks the clock until they are to be seen. */
const RECORDING = 2;
/** Held by the one worker that looks for lost wake-ups. */
const WAKING = 3;

export const LOCK_RECORDING = `pg_advisory_xact_lock_shared(${LOCKS}, ${RECORDING})`;
export const TRY_LOCK_WAKING = `pg_try_advisory_xact_lock(${LOCKS}, ${WAKING})`;
/** Who is storing attempts now: of `pg_locks`. */
export const IS_RECORDING = `locktype = 'advisory' and classid = ${LOCKS} and objid = ${RECORDING} and objsubid = 2
  and database = (select oid from pg_database where datname = current_database())`;

/** A text with a character that CSV must quote or JSON must escape, or that a spreadsheet would run. */
const CARE = String.raw`'[",\\\u0001-\u001f]|^[=+@-]'`;
const needsCare = (...columns: string[]): string =>
  columns.map((column) => `coalesce(${column} ~ ${CARE}, false)`).join(' or ');

/**
 * Every change of the tables, oldest first; the table `migration` has the number of each that was made. Never edit one
 * that was released: append the next.
 *
 * One server and a distributed PostgreSQL take them both: each key begins with the webhook, by which rows can be
 * spread; ids are ours; there are no sequences, triggers, or keys from one table into another. `recorded_at` is by the
 * clock of the database. Bodies are kept as they are: uncompressed, a part of one can be read by itself.
 *
 * As in SQLite, an export reads `attempt` alone, so this table is narrow and repeats what it needs of `delivery`.
 */
export const MIGRATIONS: readonly string[] = [
  `create table hookproof.delivery (
     webhook_uuid uuid not null,
     id uuid not null,
     vendor text collate "C" not null,
     event text collate "C" not null,
     event_id text collate "C",
     direction text collate "C" not null,
     purpose text collate "C" not null,
     url text collate "C" not null,
     method text collate "C" not null,
     created_at timestamptz not null,
     body bytea not null,
     primary key (webhook_uuid, id)
   );
   alter table hookproof.delivery alter column body set storage external;
   create index delivery_by_id on hookproof.delivery (id);
   create table hookproof.attempt (
     webhook_uuid uuid not null,
     started_at timestamptz not null,
     id uuid not null,
     delivery_id uuid not null,
     number integer not null,
     direction text collate "C" not null,
     purpose text collate "C" not null,
     vendor text collate "C" not null,
     event text collate "C" not null,
     event_id text collate "C",
     url text collate "C" not null,
     outcome text collate "C" not null,
     status integer,
     error_code text collate "C",
     error text collate "C",
     duration_ms numeric not null,
     request_bytes bigint not null,
     response_bytes bigint not null,
     remote_address text collate "C",
     recorded_at timestamptz not null,
     needs_care boolean not null generated always as (
       ${needsCare('vendor', 'event', 'event_id', 'url', 'error_code', 'error', 'remote_address')}
     ) stored,
     primary key (webhook_uuid, started_at, id)
   );
   create index attempt_by_time on hookproof.attempt (started_at, id);
   create table hookproof.exchange (
     webhook_uuid uuid not null,
     delivery_id uuid not null,
     attempt_id uuid not null,
     started_at timestamptz not null,
     request_headers json not null,
     response_headers json not null,
     response_body bytea not null,
     response_truncated boolean not null,
     timings json not null,
     tls json,
     control json not null,
     primary key (webhook_uuid, delivery_id, attempt_id)
   );
   alter table hookproof.exchange alter column response_body set storage external;`,
  // The queue. `due_at` is null while the attempt is under way.
  `create table hookproof.queued (
     webhook_uuid uuid not null,
     delivery_id uuid not null,
     due_at timestamptz,
     number integer not null,
     since_first_ms numeric not null,
     vendor text collate "C" not null,
     event text collate "C" not null,
     event_id text collate "C",
     url text collate "C" not null,
     method text collate "C" not null,
     created_at timestamptz not null,
     headers json not null,
     has_own_signature boolean not null,
     reach json not null,
     lease_seconds integer not null,
     body bytea not null,
     primary key (webhook_uuid, delivery_id)
   );
   alter table hookproof.queued alter column body set storage external;
   create index queued_by_due on hookproof.queued (webhook_uuid, due_at);
   create table hookproof.under_way (
     webhook_uuid uuid not null,
     delivery_id uuid not null,
     claim_id uuid not null,
     began_at timestamptz not null,
     due_at timestamptz not null,
     primary key (webhook_uuid, delivery_id)
   );
   create table hookproof.held_webhook (
     webhook_uuid uuid primary key,
     held_at timestamptz not null,
     reason text not null
   );`,
  // What is old, or new, and what failed is found among millions without reading all of them.
  `create index delivery_by_creation on hookproof.delivery (created_at, id);
   create index failed_attempt_by_time on hookproof.attempt (started_at, id) where outcome <> 'delivered';`,
];

/** The version of the tables; 0 where there are none yet. Throws AppError `history` where they cannot be used. */
export async function readVersion(connection: PostgresConnection): Promise<number> {
  const [server] = await connection.rows<[version: number, encoding: string, isThere: boolean]>(
    `select current_setting('server_version_num')::integer, current_setting('server_encoding'),
       to_regclass('hookproof.migration') is not null`,
  );
  const [version = 0, encoding = '', isThere = false] = server ?? [];
  requireServer(connection.path, version, encoding);
  if (!isThere) return 0;
  const [row] = await connection.rows<[number]>('select coalesce(max(version), 0) from hookproof.migration');
  return requireKnown(connection.path, row?.[0] ?? 0);
}

/** @param version as `server_version_num` has it: 150018 is 15.18 */
export function requireServer(path: string, version: number, encoding: string): void {
  if (version < OLDEST) {
    const major = Math.floor(version / 10_000);
    // Until 9.6 the second number was a part of it.
    const found = major < 10 ? `${major}.${Math.floor((version % 10_000) / 100)}` : String(major);
    throw new AppError('history', `history ${path}: the server is PostgreSQL ${found}, and 14 or newer is needed`, {
      hint: 'use a newer server',
    });
  }
  if (encoding !== 'UTF8') {
    throw new AppError('history', `history ${path}: the database is encoded in ${encoding}, and UTF8 is needed`, {
      hint: 'create one with: createdb --encoding=UTF8 --template=template0 NAME',
    });
  }
}

function requireKnown(path: string, version: number): number {
  if (version <= MIGRATIONS.length) return version;
  throw new AppError(
    'history',
    `history ${path} was written by a newer hookproof (format ${version}, this one reads up to ${MIGRATIONS.length})`,
    { hint: 'update with: npm install hookproof@latest' },
  );
}

/** Makes the tables, or brings them up to date: one process at a time, all of it or nothing. */
export async function migrate(connection: PostgresConnection): Promise<void> {
  if ((await readVersion(connection)) === MIGRATIONS.length) return;
  await connection.script('begin');
  try {
    await connection.rows(`select pg_advisory_xact_lock(${LOCKS}, ${MIGRATING})`);
    await connection.script(
      `create schema if not exists hookproof;
       create table if not exists hookproof.migration (
         version integer primary key,
         made_at timestamptz not null default clock_timestamp()
       )`,
    );
    // Another process may have been faster while this one waited for the lock.
    const done = await readVersion(connection);
    for (const [index, sql] of MIGRATIONS.slice(done).entries()) {
      await connection.script(sql);
      await connection.rows('insert into hookproof.migration (version) values ($1)', [done + index + 1]);
    }
    await connection.script('commit');
  } catch (error) {
    await connection.script('rollback').catch(() => undefined);
    throw error;
  }
}

/** Who is told before anything is sent has lost nothing; `prune` needs to delete alone. */
const REFUSES = `select current_setting('transaction_read_only')::boolean
  or not has_table_privilege('hookproof.attempt', 'insert, delete')`;

/** Throws AppError `history` where nothing can be recorded: a standby, or a user who may only read. */
export async function requireWrites(connection: PostgresConnection): Promise<void> {
  const [row] = await connection.rows<[refuses: boolean]>(REFUSES);
  // The server says best why.
  if (row?.[0] === true) await connection.run('insert into hookproof.attempt (webhook_uuid) select null where false');
}
