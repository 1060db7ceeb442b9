import { collapseList } from './collapse-list.ts';
import type { Format, ListItem } from './convert/format.ts';
import type { AddressList, ListProblem } from './list-entry.ts';
import { MAX_PROBLEMS, readList } from './read-list.ts';

/** The list in another form, in its own order; collapsed, by address and without the comments that stand alone. */
export function convertList({ entries, remarks }: AddressList, format: Format, collapses: boolean): string {
  if (collapses) return `${format.write(collapseList(entries))}\n`;
  const items: ListItem[] = [...entries, ...remarks].toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  return `${format.write(items)}\n`;
}

/** Reads what `convertList` wrote: line for line, so that a problem is told where it stands. */
export function readConverted(text: string, format: Format, file: string | null): AddressList {
  const foreign: ListProblem[] = [];
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .map((line, index) => {
      const own = format.readLine(line);
      if (own === null && foreign.length < MAX_PROBLEMS)
        foreign.push({
          file,
          line: index + 1,
          text: line.trim().slice(0, 100),
          reason: `no line of a list for ${format.title} as allowlist convert writes it`,
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
