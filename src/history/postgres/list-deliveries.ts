import { toListed, type DeliveryRow, type ListedAttemptRow } from '../delivery-row.ts';
import type { DeliveryFilter, ListedDelivery, ListFilter } from '../history.ts';
import { isoTime } from '../stored-values.ts';
import { arrayText, type PostgresConnection } from './connection.ts';
import { ATTEMPTS_OF } from './find-delivery.ts';
import { isoText, makeConditions, whereSql, type Conditions } from './select-attempts.ts';

type ListedLine = readonly [...DeliveryRow, purpose: string, requestBytes: number];

/** The delivery's id stands behind. */
type OwnedLine = readonly [...ListedAttemptRow, deliveryId: string];

/** So many of the newest deliveries are looked at one by one: most lists are full before they end. */
const NEAR = 2000;

/** Deliveries with their attempts, newest first: ids are UUIDv7, so their order is that of time. */
export async function listDeliveries(connection: PostgresConnection, filter: ListFilter): Promise<ListedDelivery[]> {
  const near = isNarrow(filter) ? await readLines(connection, filter, true) : [];
  const rows = near.length === filter.limit ? near : await readLines(connection, filter, false);
  const attempts = await readAttempts(connection, rows);
  return rows.map((row) => toListed(row, row[9], row[10], attempts.get(row[0]) ?? []));
}

/** Asks for what a list of the newest may have few of. */
const isNarrow = ({ vendor, event, direction, failed, sinceMs }: DeliveryFilter): boolean =>
  failed === true || [vendor, event, direction, sinceMs].some((wanted) => wanted !== undefined);

async function readLines(connection: PostgresConnection, filter: ListFilter, isNear: boolean): Promise<ListedLine[]> {
  const conditions = makeConditions();
  addFilter(conditions, filter);
  const source = isNear ? newest(filter, conditions) : 'hookproof.delivery d';
  if (!isNear && filter.failed) conditions.sql.push(HAS_FAILED);
  return connection.rows<ListedLine>(
    `select d.id, d.webhook_uuid, d.vendor, d.event, d.event_id, d.direction, d.url, d.method,
       ${isoText('d.created_at')}, d.purpose, octet_length(d.body)
     from ${source} where ${whereSql(conditions)} order by d.id desc limit ${conditions.put(filter.limit)}`,
    conditions.values,
  );
}

function newest({ webhookUuid }: DeliveryFilter, { put }: Conditions): string {
  const ofWebhook = webhookUuid === undefined ? '' : `where webhook_uuid = ${put(webhookUuid)}`;
  return `(select * from hookproof.delivery ${ofWebhook} order by id desc limit ${NEAR}) d`;
}

/** There is an index of failed attempts, which may be few. */
const HAS_FAILED = `(d.webhook_uuid, d.id) in (
  select f.webhook_uuid, f.delivery_id from hookproof.attempt f where f.outcome <> 'delivered')`;

function addFilter(conditions: Conditions, filter: DeliveryFilter): void {
  addColumns(conditions, filter, 'd');
  const { sinceMs, failed } = filter;
  if (sinceMs !== undefined) conditions.sql.push(`d.created_at >= ${conditions.put(isoTime(sinceMs))}::timestamptz`);
  if (failed) conditions.sql.push(`${lastOutcome('d.webhook_uuid', 'd.id')} <> 'delivered'`);
}

/** What delivery and attempt both have. */
export function addColumns({ sql, put }: Conditions, filter: DeliveryFilter, table: string): void {
  const { webhookUuid, vendor, event, direction, purpose } = filter;
  const wanted = { webhook_uuid: webhookUuid, vendor, event, direction, purpose };
  for (const [column, value] of Object.entries(wanted))
    if (value !== undefined) sql.push(`${table}.${column} = ${put(value)}`);
}

export const lastOutcome = (webhookUuid: string, deliveryId: string): string =>
  `(select a.outcome from ${ATTEMPTS_OF} where e.webhook_uuid = ${webhookUuid} and e.delivery_id = ${deliveryId}
    order by a.number desc, a.started_at desc limit 1)`;

async function readAttempts(
  connection: PostgresConnection,
  deliveries: readonly ListedLine[],
): Promise<Map<string, OwnedLine[]>> {
  const rows = await connection.rows<OwnedLine>(
    `select a.number, ${isoText('a.started_at')}, a.outcome, a.status, a.error_code, a.error, a.duration_ms,
       e.timings ->> 'retryInMs', e.delivery_id
     from unnest($1::uuid[], $2::uuid[]) as wanted (webhook_uuid, id)
       join (${ATTEMPTS_OF}) on e.webhook_uuid = wanted.webhook_uuid and e.delivery_id = wanted.id
     order by e.delivery_id, a.number, a.started_at, a.id`,
    [arrayText(deliveries.map((row) => row[1])), arrayText(deliveries.map((row) => row[0]))],
  );
  const found = new Map<string, OwnedLine[]>();
  for (const row of rows) found.set(row[8], [...(found.get(row[8]) ?? []), row]);
  return found;
}
