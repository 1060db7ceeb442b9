import type { Attempt, Delivery, Direction, Outcome, Purpose } from '../model/attempt.ts';
import type { Header } from '../model/plan.ts';
import { hideQuerySecrets } from '../model/url-secrets.ts';
import type { SqlValue } from './database.ts';
import { PART_BYTES } from './request-body.ts';

/** Headers whose values are credentials: the last line of defence, whoever made the record. */
const SECRET_HEADERS = ['authorization', 'proxy-authorization', 'cookie'];

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

export const INSERT_DELIVERY = `insert into delivery
  (id, webhook_uuid, vendor, event, event_id, direction, url, method, created_at, body)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do nothing`;

/** Right after the exchange of the attempt, whose number it takes over. */
export const INSERT_ATTEMPT = `insert into attempt
  (webhook_uuid, timestamp, id, delivery_id, attempt, direction, vendor, event, event_id, url, outcome, status,
   error_code, error, duration_ms, request_bytes, response_bytes, remote_address, purpose, sequence)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, last_insert_rowid())`;

export const INSERT_EXCHANGE = `insert into exchange
  (delivery_id, attempt_id, timestamp, request_headers, response_headers, response_body, response_truncated,
   timings, tls, control)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function deliveryValues(delivery: Delivery): SqlValue[] {
  return [
    delivery.id,
    delivery.webhookUuid,
    text(delivery.vendor),
    text(delivery.event),
    text(delivery.eventId),
    delivery.direction,
    withoutCredentials(delivery.url),
    delivery.method,
    isoTime(delivery.createdAt),
    delivery.body.subarray(0, PART_BYTES),
  ];
}

export function attemptValues(delivery: Delivery, attempt: Attempt): SqlValue[] {
  return [
    delivery.webhookUuid,
    isoTime(attempt.startedAt),
    attempt.id,
    delivery.id,
    attempt.number,
    delivery.direction,
    text(delivery.vendor),
    text(delivery.event),
    text(delivery.eventId),
    withoutCredentials(delivery.url),
    attempt.outcome,
    attempt.status,
    text(attempt.errorCode),
    text(attempt.error),
    durationUs(attempt) / 1000,
    delivery.body.length,
    attempt.responseBytes,
    text(attempt.remoteAddress),
    delivery.purpose,
  ];
}

export function exchangeValues(delivery: Delivery, attempt: Attempt): SqlValue[] {
  return [
    delivery.id,
    attempt.id,
    isoTime(attempt.startedAt),
    JSON.stringify(redactHeaders(attempt.requestHeaders)),
    JSON.stringify(redactHeaders(attempt.responseHeaders)),
    attempt.responseBody,
    attempt.responseTruncated ? 1 : 0,
    JSON.stringify(attempt.timings),
    attempt.tls === null ? null : JSON.stringify(attempt.tls),
    JSON.stringify(attempt.control),
  ];
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

/** Microseconds: more digits are noise, and would be written differently by SQLite and JavaScript. */
export function durationUs({ timings }: Attempt): number {
  return Math.round(timings.totalMs * 1000);
}

let lastTime: { ms: number; text: string } = { ms: 0, text: new Date(0).toISOString() };

/** ISO-8601 UTC with milliseconds. One record asks three times for the same moment, and a batch holds many of it. */
export function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

export function redactHeaders(headers: readonly Header[]): readonly Header[] {
  if (!headers.some(isSecret)) return headers;
  return headers.map((header) => (isSecret(header) ? [header[0], '***'] : header));
}

/** Letter case takes longest, and most names differ in length already. */
function isSecret([name]: Header): boolean {
  return SECRET_HEADERS.some((secret) => secret.length === name.length && secret === name.toLowerCase());
}

/** Whoever made the record: no `user:password@`, and `***` for the secrets in the query. */
export function withoutCredentials(url: string): string {
  const bare = !url.includes('@') ? text(url) : text(url).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
  return hideQuerySecrets(bare);
}

const NOT_STORED = /[\0\p{Surrogate}]/u;

/** SQLite's text functions stop at a NUL, and half a surrogate pair is no UTF-8. */
export function text(value: string): string;
export function text(value: string | null): string | null;
export function text(value: string | null): string | null {
  return value === null || !NOT_STORED.test(value) ? value : value.replaceAll(/[\0\p{Surrogate}]/gu, '\uFFFD');
}
