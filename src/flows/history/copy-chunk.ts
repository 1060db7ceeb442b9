import type { FoundRecords, HistoryReader, HistoryWriter, WholeRecord } from '../../history/history.ts';
import { differingDeliveryParts, differingParts, digestRecord, keyOfRecord } from '../../history/whole-record.ts';

/** Reads by a connection of its own: it sees what is stored, as everybody does. */
export interface CopyTarget {
  reader: HistoryReader;
  writer: Pick<HistoryWriter, 'appendAll'>;
}

/** A record of the source beside what the target returned in its place. */
export interface ComparedRecord {
  record: WholeRecord;
  digest: Buffer;
  /** Null where the target has nothing. */
  foundDigest: Buffer | null;
  /** Nothing had to be stored. */
  wasThere: boolean;
  /** Null: both are the same. Otherwise the names of what differs; none where the target lacks the attempt. */
  differs: string[] | null;
}

/** What became of a chunk. */
export interface CopiedChunk {
  compared: ComparedRecord[];
  /** So many were stored, in one transaction. */
  copied: number;
}

/** Stores what the target lacks, and compares each record with what the target then returns. */
export async function copyChunk(chunk: readonly WholeRecord[], target: CopyTarget): Promise<CopiedChunk> {
  const before = await target.reader.findWhole(chunk.map(keyOfRecord));
  const [missing, strangers] = chooseMissing(chunk, before);
  const copied = await storeMissing(missing, target);
  const stored = missing.length === 0 ? [] : (await target.reader.findWhole(missing.map(keyOfRecord))).records;
  const storedOf = new Map(missing.map((record, index) => [record, stored[index] ?? null]));
  const compared = chunk.map((record, index) => {
    const found = before.records[index] ?? null;
    return { ...compare(record, found ?? storedOf.get(record) ?? null, strangers), wasThere: found !== null };
  });
  return { compared, copied };
}

/** By the id of a delivery in what its namesake in the target differs. */
type Strangers = ReadonlyMap<string, string[]>;

/** A delivery of the same id and another content gets no attempt of this one. */
function chooseMissing(chunk: readonly WholeRecord[], found: FoundRecords): [WholeRecord[], Strangers] {
  const strangers = new Map<string, string[]>();
  const missing = chunk.filter(({ delivery }, index) => {
    if (found.records[index]) return false;
    const namesake = found.deliveries.get(delivery.id);
    const differs = namesake === undefined ? [] : differingDeliveryParts(delivery, namesake);
    if (differs.length > 0) strangers.set(delivery.id, differs);
    return differs.length === 0;
  });
  return [missing, strangers];
}

const TRIES = 3;

/** Another copy may run at the same time: what that was first to store is not stored again. Returns how many were. */
async function storeMissing(records: readonly WholeRecord[], { reader, writer }: CopyTarget): Promise<number> {
  let missing = records;
  for (let tries = 1; missing.length > 0; tries++) {
    try {
      await writer.appendAll(missing.map(({ delivery, attempt }) => [delivery, attempt]));
      return missing.length;
    } catch (error) {
      const { records: found } = await reader.findWhole(missing.map(keyOfRecord));
      const left = missing.filter((_, index) => found[index] === null);
      if (tries === TRIES || left.length === missing.length) throw error;
      missing = left;
    }
  }
  return 0;
}

function compare(
  record: WholeRecord,
  found: WholeRecord | null,
  strangers: Strangers,
): Omit<ComparedRecord, 'wasThere'> {
  const digest = digestRecord(record);
  if (found === null) return { record, digest, foundDigest: null, differs: strangers.get(record.delivery.id) ?? [] };
  const foundDigest = digestRecord(found);
  return { record, digest, foundDigest, differs: foundDigest.equals(digest) ? null : differingParts(record, found) };
}
