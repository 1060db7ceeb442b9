import type { StoredDelivery } from '../model/attempt.ts';
import type { AppError } from '../model/error.ts';
import type { Database } from './database.ts';
import {
  severalDeliveries,
  SHOWN_BEGINNINGS,
  toAttempt,
  toDelivery,
  unknownDelivery,
  type AttemptRow,
  type DeliveryRow,
} from './delivery-row.ts';
import { findIds, shortIds } from './short-id.ts';
import { readRequestBody } from './stored-values.ts';

export const DELIVERY_COLUMNS = 'id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at';

const DELIVERY = `select ${DELIVERY_COLUMNS} from delivery`;

export const ATTEMPT_COLUMNS = `a.id, a.delivery_id, a.attempt, a.timestamp, e.request_headers, a.outcome, a.status,
    a.error_code, a.error, e.response_headers, e.response_body, a.response_bytes, e.response_truncated,
    e.timings, a.remote_address, e.tls, e.control, a.purpose`;

const ATTEMPTS = `select ${ATTEMPT_COLUMNS}
  from exchange e join attempt a on a.webhook_uuid = ? and a.timestamp = e.timestamp and a.id = e.attempt_id
  where e.delivery_id = ? order by a.attempt, a.timestamp, a.id`;

/** The delivery with this id, the only one whose id or short form begins so, or the newest for `last`. */
export function findDelivery(database: Database, idOrPrefix: string): StoredDelivery {
  const id = findId(database, idOrPrefix.trim().toLowerCase());
  const row = database.prepare<DeliveryRow>(`${DELIVERY} where id = ?`).first(id);
  if (row === undefined) throw notFound(database, idOrPrefix);
  const attempts = database.prepare<AttemptRow>(ATTEMPTS).all(row[1], id);
  const purpose = attempts[0]?.[17] ?? 'event';
  const delivery = toDelivery(row, purpose, readRequestBody(database, id) ?? new Uint8Array());
  return { ...delivery, attempts: attempts.map(toAttempt) };
}

function findId(database: Database, wanted: string): string {
  const ids = wanted === 'last' ? newestIds(database, 1) : findIds(database, wanted, SHOWN_BEGINNINGS + 1);
  const [id] = ids;
  if (id === undefined) throw notFound(database, wanted);
  if (ids.length === 1 || id === wanted) return id;
  throw severalDeliveries(wanted, ids.length, shortIds(database, ids.slice(0, SHOWN_BEGINNINGS)));
}

function newestIds(database: Database, count: number): string[] {
  return database
    .prepare<[string]>('select id from delivery order by id desc limit ?')
    .all(count)
    .map(([id]) => id);
}

const notFound = (database: Database, given: string): AppError =>
  unknownDelivery(database.path, given, newestIds(database, 50));
