import type { ListEntry, ListRemark } from '../list-entry.ts';

/** What stands in a list, in its order. */
export type ListItem = ListEntry | ListRemark;

/** A form in which a list of addresses can be written, and what was written so read again. */
export interface Format {
  id: string;
  title: string;
  /** Where the text goes, and what must hold there for it to work: for the conversation, not the file. */
  notes: readonly string[];
  /** A shell command that checks the whole configuration; null where there is none. */
  check: string | null;
  /** Throws AppError `input` for an address that the program cannot read in any form. */
  write(items: readonly ListItem[]): string;
  /** What a line that `write` wrote is in a list (`192.0.2.0/24  # office`, empty for a bracket); null for any other line. */
  readLine(line: string): string | null;
}

export const isEntry = (item: ListItem): item is ListEntry => 'network' in item;

const MAX_COMMENT = 200;

/**
 * `# text`, with nothing in it by which a program could take the comment's end, or its continuation, for a directive. A
 * backslash anywhere in it makes Caddy join the next line, at its end Apache; {$NAME} is replaced by Caddy everywhere;
 * HAProxy and Apache refuse long lines.
 */
export function writeComment(text: string): string {
  const safe = text
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/g, ' ')
    .replaceAll('\\', '/')
    .replaceAll('{$', '{ $')
    .trim();
  return safe === '' ? '#' : `# ${safe.length > MAX_COMMENT ? `${safe.slice(0, MAX_COMMENT)}…` : safe}`;
}

/** Behind an entry, on its line. */
export const commentBehind = ({ comment }: ListEntry): string =>
  comment === null || comment === '' ? '' : `  ${writeComment(comment)}`;

/** One line for each item: `line` writes an entry. */
export function writeItems(items: readonly ListItem[], indent: string, line: (entry: ListEntry) => string): string[] {
  return items.map(
    (item) => `${indent}${isEntry(item) ? `${line(item)}${commentBehind(item)}` : writeComment(item.text)}`,
  );
}

/** A line that is no entry: a comment stays, a line of the frame is nothing. Null: neither. */
export function readFrame(line: string, frame: readonly string[]): string | null {
  const content = line.trim();
  return content === '' || frame.includes(content) ? '' : content.startsWith('#') ? content : null;
}

/** The entry of a line by `pattern`, whose first group is the network and whose second the comment behind it. */
export function readItem(line: string, pattern: RegExp, frame: readonly string[]): string | null {
  const [, network, comment = ''] = pattern.exec(line.trim()) ?? [];
  return network === undefined ? readFrame(line, frame) : `${network} ${comment}`.trim();
}
