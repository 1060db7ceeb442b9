import type { Attempt, Delivery } from '../model/attempt.ts';
import { hideSecretHeaders } from '../model/header.ts';
import { makeRun } from './byte-run.ts';
import { putRow, ROW_BYTES } from './packed-row.ts';
import { durationUs, isoTime, storableText, withoutUrlCredentials, PART_BYTES } from './stored-values.ts';

/**
 * Records for another thread and for SQLite, as flat as they can be: rows of one width, whose fields SQLite cuts out by
 * their place, and all bodies and texts one behind the other. Objects would take several times as long to hand over,
 * and the garbage collector would move each of them while they wait. Each value bound to a statement, or found in a
 * JSON text, costs as much as a lookup.
 */
export interface PackedRecords {
  count: number;
  /** Each as `ROW_FIELDS` say. */
  rows: Uint8Array;
  /** JSON array of what many records have in common: see `shapeText`. */
  shapes: string;
  /** What the rows point to: bodies, and texts in UTF-8. Bytes change the thread without being copied. */
  bytes: Uint8Array;
  /**
   * What large bodies have beyond their first part. Kept apart: SQLite would copy it for every statement that binds
   * `bytes`.
   */
  large: { id: string; rest: Uint8Array }[];
}

/** A record is compared with this many shapes at most. */
const COMPARED_SHAPES = 8;

/** Packs records one by one. */
export interface Packer {
  /** Returns how many bytes the record takes until `take`. */
  add(delivery: Delivery, attempt: Attempt): number;
  /** Returns what was added since the last call, in buffers of its own. */
  take(): PackedRecords;
}

// oxlint-disable-next-line max-lines-per-function -- the layout of one record, in one place
export function makePacker(): Packer {
  let count = 0;
  let large: PackedRecords['large'] = [];
  const shapes = makeShapes();
  const bytes = makeRun();
  const rows = makeRun();
  return {
    add(delivery, attempt) {
      const { body } = delivery;
      const eventId = storableText(delivery.eventId);
      const bodyAt = bytes.length();
      const restLength = Math.max(0, body.length - PART_BYTES);
      bytes.put(restLength === 0 ? body : body.subarray(0, PART_BYTES));
      if (restLength > 0) large.push({ id: delivery.id, rest: body.subarray(PART_BYTES) });
      bytes.put(attempt.responseBody);
      const headersLength = bytes.putText(JSON.stringify(hideSecretHeaders(attempt.requestHeaders)));
      const timingsLength = bytes.putText(JSON.stringify(attempt.timings));
      const eventIdLength = bytes.putText(eventId ?? '');
      putRow(rows, [
        shapes.indexOf(delivery, attempt),
        delivery.id,
        attempt.id,
        isoTime(delivery.createdAt),
        isoTime(attempt.startedAt),
        durationUs(attempt),
        attempt.responseBytes,
        bodyAt,
        body.length,
        attempt.responseBody.length,
        headersLength,
        timingsLength,
        eventId === null ? 0 : 1,
        eventIdLength,
      ]);
      count += 1;
      return bytes.length() - bodyAt + ROW_BYTES + restLength;
    },
    take() {
      const taken = {
        count,
        rows: rows.take(),
        shapes: shapes.take(),
        bytes: bytes.take(),
        large: large.map(({ id, rest }) => ({ id, rest: new Uint8Array(rest) })),
      };
      count = 0;
      large = [];
      return taken;
    },
  };
}

/** What many records have in common, once. */
interface ShapeList {
  indexOf(delivery: Delivery, attempt: Attempt): number;
  /** Returns a JSON array of the shapes since the last call. */
  take(): string;
}

type RecordShape = readonly unknown[];

function makeShapes(): ShapeList {
  let shapes: RecordShape[] = [];
  let texts: string[] = [];
  return {
    indexOf(delivery, attempt) {
      const shape = shapeOf(delivery, attempt);
      const from = Math.max(0, shapes.length - COMPARED_SHAPES);
      for (let index = shapes.length - 1; index >= from; index--) {
        if (isSame(shapes[index] as RecordShape, shape)) return index;
      }
      texts.push(shapeText(delivery, attempt));
      return shapes.push(shape) - 1;
    },
    take() {
      const taken = `[${texts.join(',')}]`;
      shapes = [];
      texts = [];
      return taken;
    },
  };
}

/** The values of a shape, not yet written as text: to compare. */
function shapeOf(delivery: Delivery, attempt: Attempt): RecordShape {
  return [
    delivery.webhookUuid,
    delivery.vendor,
    delivery.event,
    delivery.direction,
    delivery.url,
    delivery.method,
    attempt.number,
    attempt.outcome,
    attempt.status,
    attempt.errorCode,
    attempt.error,
    attempt.remoteAddress,
    attempt.responseTruncated,
    attempt.responseHeaders,
    attempt.tls === null ? null : JSON.stringify(attempt.tls),
    attempt.control,
    delivery.purpose,
  ];
}

function isSame(one: RecordShape, other: RecordShape): boolean {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

/** The columns of the table `packed_shape`, in their order. */
function shapeText(delivery: Delivery, attempt: Attempt): string {
  return JSON.stringify([
    delivery.webhookUuid,
    storableText(delivery.vendor),
    storableText(delivery.event),
    delivery.direction,
    withoutUrlCredentials(delivery.url),
    delivery.method,
    attempt.number,
    attempt.outcome,
    attempt.status,
    storableText(attempt.errorCode),
    storableText(attempt.error),
    storableText(attempt.remoteAddress),
    attempt.responseTruncated ? 1 : 0,
    hideSecretHeaders(attempt.responseHeaders),
    attempt.tls === null ? null : JSON.stringify(attempt.tls),
    attempt.control,
    delivery.purpose,
  ]);
}
