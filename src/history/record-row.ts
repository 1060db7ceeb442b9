import type { Attempt, Delivery } from '../model/attempt.ts';
import { hideSecretHeaders } from '../model/header.ts';
import type { Header } from '../model/plan.ts';
import type { SqlValue } from './database.ts';
import { durationUs, isoTime, storableText, withoutUrlCredentials } from './stored-values.ts';

/** A value of a record, under the name by which the statements of `insert-batch.ts` know it. */
type RecordColumn = readonly [name: string, read: (delivery: Delivery, attempt: Attempt) => SqlValue];

/** What most records of a batch have in common: see `RecordBatch`. */
export const COMMON_COLUMNS: readonly RecordColumn[] = [
  ['webhook_uuid', ({ webhookUuid }) => webhookUuid],
  ['vendor', ({ vendor }) => storableText(vendor)],
  ['event', ({ event }) => storableText(event)],
  ['direction', ({ direction }) => direction],
  ['purpose', ({ purpose }) => purpose],
  ['url', ({ url }) => withoutUrlCredentials(url)],
  ['method', ({ method }) => method],
  ['number', (_, { number }) => number],
  ['outcome', (_, { outcome }) => outcome],
  ['status', (_, { status }) => status],
  ['error_code', (_, { errorCode }) => storableText(errorCode)],
  ['error', (_, { error }) => storableText(error)],
  ['remote_address', (_, { remoteAddress }) => storableText(remoteAddress)],
  ['response_truncated', (_, { responseTruncated }) => (responseTruncated ? 1 : 0)],
  ['tls', (_, { tls }) => (tls === null ? null : JSON.stringify(tls))],
  ['control', (_, { control }) => JSON.stringify(control)],
];

const headersText = (headers: readonly Header[]): string => JSON.stringify(hideSecretHeaders(headers));

let answered: { headers: readonly Header[]; text: string } | null = null;

/** An endpoint under load answers with one head for a second, which is read once: its headers are the same list. */
function answeredText(headers: readonly Header[]): string {
  if (answered?.headers !== headers) answered = { headers, text: headersText(headers) };
  return answered.text;
}

/** What each record has of its own, all but its two bodies. */
export const OWN_COLUMNS: readonly RecordColumn[] = [
  ['delivery_id', ({ id }) => id],
  ['event_id', ({ eventId }) => storableText(eventId)],
  ['created_at', ({ createdAt }) => isoTime(createdAt)],
  ['attempt_id', (_, { id }) => id],
  ['started_at', (_, { startedAt }) => isoTime(startedAt)],
  ['request_headers', (_, { requestHeaders }) => headersText(requestHeaders)],
  ['response_headers', (_, { responseHeaders }) => answeredText(responseHeaders)],
  ['timings', (_, { timings }) => JSON.stringify(timings)],
  ['duration_ms', (_, attempt) => durationUs(attempt) / 1000],
  ['request_bytes', ({ body }) => body.length],
  ['response_bytes', (_, { responseBytes }) => responseBytes],
];

export function readColumns(columns: readonly RecordColumn[], delivery: Delivery, attempt: Attempt): SqlValue[] {
  return columns.map(([, read]) => read(delivery, attempt));
}
