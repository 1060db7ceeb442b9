import type { Attempt, Delivery, Direction, Outcome, Purpose, StoredDelivery } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import type { Header } from '../../model/plan.ts';
import type { PostgresConnection } from './connection.ts';
import { findIds, shortIds } from './short-id.ts';
import { readRequestBody } from './stream-attempts.ts';

/** A moment as milliseconds since the epoch. */
export const millis = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;

export type DeliveryLine = readonly [
  id: string,
  webhookUuid: string,
  vendor: string,
  event: string,
  eventId: string | null,
  direction: string,
  purpose: string,
  url: string,
  method: string,
  createdAt: number,
];

export const DELIVERY_COLUMNS = `id, webhook_uuid, vendor, event, event_id, direction, purpose, url, method,
    ${millis('created_at')}`;

const DELIVERY = `select ${DELIVERY_COLUMNS}
  from hookproof.delivery where id = $1`;

export type AttemptLine = readonly [
  id: string,
  number: number,
  startedAt: number,
  requestHeaders: string,
  outcome: string,
  status: number | null,
  errorCode: string | null,
  error: string | null,
  responseHeaders: string,
  responseBody: Uint8Array,
  responseBytes: number,
  responseTruncated: boolean,
  timings: string,
  remoteAddress: string | null,
  tls: string | null,
  control: string,
];

/** The attempts of a delivery, each with its exchange. */
export const ATTEMPTS_OF = `hookproof.exchange e join hookproof.attempt a
  on a.webhook_uuid = e.webhook_uuid and a.started_at = e.started_at and a.id = e.attempt_id`;

export const ATTEMPT_COLUMNS = `a.id, a.number, ${millis('a.started_at')}, e.request_headers, a.outcome, a.status,
    a.error_code, a.error, e.response_headers, e.response_body, a.response_bytes, e.response_truncated, e.timings,
    a.remote_address, e.tls, e.control`;

const ATTEMPTS = `select ${ATTEMPT_COLUMNS}
  from ${ATTEMPTS_OF} where e.webhook_uuid = $1 and e.delivery_id = $2 order by a.number, a.started_at, a.id`;

/** The delivery with this id, the only one whose id or short form begins so, or the newest for `last`. */
export async function findDelivery(connection: PostgresConnection, idOrPrefix: string): Promise<StoredDelivery> {
  const id = await findId(connection, idOrPrefix.trim().toLowerCase());
  const [row] = await connection.rows<DeliveryLine>(DELIVERY, [id]);
  if (row === undefined) throw await notFound(connection, idOrPrefix);
  const attempts = await connection.rows<AttemptLine>(ATTEMPTS, [row[1], id]);
  const body = (await readRequestBody(connection, row[1], id)) ?? new Uint8Array();
  const delivery = toDelivery(row, body);
  return { ...delivery, attempts: attempts.map((one) => toAttempt(id, one)) };
}

async function findId(connection: PostgresConnection, wanted: string): Promise<string> {
  const ids = wanted === 'last' ? await newestIds(connection, 1) : await findIds(connection, wanted, 4);
  const [id] = ids;
  if (id === undefined) throw await notFound(connection, wanted);
  if (ids.length === 1 || id === wanted) return id;
  const shown = (await shortIds(connection, ids.slice(0, 3))).join(', ');
  throw new AppError('usage', `${wanted} matches several deliveries: ${shown}${ids.length > 3 ? ', …' : ''}`, {
    hint: 'give one of them as shown by webhook history list',
  });
}

async function newestIds(connection: PostgresConnection, count: number): Promise<string[]> {
  const sql = 'select id from hookproof.delivery order by id desc limit $1';
  return (await connection.rows<[string]>(sql, [count])).map(([id]) => id);
}

const notFound = async (connection: PostgresConnection, given: string): Promise<AppError> =>
  unknownDelivery(connection.path, given, await newestIds(connection, 50));

/** @param among ids that there are */
export const unknownDelivery = (path: string, given: string, among: readonly string[]): AppError =>
  new AppError('refused', given === 'last' ? `history ${path} is empty` : `no delivery ${given} in history ${path}`, {
    hint: 'list the deliveries with: webhook history list',
    unknown: { given, among },
  });

export function toDelivery(row: DeliveryLine, body: Uint8Array): Delivery {
  const [id, webhookUuid, vendor, event, eventId, direction, purpose, url, method, createdAt] = row;
  return {
    id,
    webhookUuid,
    vendor,
    event,
    eventId,
    direction: direction as Direction,
    purpose: purpose as Purpose,
    url,
    method,
    createdAt,
    body,
  };
}

export function toAttempt(deliveryId: string, row: AttemptLine): Attempt {
  return {
    id: row[0],
    deliveryId,
    number: row[1],
    startedAt: row[2],
    requestHeaders: JSON.parse(row[3]) as Header[],
    outcome: row[4] as Outcome,
    status: row[5],
    errorCode: row[6],
    error: row[7],
    hint: null,
    responseHeaders: JSON.parse(row[8]) as Header[],
    responseBody: new Uint8Array(row[9]),
    responseBytes: row[10],
    responseTruncated: row[11],
    timings: JSON.parse(row[12]) as Attempt['timings'],
    remoteAddress: row[13],
    tls: row[14] === null ? null : (JSON.parse(row[14]) as Attempt['tls']),
    control: JSON.parse(row[15]) as string[],
  };
}
