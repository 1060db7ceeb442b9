import { type AddressList, type ListEntry, type ListProblem, collapseList, findUniversal } from './address-list.ts';
import type { ListItem } from './form-lines.ts';
import type { ListForm } from './forms.ts';
import { MAX_PROBLEMS, readList } from './read-list.ts';
import { findSpecial } from '../special-networks.ts';

/**
 * Writes the list in another form, in its own order. Collapsed, it is in the order of the addresses and without the
 * comments that stand alone.
 */
export function convertList({ entries, remarks }: AddressList, form: ListForm, collapses: boolean): string {
  if (collapses) return `${form.write(collapseList(entries))}\n`;
  const items: ListItem[] = [...entries, ...remarks].toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  return `${form.write(items)}\n`;
}

/** Reads what `convertList` wrote, line for line, so that a problem is reported where it stands. */
export function readConverted(text: string, form: ListForm, file: string | null): AddressList {
  const foreign: ListProblem[] = [];
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => {
      const own = form.readLine(line);
      if (own === null && foreign.length < MAX_PROBLEMS)
        foreign.push({
          file,
          line: index + 1,
          text: line.trim().slice(0, 100),
          reason: `not a line that allowlist convert writes for ${form.title}`,
          readings: [],
        });
      return own ?? '';
    });
  const list = readList(lines.join('\n'), file);
  return {
    ...list,
    problems: [...foreign, ...list.problems]
      .toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0))
      .slice(0, MAX_PROBLEMS),
  };
}

/** The most placeholders that are named one by one. */
const MAX_PLACEHOLDERS = 10;

/**
 * What must not go into a server without a warning, a line each: networks that hold every address, and placeholders
 * from documentation.
 */
export function warnOfEntries(entries: readonly ListEntry[]): string[] {
  const universal = findUniversal(entries).map(({ family, entry }) =>
    entry === null
      ? `together the entries allow every IPv${family} address`
      : `${placeOf(entry)}${entry.text} allows every ${family === 6 ? 'IPv6 ' : ''}address`,
  );
  const placeholders = entries.flatMap((entry) => {
    const special = findSpecial(entry.network);
    return special?.kind === 'documentation'
      ? [`${placeOf(entry)}${entry.text} is a placeholder: ${special.purpose}, ${special.rfc}`]
      : [];
  });
  const more = placeholders.length - MAX_PLACEHOLDERS;
  return [...universal, ...placeholders.slice(0, MAX_PLACEHOLDERS), ...(more > 0 ? [`${more} more placeholders`] : [])];
}

const placeOf = ({ line }: ListEntry): string => (line === null ? '' : `line ${line}: `);
