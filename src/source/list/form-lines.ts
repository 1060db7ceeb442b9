import { INVISIBLE } from '../../model/json.ts';
import type { ListEntry, ListRemark } from './address-list.ts';

/** What stands in a list, in its order. */
export type ListItem = ListEntry | ListRemark;

export const isEntry = (item: ListItem): item is ListEntry => 'network' in item;

/** How the lines of a form are recognised, so that what was written can be read again. */
export interface LineGrammar {
  /** Matches the line of an entry: the first group is the network, the second the comment behind it. */
  entry: RegExp;
  /** The lines around the entries. */
  frame: readonly string[];
}

/** The form of a server whose rules are recognised where a list is expected. */
type ServerLines = LineGrammar & { id: string; title: string };

/** https://nginx.org/en/docs/http/ngx_http_access_module.html */
export const NGINX_LINES = {
  id: 'nginx',
  title: 'nginx',
  entry: /^allow\s+([^\s;#]+)\s*;\s*(#.*)?$/,
  frame: ['deny all;'],
} as const satisfies ServerLines;

/** https://httpd.apache.org/docs/2.4/mod/mod_authz_host.html */
export const APACHE_LINES = {
  id: 'apache',
  title: 'Apache 2.4',
  entry: /^Require ip ([^\s#]+(?:[ \t]+[^\s#]+)*)$/,
  frame: ['<RequireAny>', '</RequireAny>'],
} as const satisfies ServerLines;

/**
 * The same line in a list: `192.0.2.0/24  # office` for an entry, the comment for a comment, empty for a line of the
 * frame. Null for any other line.
 */
export function readFormLine(line: string, { entry, frame }: LineGrammar): string | null {
  const [, network, comment = ''] = entry.exec(line.trim()) ?? [];
  return network === undefined ? readFrame(line, frame) : `${network} ${comment}`.trim();
}

/** Reads a line that is no entry: a comment stays, a line of the frame becomes empty. Null: it is neither. */
export function readFrame(line: string, frame: readonly string[]): string | null {
  const content = line.trim();
  if (content === '' || frame.includes(content)) return '';
  return content.startsWith('#') ? content : null;
}

/** Writes one line for each item; `line` writes an entry without its comment. */
export function writeItems(items: readonly ListItem[], indent: string, line: (entry: ListEntry) => string): string[] {
  return items.map(
    (item) => `${indent}${isEntry(item) ? `${line(item)}${commentBehind(item)}` : writeComment(item.text)}`,
  );
}

const commentBehind = ({ comment }: ListEntry): string =>
  comment === null || comment === '' ? '' : `  ${writeComment(comment)}`;

const MAX_COMMENT = 200;
/** Controls, what is not seen, and halves of characters that no server program reads. */
const UNSAFE = new RegExp(`[\\u0000-\\u001f\\u007f-\\u009f${INVISIBLE}\\ud800-\\udfff]`, 'g');

/**
 * `# text`, without anything that a program could take for the end of the comment, its continuation or a directive. A
 * backslash makes Caddy join the next line wherever it stands, and Apache at the end of the line; Caddy replaces
 * {$NAME} everywhere; HAProxy and Apache refuse long lines.
 */
export function writeComment(text: string): string {
  const safe = text.replaceAll(UNSAFE, ' ').replaceAll('\\', '/').replaceAll('{$', '{ $').trim();
  return safe === '' ? '#' : `# ${safe.length > MAX_COMMENT ? `${safe.slice(0, MAX_COMMENT)}…` : safe}`;
}
