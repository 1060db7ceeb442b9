import type { Purpose, StoredDelivery } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import type { Database } from './database.ts';
import { readRequestBody } from './request-body.ts';
import { toAttempt, toDelivery, type AttemptRow, type DeliveryRow } from './record.ts';

const DELIVERY = 'select id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at from delivery';

const ATTEMPTS = `select a.id, a.delivery_id, a.attempt, a.timestamp, e.request_headers, a.outcome, a.status, a.error_code,
    a.error, e.response_headers, e.response_body, a.response_bytes, e.response_truncated, e.timings, a.remote_address,
    e.tls, e.control, a.purpose
  from exchange e join attempt a on a.webhook_uuid = ? and a.timestamp = e.timestamp and a.id = e.attempt_id
  where e.delivery_id = ? order by a.attempt, a.timestamp, a.id`;

/** The delivery with this id, the only one whose id begins so, or the newest for `last`. */
export function findDelivery(database: Database, idOrPrefix: string): StoredDelivery {
  const id = findId(database, idOrPrefix.trim().toLowerCase());
  const row = database.prepare<DeliveryRow>(`${DELIVERY} where id = ?`).first(id);
  if (row === undefined) throw notFound(database, idOrPrefix);
  const attempts = database.prepare<AttemptRow>(ATTEMPTS).all(row[1], id);
  const purpose = (attempts[0]?.at(-1) ?? 'event') as Purpose;
  const delivery = toDelivery(row, purpose, readRequestBody(database, id) ?? new Uint8Array());
  return { ...delivery, attempts: attempts.map(toAttempt) };
}

function findId(database: Database, wanted: string): string {
  const ids =
    wanted === 'last'
      ? newestIds(database, 1)
      : database
          .prepare<[string]>('select id from delivery where id >= ?1 and id < ?1 || char(127) order by id limit 4')
          .all(wanted)
          .map(([id]) => id);
  const [id] = ids;
  if (id === undefined) throw notFound(database, wanted);
  if (ids.length === 1 || id === wanted) return id;
  const shown = ids.slice(0, 3).join(', ');
  throw new AppError(
    'usage',
    `${wanted} is the beginning of several deliveries: ${shown}${ids.length > 3 ? ', …' : ''}`,
    {
      hint: 'give more characters of the id',
    },
  );
}

function newestIds(database: Database, count: number): string[] {
  return database
    .prepare<[string]>('select id from delivery order by id desc limit ?')
    .all(count)
    .map(([id]) => id);
}

function notFound(database: Database, given: string): AppError {
  return new AppError(
    'refused',
    given === 'last' ? `history ${database.path} is empty` : `no delivery ${given} in history ${database.path}`,
    {
      hint: 'see what is there with: webhook history list',
      unknown: { given, among: newestIds(database, 50) },
    },
  );
}
