import type { Delivery } from '../../model/attempt.ts';
import type { Cell } from '../../model/export-field.ts';
import { toAttempt, toDelivery, type AttemptRow } from '../delivery-row.ts';
import { inLoads, ROW_FIELDS, type SizedKey } from '../whole-record.ts';
import type { FoundRecords, RecordFilter, RecordKey, WholeRecord } from '../history.ts';
import { arrayText, type PostgresConnection } from './connection.ts';
import { ATTEMPT_COLUMNS, DELIVERY_COLUMNS, type DeliveryLine } from './find-delivery.ts';
import { pointTime } from './latest-point.ts';
import { FIELD_SQL, isoText } from './select-attempts.ts';
import { PART_BYTES, readRequestBody } from './stream-attempts.ts';

/** Deliveries whose attempts are looked up at once. */
const WINDOW = 500;

type WindowLine = readonly [id: string, webhookUuid: string];

/** Everything up to a point, in the order of ids, some megabytes at a time. */
export async function* streamWhole(
  connection: PostgresConnection,
  { asOf, webhookUuid }: RecordFilter,
): AsyncGenerator<WholeRecord[]> {
  for (let last: string | null = null; ;) {
    const window: WindowLine[] = await connection.rows<WindowLine>(
      `select id, webhook_uuid from hookproof.delivery
       where ($1::uuid is null or id > $1) and ($2::uuid is null or webhook_uuid = $2) order by id limit ${WINDOW}`,
      [last, webhookUuid ?? null],
    );
    for (const keys of inLoads(await keysOf(connection, window, asOf)))
      yield (await findWhole(connection, keys)).records.flatMap((record) => record ?? []);
    if (window.length < WINDOW) return;
    last = window.at(-1)?.[0] ?? last;
  }
}

type KeyLine = readonly [webhookUuid: string, deliveryId: string, attemptId: string, startedAt: string, bytes: number];

/** `offset 0` keeps each look-up one by the index, whatever the planner thinks of a table it does not know yet. */
async function keysOf(
  connection: PostgresConnection,
  window: readonly WindowLine[],
  asOf: number,
): Promise<SizedKey[]> {
  const lines = await connection.rows<KeyLine>(
    `select wanted.webhook_uuid, wanted.id, one.attempt_id, ${isoText('one.started_at')}, one.bytes
     from unnest($1::uuid[], $2::uuid[]) wanted (id, webhook_uuid)
     cross join lateral (
       select e.attempt_id, e.started_at, a.request_bytes + octet_length(e.response_body) as bytes
       from hookproof.exchange e join hookproof.attempt a
         on a.webhook_uuid = e.webhook_uuid and a.started_at = e.started_at and a.id = e.attempt_id
       where e.webhook_uuid = wanted.webhook_uuid and e.delivery_id = wanted.id and a.recorded_at <= $3 offset 0) one
     order by wanted.id, one.attempt_id`,
    [arrayText(window.map(([id]) => id)), arrayText(window.map(([, uuid]) => uuid)), pointTime(asOf)],
  );
  return lines.map(([webhookUuid, deliveryId, attemptId, startedAt, bytes]) => ({
    webhookUuid,
    deliveryId,
    attemptId,
    startedAt,
    bytes,
  }));
}

type LoadedLine = readonly [...AttemptRow, at: number, ...row: Cell[]];

/** Where a row has the place of its key. */
const AT = 18;

const CELLS = ROW_FIELDS.map((field, index) => `${FIELD_SQL[field]} as cell${index}`).join(', ');
const ATTEMPT = `select *, ${CELLS} from hookproof.attempt`;

const LOAD = `select ${ATTEMPT_COLUMNS}, wanted.at,
    ${ROW_FIELDS.map((_, index) => `a.cell${index}`).join(', ')}
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[])
    with ordinality wanted (webhook_uuid, delivery_id, attempt_id, started_at, at)`;

const BY_PLACE = `${LOAD}
  cross join lateral (${ATTEMPT} where webhook_uuid = wanted.webhook_uuid and started_at = wanted.started_at
    and id = wanted.attempt_id offset 0) a
  cross join lateral (select * from hookproof.exchange
    where webhook_uuid = a.webhook_uuid and delivery_id = a.delivery_id and attempt_id = a.id offset 0) e`;

/** Of an attempt that has another time or webhook here. */
const BY_DELIVERY = `${LOAD}
  cross join lateral (select webhook_uuid from hookproof.delivery where id = wanted.delivery_id offset 0) d
  cross join lateral (select * from hookproof.exchange
    where webhook_uuid = d.webhook_uuid and delivery_id = wanted.delivery_id and attempt_id = wanted.attempt_id
    offset 0) e
  cross join lateral (${ATTEMPT} where webhook_uuid = e.webhook_uuid and started_at = e.started_at
    and id = e.attempt_id offset 0) a`;

/** What stands where these would stand. */
export async function findWhole(connection: PostgresConnection, keys: readonly RecordKey[]): Promise<FoundRecords> {
  const found = new Map<number, LoadedLine>();
  const look = async (sql: string, wanted: readonly number[]): Promise<void> => {
    const names = ['webhookUuid', 'deliveryId', 'attemptId', 'startedAt'] as const;
    const arrays = names.map((name) => arrayText(wanted.map((index) => keys[index]?.[name] ?? '')));
    for (const line of await connection.rows<LoadedLine>(sql, arrays)) found.set(wanted[line[AT] - 1] as number, line);
  };
  const all = [...keys.keys()];
  await look(BY_PLACE, all);
  const others = all.filter((index) => !found.has(index));
  if (others.length > 0) await look(BY_DELIVERY, others);
  const ids = new Set([...keys.map(({ deliveryId }) => deliveryId), ...[...found.values()].map((line) => line[1])]);
  const deliveries = await readDeliveries(connection, [...ids]);
  return { deliveries, records: all.map((index) => toRecord(found.get(index), deliveries)) };
}

function toRecord(line: LoadedLine | undefined, deliveries: ReadonlyMap<string, Delivery>): WholeRecord | null {
  const delivery = line === undefined ? undefined : deliveries.get(line[1]);
  if (line === undefined || delivery === undefined) return null;
  return { delivery, attempt: toAttempt(line), row: line.slice(AT + 1) as Cell[] };
}

/** Large bodies come part by part. */
async function readDeliveries(connection: PostgresConnection, ids: readonly string[]): Promise<Map<string, Delivery>> {
  const lines = await connection.rows<readonly [...DeliveryLine, body: Uint8Array | null]>(
    `select ${DELIVERY_COLUMNS}, case when octet_length(body) <= ${PART_BYTES} then body end
     from hookproof.delivery where id = any($1::uuid[])`,
    [arrayText(ids)],
  );
  const deliveries = new Map<string, Delivery>();
  for (const line of lines) {
    const [id, webhookUuid] = line;
    const body = line[10] ?? (await readRequestBody(connection, webhookUuid, id)) ?? new Uint8Array();
    deliveries.set(id, toDelivery(line, line[9], new Uint8Array(body)));
  }
  return deliveries;
}
