import type {
  Attempt,
  Delivery,
  Direction,
  Outcome,
  Purpose,
  StoredDelivery,
  AttemptOutcome,
} from '../model/attempt.ts';
import type { Cell, ExportField, LineStyle } from '../model/export-field.ts';
import type { Selection } from '../model/selection.ts';

/** Of the commands that can do without a record. */
export const NO_HISTORY = '--no-history';

/** Reads what was sent or received. Asynchronous, so that a shared server can stand behind it. */
export interface HistoryReader {
  /** Where it is kept, as it may be shown: the path of the file, or the address of the server without a password. */
  readonly path: string;
  /** By id, by its short form or the beginning of either, or `last`. Unknown: AppError `refused`; several: `usage`. */
  find(idOrPrefix: string): Promise<StoredDelivery>;
  /** Of each id the short form that `find` knows it by; no other delivery has it. */
  shortIds(ids: readonly string[]): Promise<string[]>;
  /** Newest first. */
  list(filter: ListFilter): Promise<ListedDelivery[]>;
  knowsWebhook(uuid: string): Promise<boolean>;
  /** Of the known webhooks, or of those whose uuids begin so, at most 1000, or `most`; negative: each. */
  webhookUuids(beginning?: string, most?: number): Promise<string[]>;
  /** The URLs of its first and its last attempt: one where they are the same, none of an unknown webhook. */
  webhookUrls(uuid: string): Promise<string[]>;
  /** At most 1000 of the events there are, of one webhook or of all. Reads every attempt. */
  eventNames(webhookUuid?: string): Promise<string[]>;
  /**
   * A point in the order in which attempts are recorded, for `asOf` of a selection: whoever reads up to it finds the
   * same attempts whenever he reads. In a file it is the number of the attempt that was recorded last, on a server the
   * time of its clock in microseconds; 0 when nothing is recorded.
   */
  latestSequence(): Promise<number>;
  /** Does first what makes a page far down, or a filtered one, take long the first time; yields how many it counted. */
  countAhead(selection: Selection): AsyncIterable<number>;
  /** Start of the newest attempt of this page; null when the page is empty. */
  newestTimestamp(selection: Selection): Promise<string | null>;
  /** Attempts as finished lines, written by the database itself: the fast path to text. */
  lines(selection: Selection, layout: LineLayout): AsyncIterable<LineChunk>;
  /** Attempts as values, in the order of `fields`; one row at a time when bodies are among them. */
  rows(selection: Selection, fields: readonly ExportField[]): AsyncIterable<Cell[][]>;
  /** What came of each attempt: of one webhook after the other, each webhook's in the order of time. */
  outcomes(filter: OutcomeFilter): AsyncIterable<readonly AttemptOutcome[]>;
  /** All that is stored, in the order of the ids of deliveries and of attempts; a chunk holds some megabytes. */
  wholeRecords(filter: RecordFilter): AsyncIterable<WholeRecord[]>;
  /** What stands where these would stand. */
  findWhole(keys: readonly RecordKey[]): Promise<FoundRecords>;
  /** The same for every address of one place. */
  identity(): Promise<string>;
  /** What `prune` would delete. */
  countPrunable(options: PruneOptions): Promise<Prunable>;
  close(): Promise<void>;
}

/** Stores what was sent or received, and deletes it. */
export interface HistoryWriter {
  readonly path: string;
  /** Stores an attempt, and its delivery if it is new: both or neither. On return they survive a `kill -9`. */
  append(delivery: Delivery, attempt: Attempt): Promise<void>;
  /** The same for many, in one transaction: all of them or none. */
  appendAll(records: readonly HistoryRecord[]): Promise<void>;
  /**
   * Deletes whole deliveries with all their attempts, some hundred at a time: others can write in between, and what is
   * deleted stays deleted if this is ended.
   * @param onProgress what is deleted so far
   */
  prune(options: PruneOptions, onProgress?: (counts: PruneCounts) => void): Promise<PruneCounts>;
  close(): Promise<void>;
}

/** One attempt, with the delivery it belongs to. */
export type HistoryRecord = readonly [delivery: Delivery, attempt: Attempt];

/** All that a history holds of one attempt. Records of one delivery share its body. */
export interface WholeRecord {
  delivery: Delivery;
  attempt: Attempt;
  /** Values of `ROW_FIELDS` (whole-record.ts), as they stand in the row. */
  row: readonly Cell[];
}

export interface RecordFilter {
  /** As in `Selection`. */
  asOf: number;
  webhookUuid?: string;
}

/** Where an attempt stands: there is one of this webhook, time and id, and one of this id in its delivery. */
export interface RecordKey {
  webhookUuid: string;
  deliveryId: string;
  attemptId: string;
  /** ISO-8601 UTC with milliseconds. */
  startedAt: string;
}

export interface FoundRecords {
  /** By their ids, those of the keys among them, with attempts or without. */
  deliveries: ReadonlyMap<string, Delivery>;
  /** For each key what stands there; null where nothing does. */
  records: readonly (WholeRecord | null)[];
}

/** How attempts become lines. */
export interface LineLayout {
  fields: readonly ExportField[];
  style: LineStyle;
  /** Put between lines, also between those of two chunks. */
  separator: string;
}

export interface LineChunk {
  bytes: Uint8Array;
  rows: number;
  /** Start of the first and of the last attempt of this chunk, in the order of the selection. */
  firstTimestamp: string;
  lastTimestamp: string;
}

/** Which deliveries: what is absent does not narrow it. */
export interface DeliveryFilter {
  webhookUuid?: string;
  vendor?: string;
  event?: string;
  direction?: Direction;
  /** Absent: both. */
  purpose?: Purpose;
  /** Only deliveries whose last attempt was not `delivered`. */
  failed?: boolean;
  /** Milliseconds since the epoch: made at or after this. */
  sinceMs?: number;
}

/** Which attempts: the filter's times are those when an attempt began. */
export interface OutcomeFilter extends DeliveryFilter {
  /** Milliseconds since the epoch: at or before this. */
  untilMs?: number;
}

export interface ListFilter extends DeliveryFilter {
  limit: number;
}

/** A delivery without its body, with what became of each attempt. */
export interface ListedDelivery extends Omit<Delivery, 'body'> {
  requestBytes: number;
  /** The vendor's retries were followed, and after the last of these attempts another one was to come. */
  isUnfinished: boolean;
  attempts: readonly ListedAttempt[];
}

export interface ListedAttempt {
  number: number;
  startedAt: number;
  outcome: Outcome;
  status: number | null;
  errorCode: string | null;
  error: string | null;
  durationMs: number;
}

export interface PruneOptions {
  /** Milliseconds since the epoch: deliveries whose last attempt is older go. Absent: any age. */
  beforeMs?: number;
  /** The newest so many deliveries stay, whatever their age. */
  keepLast?: number;
  /** Only those of this webhook; `keepLast` then counts its own. */
  webhookUuid?: string;
}

export interface PruneCounts {
  deliveries: number;
  attempts: number;
}

export interface Prunable extends PruneCounts {
  /** Whose they are, and how many of each; the most first. */
  webhooks: { uuid: string; deliveries: number }[];
  /** When the first and the last of them were made, in milliseconds since the epoch; empty without any. */
  made: readonly number[];
}
