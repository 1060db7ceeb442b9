import { createHash } from 'node:crypto';
import type { ExportField } from '../model/export-field.ts';
import type { Selection } from '../model/selection.ts';

/** What proves that an export is whole. */
export interface Manifest {
  format: string;
  /** Where one was asked for. */
  csvDialect?: string;
  rows: number;
  bytes: number;
  /** Start of the earliest and of the latest attempt; null without rows. */
  firstTimestamp: string | null;
  lastTimestamp: string | null;
  /** Lower-case hex, of exactly the bytes written; null when it was not asked for. */
  sha256: string | null;
  fields: readonly ExportField[];
  selection: Selection;
}

export interface ManifestKeeper {
  countBytes: (bytes: Uint8Array) => void;
  countRows: (rows: number, oneTimestamp: string, otherTimestamp: string) => void;
  finish: (about: Pick<Manifest, 'format' | 'csvDialect' | 'fields' | 'selection'>) => Manifest;
}

/** Keeps count while an export streams past. The hash is a tenth of an export's time, so only `withHash`. */
export function keepManifest(withHash: boolean): ManifestKeeper {
  const hash = withHash ? createHash('sha256') : null;
  let rows = 0;
  let bytes = 0;
  let first: string | null = null;
  let last: string | null = null;
  return {
    countBytes: (chunk) => {
      bytes += chunk.length;
      hash?.update(chunk);
    },
    countRows: (count, ...timestamps) => {
      rows += count;
      for (const timestamp of timestamps) {
        if (first === null || timestamp < first) first = timestamp;
        if (last === null || timestamp > last) last = timestamp;
      }
    },
    finish: ({ format, csvDialect, fields, selection }) => ({
      format,
      ...(csvDialect === undefined ? {} : { csvDialect }),
      rows,
      bytes,
      firstTimestamp: first,
      lastTimestamp: last,
      sha256: hash?.digest('hex') ?? null,
      fields,
      selection,
    }),
  };
}
