import type { Attempt, Delivery, Direction, Outcome, Purpose } from '../model/attempt.ts';
import { AppError } from '../model/error.ts';
import type { ListedAttempt, ListedDelivery } from './history.ts';
import { readControl, readHeaders, readTime, readTimings, readTls } from './read-stored.ts';

// Either store selects its columns in these orders, so that what is read back is made of them in one place.

/** A delivery as a row, without its body. What it is for stands with its attempts, or behind. */
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

/** An attempt and its exchange as one row, without what the delivery has. */
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

/** An attempt in a list. */
export type ListedAttemptRow = readonly [
  number: number,
  timestamp: string,
  outcome: string,
  status: number | null,
  errorCode: string | null,
  error: string | null,
  durationMs: number,
  /** Null: no further attempt was to come. */
  retryInMs: number | string | null,
];

/** A row with these values first. */
type From<Row extends readonly unknown[]> = readonly [...Row, ...rest: readonly unknown[]];

function describeDelivery(row: From<DeliveryRow>, purpose: string): Omit<Delivery, 'body'> {
  const [id, webhookUuid, vendor, event, eventId, direction, url, method, createdAt] = row;
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
    createdAt: readTime(createdAt, `delivery ${id}`),
  };
}

export const toDelivery = (row: From<DeliveryRow>, purpose: string, body: Uint8Array): Delivery => ({
  ...describeDelivery(row, purpose),
  body,
});

/** Throws AppError `history` for a row that is damaged. */
export function toAttempt(row: From<AttemptRow>): Attempt {
  const of = `attempt ${row[0]}`;
  return {
    id: row[0],
    deliveryId: row[1],
    number: row[2],
    startedAt: readTime(row[3], of),
    requestHeaders: readHeaders(row[4], of),
    outcome: row[5] as Outcome,
    status: row[6],
    errorCode: row[7],
    error: row[8],
    hint: null,
    responseHeaders: readHeaders(row[9], of),
    responseBody: new Uint8Array(row[10]),
    responseBytes: row[11],
    responseTruncated: row[12] === 1,
    timings: readTimings(row[13], of),
    remoteAddress: row[14],
    tls: row[15] === null ? null : readTls(row[15], of),
    control: readControl(row[16], of),
  };
}

/** @param attempts in their order */
export function toListed(
  row: From<DeliveryRow>,
  purpose: string,
  requestBytes: number,
  attempts: readonly From<ListedAttemptRow>[],
): ListedDelivery {
  return {
    ...describeDelivery(row, purpose),
    requestBytes,
    isUnfinished: (attempts.at(-1)?.[7] ?? null) !== null,
    attempts: attempts.map((attempt) => toListedAttempt(attempt, row[0])),
  };
}

function toListedAttempt(row: From<ListedAttemptRow>, deliveryId: string): ListedAttempt {
  const [number, timestamp, outcome, status, errorCode, error, durationMs] = row;
  return {
    number,
    startedAt: readTime(timestamp, `an attempt of delivery ${deliveryId}`),
    outcome: outcome as Outcome,
    status,
    errorCode,
    error,
    durationMs,
  };
}

/** @param among ids that there are */
export const unknownDelivery = (path: string, given: string, among: readonly string[]): AppError =>
  new AppError('refused', given === 'last' ? `history ${path} is empty` : `no delivery ${given} in history ${path}`, {
    hint: 'list the deliveries with: webhook history list',
    unknown: { given, among },
  });

/** Of several deliveries that begin so, the short forms of as many are shown. */
export const SHOWN_BEGINNINGS = 3;

/** @param shown short forms of the first of them */
export const severalDeliveries = (wanted: string, found: number, shown: readonly string[]): AppError =>
  new AppError(
    'usage',
    `${wanted} matches several deliveries: ${shown.join(', ')}${found > shown.length ? ', …' : ''}`,
    {
      hint: 'give one of them as shown by webhook history list',
    },
  );
