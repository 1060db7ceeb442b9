import type { Attempt, Delivery, Direction, Outcome, Purpose, StoredDelivery } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import type { Header } from '../model/plan.ts';
import type { Database } from './database.ts';
import { findIds, shortIds } from './short-id.ts';
import { readRequestBody } from './stored-values.ts';

/** `delivery` as a row, without its body. */
export type DeliveryRow = readonly [
  id: string,
  webhookUuid: string,
  vendor: string,
  event: string,
  eventId: string | null,
  direction: string,
  url: string,
  method: string,
  createdAt: string,
];

/** `attempt` and `exchange` as one row, without what `delivery` has. */
export type AttemptRow = readonly [
  id: string,
  deliveryId: string,
  number: number,
  timestamp: string,
  requestHeaders: string,
  outcome: string,
  status: number | null,
  errorCode: string | null,
  error: string | null,
  responseHeaders: string,
  responseBody: Uint8Array,
  responseBytes: number,
  responseTruncated: number,
  timings: string,
  remoteAddress: string | null,
  tls: string | null,
  control: string,
  purpose: string,
];

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
  const purpose = (attempts[0]?.at(-1) ?? 'event') as Purpose;
  const delivery = toDelivery(row, purpose, readRequestBody(database, id) ?? new Uint8Array());
  return { ...delivery, attempts: attempts.map(toAttempt) };
}

function findId(database: Database, wanted: string): string {
  const ids = wanted === 'last' ? newestIds(database, 1) : findIds(database, wanted, 4);
  const [id] = ids;
  if (id === undefined) throw notFound(database, wanted);
  if (ids.length === 1 || id === wanted) return id;
  const shown = shortIds(database, ids.slice(0, 3)).join(', ');
  throw new AppError('usage', `${wanted} matches several deliveries: ${shown}${ids.length > 3 ? ', …' : ''}`, {
    hint: 'give one of them as shown by webhook history list',
  });
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
      hint: 'list the deliveries with: webhook history list',
      unknown: { given, among: newestIds(database, 50) },
    },
  );
}

/** @param purpose as the delivery's attempts have it */
export function toDelivery(row: DeliveryRow, purpose: Purpose, body: Uint8Array): Delivery {
  const [id, webhookUuid, vendor, event, eventId, direction, url, method, createdAt] = row;
  return {
    id,
    webhookUuid,
    vendor,
    event,
    eventId,
    direction: direction as Direction,
    purpose,
    url,
    method,
    createdAt: Date.parse(createdAt),
    body,
  };
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row[0],
    deliveryId: row[1],
    number: row[2],
    startedAt: Date.parse(row[3]),
    requestHeaders: JSON.parse(row[4]) as Header[],
    outcome: row[5] as Outcome,
    status: row[6],
    errorCode: row[7],
    error: row[8],
    hint: null,
    responseHeaders: JSON.parse(row[9]) as Header[],
    responseBody: new Uint8Array(row[10]),
    responseBytes: row[11],
    responseTruncated: row[12] === 1,
    timings: JSON.parse(row[13]) as Attempt['timings'],
    remoteAddress: row[14],
    tls: row[15] === null ? null : (JSON.parse(row[15]) as Attempt['tls']),
    control: JSON.parse(row[16]) as string[],
  };
}
