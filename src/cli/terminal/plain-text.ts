import { stripVTControlCharacters } from 'node:util';

// C0 and C1 controls except newline and tab, and the marks that reorder text (bidirectional overrides):
// an endpoint's answer must not be able to move the cursor, retitle the window or disguise a line.
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

// What the log of a GitHub job takes for a command, whoever wrote it: `##[name]` anywhere (any `##[` will do), `::name` at
// the beginning of a line, after white space too, and where a line is wrapped. An address such as `::1` or `::ffff:a` is none.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
const WORKFLOW_COMMAND = /#(?=#\[)|(?<=^|\s):(?=:[\w-]*[g-z_-])/gim;

/** Text from outside, made safe to show on a terminal and in a log. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(UNSAFE, '\ufffd').replace(WORKFLOW_COMMAND, '$& ');
}

/** The same on one line: for tables and messages. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s*[\n\t]\s*/g, ' ');
}
