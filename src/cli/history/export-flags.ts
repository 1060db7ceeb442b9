import type { ExportSettings } from '../../flows/history/export-history.ts';
import type { Moment } from '../terminal/flag-values.ts';
import type { StoreFlags } from '../terminal/flags.ts';

// Apart: what binds the flags loads what runs the export only when it is run, and both know these.

/** The flags of `webhook export` and `mp-export`, as typed: the export room checks the texts. */
export interface ExportFlags extends StoreFlags, Omit<ExportSettings, 'format' | 'hash' | 'configured' | 'vendors'> {
  format?: string;
  json?: boolean;
  /** The same as `from`. */
  since?: Moment;
  /** `-` is stdout. */
  output?: string;
  manifest?: boolean;
}

/** The program of that name. */
export const MP_EXPORT = 'mp-export';
