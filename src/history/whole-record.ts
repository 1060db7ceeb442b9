import { createHash } from 'node:crypto';
import type { Delivery } from '../model/attempt.ts';
import { EXPORT_FIELDS, PURPOSE_FIELD, type Cell } from '../model/export-field.ts';
import { hideSecretHeaders } from '../model/header.ts';
import type { Header } from '../model/plan.ts';
import type { RecordKey, WholeRecord } from './history.ts';
import { withoutUrlCredentials } from './stored-values.ts';

/** The values of an attempt's row that every export writes. */
export const ROW_FIELDS = [...EXPORT_FIELDS, PURPOSE_FIELD] as const;

/** A key, and how many bytes the bodies of its record have. */
export type SizedKey = RecordKey & { bytes: number };

const MOST_BYTES = 4 * 1024 * 1024;
/** What a record takes beside its bodies. */
const ROW_BYTES = 1024;

/** Keys of so many records as may be held at once. A record alone may be larger. */
export function* inLoads<Key extends { bytes: number }>(keys: Iterable<Key>): Generator<Key[]> {
  let [load, bytes]: [Key[], number] = [[], 0];
  for (const key of keys) {
    if (load.length > 0 && bytes + key.bytes > MOST_BYTES) {
      yield load;
      [load, bytes] = [[], 0];
    }
    load.push(key);
    bytes += key.bytes + ROW_BYTES;
  }
  if (load.length > 0) yield load;
}

type RecordPart = readonly [name: string, value: Cell | readonly Header[] | object];

/**
 * Each value with its name, in a fixed order. Secrets are hidden as they would be if the record were made now: one of
 * an older version may still show what today's rules hide, and its copy does not.
 */
function partsOf({ delivery, attempt, row }: WholeRecord): RecordPart[] {
  const { body, url, ...others } = delivery;
  return [
    ...ROW_FIELDS.map((field, index) => [field, field === 'url' ? bareUrl(row[index]) : (row[index] ?? null)] as const),
    ...DELIVERY_PARTS.map((name) => [name, others[name]] as const),
    ['url', withoutUrlCredentials(url)],
    ['attemptId', attempt.id],
    ['requestHeaders', hideSecretHeaders(attempt.requestHeaders)],
    ['responseHeaders', hideSecretHeaders(attempt.responseHeaders)],
    ['responseTruncated', Number(attempt.responseTruncated)],
    ['timings', attempt.timings],
    ['tls', attempt.tls],
    ['control', attempt.control],
    ['requestBody', body],
    ['responseBody', attempt.responseBody],
  ];
}

const DELIVERY_PARTS = [
  'webhookUuid',
  'vendor',
  'event',
  'eventId',
  'direction',
  'purpose',
  'method',
  'createdAt',
] as const satisfies readonly (keyof Delivery)[];

const bareUrl = (cell: Cell | undefined): Cell => withoutUrlCredentials(String(cell));

/** SHA-256 of all that is stored of a record: of its values as JSON, and of its bodies. */
export function digestRecord(record: WholeRecord): Buffer {
  const hash = createHash('sha256');
  const values = partsOf(record).map(([, value]) => (value instanceof Uint8Array ? value.length : value));
  return hash.update(JSON.stringify(values)).update(record.delivery.body).update(record.attempt.responseBody).digest();
}

/** The names of the values in which two records differ. */
export function differingParts(one: WholeRecord, other: WholeRecord): string[] {
  const others = partsOf(other);
  const names = partsOf(one).flatMap(([name, value], index) => (isSame(value, others[index]?.[1]) ? [] : [name]));
  return [...new Set(names)];
}

/** Of two deliveries; what a delivery is for stands with its attempts. */
export function differingDeliveryParts(one: Delivery, other: Delivery): string[] {
  const names = DELIVERY_PARTS.filter((name) => name !== 'purpose' && one[name] !== other[name]);
  const isSameUrl = withoutUrlCredentials(one.url) === withoutUrlCredentials(other.url);
  return [...names, ...(isSameUrl ? [] : ['url']), ...(isSame(one.body, other.body) ? [] : ['requestBody'])];
}

function isSame(one: RecordPart[1] | undefined, other: RecordPart[1] | undefined): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0;
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether it still shows a secret that its copy will not. */
export function showsSecret({ delivery, attempt }: WholeRecord): boolean {
  const headers = [attempt.requestHeaders, attempt.responseHeaders];
  return (
    headers.some((some) => hideSecretHeaders(some) !== some) || withoutUrlCredentials(delivery.url) !== delivery.url
  );
}

export const keyOfRecord = ({ delivery, attempt }: WholeRecord): RecordKey => ({
  webhookUuid: delivery.webhookUuid,
  deliveryId: delivery.id,
  attemptId: attempt.id,
  startedAt: new Date(attempt.startedAt).toISOString(),
});
