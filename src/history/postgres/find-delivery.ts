import type { StoredDelivery } from '../../model/attempt.ts';
import type { AppError } from '../../model/error.ts';
import {
  severalDeliveries,
  SHOWN_BEGINNINGS,
  toAttempt,
  toDelivery,
  unknownDelivery,
  type AttemptRow,
  type DeliveryRow,
} from '../delivery-row.ts';
import type { PostgresConnection } from './connection.ts';
import { isoText } from './select-attempts.ts';
import { findIds, shortIds } from './short-id.ts';
import { readRequestBody } from './stream-attempts.ts';

/** As a DeliveryRow, and what it is for. */
export type DeliveryLine = readonly [...DeliveryRow, purpose: string];

export const DELIVERY_COLUMNS = `id, webhook_uuid, vendor, event, event_id, direction, url, method,
    ${isoText('created_at')}, purpose`;

const DELIVERY = `select ${DELIVERY_COLUMNS} from hookproof.delivery where id = $1`;

/** The attempts of a delivery, each with its exchange. */
export const ATTEMPTS_OF = `hookproof.exchange e join hookproof.attempt a
  on a.webhook_uuid = e.webhook_uuid and a.started_at = e.started_at and a.id = e.attempt_id`;

export const ATTEMPT_COLUMNS = `a.id, a.delivery_id, a.number, ${isoText('a.started_at')}, e.request_headers, a.outcome,
    a.status, a.error_code, a.error, e.response_headers, e.response_body, a.response_bytes,
    e.response_truncated::integer, e.timings, a.remote_address, e.tls, e.control, a.purpose`;

const ATTEMPTS = `select ${ATTEMPT_COLUMNS}
  from ${ATTEMPTS_OF} where e.webhook_uuid = $1 and e.delivery_id = $2 order by a.number, a.started_at, a.id`;

/** The delivery with this id, the only one whose id or short form begins so, or the newest for `last`. */
export async function findDelivery(connection: PostgresConnection, idOrPrefix: string): Promise<StoredDelivery> {
  const id = await findId(connection, idOrPrefix.trim().toLowerCase());
  const [row] = await connection.rows<DeliveryLine>(DELIVERY, [id]);
  if (row === undefined) throw await notFound(connection, idOrPrefix);
  const attempts = await connection.rows<AttemptRow>(ATTEMPTS, [row[1], id]);
  const body = (await readRequestBody(connection, row[1], id)) ?? new Uint8Array();
  return { ...toDelivery(row, row[9], body), attempts: attempts.map(toAttempt) };
}

async function findId(connection: PostgresConnection, wanted: string): Promise<string> {
  const ids =
    wanted === 'last' ? await newestIds(connection, 1) : await findIds(connection, wanted, SHOWN_BEGINNINGS + 1);
  const [id] = ids;
  if (id === undefined) throw await notFound(connection, wanted);
  if (ids.length === 1 || id === wanted) return id;
  throw severalDeliveries(wanted, ids.length, await shortIds(connection, ids.slice(0, SHOWN_BEGINNINGS)));
}

async function newestIds(connection: PostgresConnection, count: number): Promise<string[]> {
  const sql = 'select id from hookproof.delivery order by id desc limit $1';
  return (await connection.rows<[string]>(sql, [count])).map(([id]) => id);
}

const notFound = async (connection: PostgresConnection, given: string): Promise<AppError> =>
  unknownDelivery(connection.path, given, await newestIds(connection, 50));
