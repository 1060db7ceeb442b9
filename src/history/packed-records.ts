import type { Attempt, Delivery } from '../model/attempt.ts';
import { durationMs, isoTime, redactHeaders, text, withoutCredentials } from './record.ts';
import { PART_BYTES } from './request-body.ts';

/**
 * Records on their way to another thread and into the file, as flat as they can be: JSON texts that SQLite reads
 * itself, and all bodies one behind the other. Objects would take several times as long to hand over, the garbage
 * collector would move every one of them about while they wait, and each value that is bound to a statement costs as
 * much as a lookup.
 */
export interface PackedRecords {
  /** JSON array with an array for each record: see `recordText`. UTF-8: bytes change the thread without being copied. */
  records: Uint8Array;
  /** JSON array of what many records have in common: see `shapeOf`. */
  shapes: string;
  bytes: Uint8Array;
  /** Bodies that are kept in parts: where they stand in `bytes`. */
  large: { id: string; at: number; length: number }[];
}

const FIRST_BYTES = 64 * 1024;
/** A buffer that has grown beyond this is not kept for the next batch. */
const KEPT_BYTES = 1024 * 1024;
/** Each record is compared with so many shapes at most. */
const COMPARED_SHAPES = 8;

/** Packs records one by one. */
export interface Packer {
  /** How many bytes this record takes until it is taken. */
  add(delivery: Delivery, attempt: Attempt): number;
  /** What was added since the last time. */
  take(): PackedRecords;
}

export function makePacker(): Packer {
  let shapes: Shape[] = [];
  let large: PackedRecords['large'] = [];
  const bodies = makeRun();
  const records = makeRun();
  return {
    add(delivery, attempt) {
      const { length } = delivery.body;
      const at = bodies.put(delivery.body);
      if (length > PART_BYTES) large.push({ id: delivery.id, at, length });
      const record = recordText(delivery, attempt, indexOfShape(shapes, shapeOf(delivery, attempt)), at, bodies.put(attempt.responseBody));
      records.putText(records.isEmpty() ? '[' : ',');
      records.putText(record);
      return length + attempt.responseBody.length + record.length;
    },
    take() {
      records.putText(records.isEmpty() ? '[]' : ']');
      const taken = { records: records.take(), shapes: `[${shapes.map(shapeText).join(',')}]`, bytes: bodies.take(), large };
      shapes = [];
      large = [];
      return taken;
    },
  };
}

/** What is different in each record, in the order of the table `packed_record`. */
function recordText(delivery: Delivery, attempt: Attempt, shape: number, bodyAt: number, responseAt: number): string {
  return JSON.stringify([
    shape, delivery.id, attempt.id, text(delivery.eventId), isoTime(delivery.createdAt), isoTime(attempt.startedAt), durationMs(attempt),
    bodyAt, delivery.body.length, responseAt, attempt.responseBody.length, attempt.responseBytes, redactHeaders(attempt.requestHeaders), attempt.timings,
  ]); // prettier-ignore
}

type Shape = readonly unknown[];

/** What many records have in common, in the order of the table `packed_shape`; still as it is, to be compared. */
function shapeOf(delivery: Delivery, attempt: Attempt): Shape {
  return [
    delivery.webhookUuid, delivery.vendor, delivery.event, delivery.direction, delivery.url, delivery.method, attempt.number, attempt.outcome,
    attempt.status, attempt.errorCode, attempt.error, attempt.remoteAddress, attempt.responseTruncated, attempt.responseHeaders,
    attempt.tls === null ? null : JSON.stringify(attempt.tls), attempt.control,
  ]; // prettier-ignore
}

function indexOfShape(shapes: Shape[], shape: Shape): number {
  const from = Math.max(0, shapes.length - COMPARED_SHAPES);
  for (let index = shapes.length - 1; index >= from; index--) {
    if (isSame(shapes[index] as Shape, shape)) return index;
  }
  return shapes.push(shape) - 1;
}

function isSame(one: Shape, other: Shape): boolean {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function shapeText(shape: Shape): string {
  const [webhookUuid, vendor, event, direction, url, method, number, outcome, status, errorCode, error, remoteAddress, truncated, headers, tls, control] = shape as [
    string, string, string, string, string, string, number, string, number | null, string | null, string | null, string | null, boolean, Attempt['responseHeaders'], string | null, readonly string[],
  ]; // prettier-ignore
  return JSON.stringify([
    webhookUuid, text(vendor), text(event), direction, withoutCredentials(url), method, number, outcome,
    status, text(errorCode), text(error), text(remoteAddress), truncated ? 1 : 0, redactHeaders(headers), tls, control,
  ]); // prettier-ignore
}

/** Bytes one behind the other. */
interface Run {
  isEmpty(): boolean;
  /** Gives back where it stands. */
  put(part: Uint8Array): number;
  /** As UTF-8. */
  putText(part: string): void;
  take(): Uint8Array;
}

const UTF_8_BYTES = 3;

function makeRun(): Run {
  let bytes = Buffer.alloc(FIRST_BYTES);
  let used = 0;
  const reserve = (length: number): void => {
    if (used + length <= bytes.length) return;
    const larger = Buffer.alloc(Math.max(bytes.length * 2, used + length));
    larger.set(bytes.subarray(0, used));
    bytes = larger;
  };
  return {
    isEmpty: () => used === 0,
    put(part) {
      reserve(part.length);
      bytes.set(part, used);
      used += part.length;
      return used - part.length;
    },
    putText(part) {
      reserve(part.length * UTF_8_BYTES);
      used += bytes.write(part, used, 'utf8');
    },
    take() {
      // A copy of its own: a buffer that changes the thread is lost here.
      const taken = new Uint8Array(bytes.subarray(0, used));
      used = 0;
      if (bytes.length > KEPT_BYTES) bytes = Buffer.alloc(FIRST_BYTES);
      return taken;
    },
  };
}
