import type { Family } from '../address/address.ts';
import { collapseList } from './collapse-list.ts';
import type { ListEntry } from './list-entry.ts';

export interface Open {
  family: Family;
  /** Null: several entries together are every address, such as two halves. */
  entry: ListEntry | null;
}

/** By what a list admits everybody, of each family. */
export function findOpen(entries: readonly ListEntry[]): Open[] {
  return collapseList(entries)
    .filter(({ network }) => network.prefixLength === 0)
    .map(({ network: { family } }) => {
      return {
        family,
        entry: entries.find(({ network }) => network.prefixLength === 0 && network.family === family) ?? null,
      };
    });
}
