import { findOpen } from './find-open.ts';
import type { ListEntry } from './list-entry.ts';
import { findSpecial } from './special-networks.ts';

/** Of one kind; the others are alike. */
const MAX_WARNED = 10;

/** What must not go into a server without a word, a line each: networks of everybody, and placeholders of a documentation. */
export function warnOfEntries(entries: readonly ListEntry[]): string[] {
  const open = findOpen(entries).map(({ family, entry }) =>
    entry === null
      ? `the entries together admit everybody of IPv${family}`
      : `${placeOf(entry)}${entry.text} admits everybody${family === 6 ? ' of IPv6' : ''}`,
  );
  const placeholders = entries.flatMap((entry) => {
    const special = findSpecial(entry.network);
    return special?.kind === 'documentation'
      ? [`${placeOf(entry)}${entry.text} is a placeholder: ${special.purpose}, ${special.rfc}`]
      : [];
  });
  const more = placeholders.length - MAX_WARNED;
  return [...open, ...placeholders.slice(0, MAX_WARNED), ...(more > 0 ? [`${more} more placeholders`] : [])];
}

const placeOf = ({ line }: ListEntry): string => (line === null ? '' : `line ${line}: `);
