import type { QueuedDelivery } from '../../../model/queued-delivery.ts';
import type { Queue, QueueFilter } from '../../queue.ts';
import { isoTime, storableText, withoutUrlCredentials } from '../../stored-values.ts';
import { makeBatcher, packBatch } from '../../record-batch.ts';
import { insertBatch } from '../insert-batch.ts';
import { connectPostgres, type PostgresConnection } from '../connection.ts';
import { migrate } from '../schema.ts';
import { queueReaderOf, whereOf } from './queue-reader.ts';
import { makeTransact, type Transact } from './transactions.ts';
import { openWakeUps, type WakeUp, type WakeUps } from './wake-ups.ts';

/** Opens the queue in the database at `address` to fill and change it; makes its tables when they are missing. */
export async function openPostgresQueue(address: string): Promise<Queue> {
  return queueOf(await openParts(address, false));
}

/** What a queue on a server works with. */
export interface QueueParts {
  connection: PostgresConnection;
  transact: Transact;
  wakeUps: WakeUps;
}

export async function openParts(address: string, isWorker: boolean): Promise<QueueParts> {
  const connection = await connectPostgres(address);
  try {
    await migrate(connection);
    const wakeUps = await openWakeUps(await connectPostgres(address), isWorker);
    return { connection, transact: makeTransact(connection), wakeUps };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

export function queueOf({ connection, transact, wakeUps }: QueueParts): Queue {
  return {
    ...queueReaderOf(connection),
    enqueue: (items, nowMs) => transact((inside) => enqueue(inside, wakeUps, items, nowMs)),
    recordFirst: ({ delivery, attempt, rest }, nowMs) =>
      transact(async (inside) => {
        const batcher = makeBatcher();
        batcher.add(delivery, attempt);
        await insertBatch(inside, packBatch(batcher.take()));
        if (rest !== null) await enqueue(inside, wakeUps, [rest], nowMs);
      }),
    // Its wake-up comes, finds nothing and is gone.
    cancel: (filter) => transact((inside) => cancelWaiting(inside, filter)),
    makeDue: (filter) => transact((inside) => makeDue(inside, wakeUps, filter)),
    enable: (webhookUuid) => transact((inside) => enable(inside, wakeUps, webhookUuid)),
    close: async () => {
      await wakeUps.close();
      await connection.close();
    },
  };
}

async function enqueue(
  connection: PostgresConnection,
  wakeUps: WakeUps,
  items: readonly QueuedDelivery[],
  nowMs: number,
): Promise<void> {
  await insertQueued(connection, items, nowMs);
  await wakeUps.insert(
    items.map((item) => wakeUpOf(item, nowMs)),
    connection,
  );
}

/** For what a worker does beside waiting for the answer. */
const SPARE_SECONDS = 12;
const leaseOf = ({ reach }: QueuedDelivery): number => Math.ceil(reach.timeoutMs / 1000) + SPARE_SECONDS;

const wakeUpOf = (item: QueuedDelivery, nowMs: number): WakeUp => ({
  webhookUuid: item.delivery.webhookUuid,
  deliveryId: item.delivery.id,
  inMs: item.dueAt - nowMs,
  leaseSeconds: leaseOf(item),
});

const INSERT = `insert into hookproof.queued
    (webhook_uuid, delivery_id, due_at, number, since_first_ms, vendor, event, event_id, url, method, created_at,
     headers, has_own_signature, reach, lease_seconds, body)
  select webhook_uuid, delivery_id, clock_timestamp() + in_ms * interval '1 millisecond', number, since_first_ms,
    vendor, event, event_id, url, method, created_at, headers, has_own_signature, reach, lease_seconds,
    substring($1::bytea from body_at for body_length)
  from json_to_recordset($2::json) as given
    (webhook_uuid uuid, delivery_id uuid, in_ms numeric, number integer, since_first_ms numeric, vendor text,
     event text, event_id text, url text, method text, created_at timestamptz, headers json,
     has_own_signature boolean, reach json, lease_seconds integer, body_at integer, body_length integer)`;

async function insertQueued(
  connection: PostgresConnection,
  items: readonly QueuedDelivery[],
  nowMs: number,
): Promise<void> {
  let bodyAt = 1;
  const rows = items.map((item) => {
    const { delivery, request, reach, number, sinceFirstMs, dueAt } = item;
    const at = bodyAt;
    bodyAt += request.body.length;
    return {
      webhook_uuid: delivery.webhookUuid,
      delivery_id: delivery.id,
      in_ms: dueAt - nowMs,
      number,
      since_first_ms: sinceFirstMs,
      vendor: storableText(delivery.vendor),
      event: storableText(delivery.event),
      event_id: storableText(delivery.eventId),
      url: withoutUrlCredentials(delivery.url),
      method: delivery.method,
      created_at: isoTime(delivery.createdAt),
      headers: request.headers,
      has_own_signature: request.hasOwnSignature,
      reach,
      lease_seconds: leaseOf(item),
      body_at: at,
      body_length: request.body.length,
    };
  });
  await connection.run(INSERT, [Buffer.concat(items.map(({ request }) => request.body)), JSON.stringify(rows)]);
}

function cancelWaiting(connection: PostgresConnection, filter: QueueFilter): Promise<number> {
  const { sql, values } = whereOf(filter);
  return connection.run(`delete from hookproof.queued where due_at is not null and ${sql}`, values);
}

type WakingRow = readonly [webhookUuid: string, deliveryId: string, leaseSeconds: number, inMs: number];

const toWakeUp = ([webhookUuid, deliveryId, leaseSeconds, inMs]: WakingRow): WakeUp => ({
  webhookUuid,
  deliveryId,
  leaseSeconds,
  inMs,
});

async function makeDue(connection: PostgresConnection, wakeUps: WakeUps, filter: QueueFilter): Promise<number> {
  const { sql, values } = whereOf(filter);
  const rows = await connection.rows<WakingRow>(
    `update hookproof.queued set due_at = clock_timestamp() where due_at is not null and ${sql}
     returning webhook_uuid, delivery_id, lease_seconds, 0`,
    values,
  );
  await wakeUps.insert(rows.map(toWakeUp), connection);
  return rows.length;
}

/** The wake-ups that came while it was held are gone. */
async function enable(connection: PostgresConnection, wakeUps: WakeUps, webhookUuid: string): Promise<boolean> {
  const wasHeld = await connection.run('delete from hookproof.held_webhook where webhook_uuid = $1::uuid', [
    webhookUuid,
  ]);
  if (wasHeld === 0) return false;
  const rows = await connection.rows<WakingRow>(
    `select webhook_uuid, delivery_id, lease_seconds,
       ceil(extract(epoch from due_at - clock_timestamp()) * 1000)::bigint
     from hookproof.queued where webhook_uuid = $1::uuid and due_at is not null`,
    [webhookUuid],
  );
  await wakeUps.insert(rows.map(toWakeUp), connection);
  return true;
}
