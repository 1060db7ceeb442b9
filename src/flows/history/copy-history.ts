import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { HistoryReader } from '../../history/history.ts';
import { showsSecret } from '../../history/whole-record.ts';
import type { Selection } from '../../model/selection.ts';
import { copyChunk, type ComparedRecord, type CopiedChunk, type CopyTarget } from './copy-chunk.ts';

export interface CopyOptions {
  /** Only those of this webhook. */
  webhookUuid?: string;
  /** Between two chunks: what is copied by then stays. */
  signal: AbortSignal;
  onProgress?: (counts: { compared: number; copied: number; total: number }) => void;
}

/** What one side returned of the attempts in question. */
export interface CopiedSide {
  deliveries: number;
  attempts: number;
  /** Of the digests of all its records, in the order of the ids of deliveries and attempts. */
  sha256: string;
}

/** An attempt that the target has with another content, or not at all although it was stored. */
export interface CopyConflict {
  deliveryId: string;
  attemptId: string;
  /** The names of what differs; empty where the target lacks the attempt. */
  differs: string[];
}

export interface CopyReport {
  copied: number;
  alreadyThere: number;
  source: CopiedSide;
  target: CopiedSide;
  /** The first of them. */
  conflicts: CopyConflict[];
  conflictCount: number;
  /** Attempts that the source counts and did not return whole: deleted meanwhile, or damaged. */
  unread: number;
  /** Attempts recorded after the copy began: not in it. */
  recordedMeanwhile: number;
  /** Attempts of which the source still shows a secret, and the copy does not. */
  hidden: number;
  isInterrupted: boolean;
  /** All that was to be copied is on both sides, and the same. */
  isSame: boolean;
}

/**
 * Copies what the source holds now and the target lacks, chunk by chunk, each in one transaction; what is there already
 * is compared. Every record is read back from the target. Throws AppError `history`.
 */
export async function copyHistory(
  source: HistoryReader,
  target: CopyTarget,
  { webhookUuid, signal, onProgress }: CopyOptions,
): Promise<CopyReport> {
  const asOf = await source.latestSequence();
  const total = asOf === 0 ? 0 : await countAttempts(source, asOf, webhookUuid);
  const tally = makeTally();
  let isInterrupted: boolean = signal.aborted;
  for await (const chunk of total === 0 ? [] : source.wholeRecords({ asOf, webhookUuid })) {
    // Files answer at once, and a signal is seen between turns of the event loop alone.
    await setImmediate();
    if ((isInterrupted = signal.aborted)) break;
    tally.add(await copyChunk(chunk, target));
    onProgress?.({ ...tally.counts(), total });
  }
  const report = tally.finish();
  const unread = isInterrupted ? 0 : Math.max(0, total - report.source.attempts);
  const recordedMeanwhile = isInterrupted ? 0 : Math.max(0, (await countAttempts(source, null, webhookUuid)) - total);
  const isWhole = !isInterrupted && unread === 0 && report.source.attempts === report.target.attempts;
  const isSame = isWhole && report.conflictCount === 0 && report.source.sha256 === report.target.sha256;
  return { ...report, unread, recordedMeanwhile, isInterrupted, isSame };
}

/** By the road of an export, which is another than that of the copy. */
async function countAttempts(history: HistoryReader, asOf: number | null, webhookUuid?: string): Promise<number> {
  const selection: Selection = {
    webhookUuid: webhookUuid ?? null,
    from: null,
    to: null,
    asOf,
    event: null,
    failedOnly: false,
    includeTests: true,
    order: 'asc',
    limit: null,
    page: 1,
  };
  let count = 0;
  for await (const { rows } of history.lines(selection, { fields: ['attempt'], style: 'csv', separator: '\n' }))
    count += rows;
  return count;
}

const MOST_CONFLICTS = 20;

type CopyCounts = Omit<CopyReport, 'unread' | 'recordedMeanwhile' | 'isInterrupted' | 'isSame'>;

function makeTally() {
  const [source, target] = [makeSide(), makeSide()];
  const conflicts: CopyConflict[] = [];
  let [compared, copied, alreadyThere, hidden, conflictCount] = [0, 0, 0, 0, 0];
  const addOne = ({ record, digest, foundDigest, wasThere, differs }: ComparedRecord): void => {
    const [deliveryId, attemptId] = [record.delivery.id, record.attempt.id];
    source.add(deliveryId, digest);
    if (foundDigest !== null) target.add(deliveryId, foundDigest);
    if (showsSecret(record)) hidden += 1;
    if (differs === null) alreadyThere += wasThere ? 1 : 0;
    else if (++conflictCount <= MOST_CONFLICTS) conflicts.push({ deliveryId, attemptId, differs });
  };
  return {
    add(chunk: CopiedChunk): void {
      for (const one of chunk.compared) addOne(one);
      compared += chunk.compared.length;
      copied += chunk.copied;
    },
    counts: () => ({ compared, copied }),
    finish: (): CopyCounts => ({
      copied,
      alreadyThere,
      source: source.finish(),
      target: target.finish(),
      conflicts,
      conflictCount,
      hidden,
    }),
  };
}

function makeSide() {
  const hash = createHash('sha256');
  let [deliveries, attempts, last] = [0, 0, ''];
  return {
    add(deliveryId: string, digest: Buffer): void {
      if (deliveryId !== last) deliveries += 1;
      last = deliveryId;
      attempts += 1;
      hash.update(digest);
    },
    finish: (): CopiedSide => ({ deliveries, attempts, sha256: hash.digest('hex') }),
  };
}
