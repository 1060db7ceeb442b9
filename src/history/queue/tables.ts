import type { Database } from '../database.ts';
import { openForReading, openForWriting } from '../open-database.ts';

/**
 * Beside the tables of the history, made by the first who puts something in: the version of the file stays, so that an
 * older hookproof still reads and writes it. A time is in milliseconds since the epoch. `due_at` is null while the
 * attempt is under way. The body stands apart: a row is written anew at each attempt, and a mail may have 25 MiB.
 */
const TABLES = `
  create table if not exists queued (
    delivery_id text primary key,
    webhook_uuid text not null,
    due_at integer,
    number integer not null,
    since_first_ms real not null,
    vendor text not null,
    event text not null,
    event_id text,
    url text not null,
    method text not null,
    created_at integer not null,
    headers text not null,
    has_own_signature integer not null,
    reach text not null
  );
  create index if not exists queued_by_webhook on queued (webhook_uuid, due_at);
  create table if not exists queued_body (
    delivery_id text not null,
    part integer not null,
    bytes blob not null,
    primary key (delivery_id, part)
  );
  create table if not exists under_way (
    delivery_id text primary key,
    webhook_uuid text not null,
    began_at integer not null,
    due_at integer not null
  );
  create table if not exists held_webhook (
    webhook_uuid text primary key,
    held_at integer not null,
    reason text not null
  );`;

/** Opens the history in `file` and makes the tables of the queue when they are missing. */
export async function openWithQueue(file: string): Promise<Database> {
  const database = await openForWriting(file, 'power-failure');
  if (!hasQueue(database)) database.transact(() => database.exec(TABLES));
  return database;
}

/** Nothing is written: a history that has no queue is read as one whose queue is empty. */
export async function openQueueForReading(file: string): Promise<Database> {
  const database = await openForReading(file);
  if (hasQueue(database)) return database;
  database.exec('pragma temp_store = memory');
  database.exec(TABLES.replaceAll('create table if not exists', 'create temp table').replace(/create index.*;/, ''));
  return database;
}

const hasQueue = (database: Database): boolean =>
  database.prepare("select 1 from sqlite_schema where type = 'table' and name = 'held_webhook'").first() !== undefined;
