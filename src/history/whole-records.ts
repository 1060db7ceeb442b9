import type { Delivery, Purpose } from '../model/attempt.ts';
import type { Cell } from '../model/export-field.ts';
import type { Database } from './database.ts';
import { toAttempt, toDelivery, type AttemptRow, type DeliveryRow } from './delivery-row.ts';
import { ATTEMPT_COLUMNS, DELIVERY_COLUMNS } from './find-delivery.ts';
import { COLUMNS } from './select-attempts.ts';
import { PART_BYTES, readRequestBody } from './stored-values.ts';
import { inLoads, ROW_FIELDS, type SizedKey } from './whole-record.ts';
import type { FoundRecords, RecordFilter, RecordKey, WholeRecord } from './history.ts';

/** Deliveries whose attempts are looked up at once. */
const WINDOW = 500;

/** Everything up to a point, in the order of ids, some megabytes at a time. */
export async function* streamWhole(
  database: Database,
  { asOf, webhookUuid = null }: Omit<RecordFilter, 'webhookUuid'> & { webhookUuid?: string | null },
): AsyncGenerator<WholeRecord[]> {
  const select = database.prepare<[string]>(
    `select id from delivery where id > ? and (?2 is null or webhook_uuid = ?2) order by id limit ${WINDOW}`,
  );
  for (let last = ''; ;) {
    const ids = select.all(last, webhookUuid).map(([id]) => id);
    for (const keys of inLoads(keysOf(database, ids, asOf))) yield loadWhole(database, keys);
    if (ids.length < WINDOW) return;
    last = ids.at(-1) ?? last;
  }
}

function keysOf(database: Database, ids: readonly string[], asOf: number): SizedKey[] {
  return database
    .prepare<[webhookUuid: string, deliveryId: string, attemptId: string, startedAt: string, bytes: number]>(
      `select a.webhook_uuid, d.id, a.id, a.timestamp, a.request_bytes + length(e.response_body)
       from json_each(?) wanted cross join delivery d on d.id = wanted.value
       cross join exchange e on e.delivery_id = d.id
       cross join attempt a on a.webhook_uuid = d.webhook_uuid and a.timestamp = e.timestamp and a.id = e.attempt_id
       where a.sequence <= ? order by d.id, a.id`,
    )
    .all(JSON.stringify(ids), asOf)
    .map(([webhookUuid, deliveryId, attemptId, startedAt, bytes]) => ({
      webhookUuid,
      deliveryId,
      attemptId,
      startedAt,
      bytes,
    }));
}

/** What was deleted meanwhile is left out. */
const loadWhole = (database: Database, keys: readonly RecordKey[]): WholeRecord[] =>
  findWhole(database, keys).records.flatMap((record) => record ?? []);

type LoadedAttempt = readonly [...AttemptRow, at: number, ...row: Cell[]];

const LOAD = `select ${ATTEMPT_COLUMNS}, wanted.key, ${ROW_FIELDS.map((field) => `a.${COLUMNS[field]}`).join(', ')}
  from json_each(?) wanted `;

const BY_PLACE = `${LOAD} cross join attempt a on a.webhook_uuid = json_extract(wanted.value, '$.webhookUuid')
    and a.timestamp = json_extract(wanted.value, '$.startedAt') and a.id = json_extract(wanted.value, '$.attemptId')
  cross join exchange e on e.delivery_id = a.delivery_id and e.attempt_id = a.id`;

/** Of an attempt that has another time here. */
const BY_DELIVERY = `${LOAD} cross join exchange e on e.delivery_id = json_extract(wanted.value, '$.deliveryId')
    and e.attempt_id = json_extract(wanted.value, '$.attemptId')
  cross join delivery d on d.id = e.delivery_id
  cross join attempt a on a.webhook_uuid = d.webhook_uuid and a.timestamp = e.timestamp and a.id = e.attempt_id`;

/** What stands where these would stand. */
export function findWhole(database: Database, keys: readonly RecordKey[]): FoundRecords {
  const found = new Map<number, LoadedAttempt>();
  const look = (sql: string, wanted: readonly number[]): void => {
    const rows = database.prepare<LoadedAttempt>(sql).all(JSON.stringify(wanted.map((index) => keys[index])));
    for (const row of rows) found.set(wanted[row[AT] as number] as number, row);
  };
  const all = [...keys.keys()];
  look(BY_PLACE, all);
  const others = all.filter((index) => !found.has(index));
  if (others.length > 0) look(BY_DELIVERY, others);
  const ids = new Set([...keys.map(({ deliveryId }) => deliveryId), ...[...found.values()].map((row) => row[1])]);
  const deliveries = readDeliveries(database, [...ids]);
  return { deliveries, records: all.map((index) => toRecord(found.get(index), deliveries)) };
}

/** Where a row has the place of its key. */
const AT = 18;

function toRecord(row: LoadedAttempt | undefined, deliveries: ReadonlyMap<string, Delivery>): WholeRecord | null {
  const delivery = row === undefined ? undefined : deliveries.get(row[1]);
  if (row === undefined || delivery === undefined) return null;
  return {
    delivery: { ...delivery, purpose: row[17] as Purpose },
    attempt: toAttempt(row),
    row: row.slice(AT + 1) as Cell[],
  };
}

function readDeliveries(database: Database, ids: readonly string[]): Map<string, Delivery> {
  const rows = database
    .prepare<readonly [...DeliveryRow, body: Uint8Array]>(
      `select ${DELIVERY_COLUMNS}, body from delivery where id in (select value from json_each(?))`,
    )
    .all(JSON.stringify(ids));
  const found = rows.map((row) => {
    const [id, first] = [row[0], row[9]];
    const body = first.length < PART_BYTES ? new Uint8Array(first) : readRequestBody(database, id);
    return toDelivery(row, 'event', body ?? first);
  });
  return new Map(found.map((delivery) => [delivery.id, delivery]));
}
