import type { ConfigFile, Place } from '../rules/server-rules.ts';
import { configError } from './config-error.ts';
import { readLogicalLines } from './logical-lines.ts';
import { takeWord } from './words.ts';

/** A line or section as it stands in the file: nothing included, no variable replaced, no condition decided. */
export interface Statement {
  /** Lower case: directives have none. */
  name: string;
  /** What follows the name, without the `>` that ends a section's head. */
  args: string;
  place: Place;
  /** The lines within; null: it is no section. */
  children: Statement[] | null;
}

const MAX_DEPTH = 100;
const MAX_TEXT = 200;

/** Throws AppError `input` with file and line when sections do not close as they open. */
export function parseConfig(config: ConfigFile): Statement[] {
  const top: Statement[] = [];
  const open: (Statement & { children: Statement[] })[] = [];
  for (const { line, text } of readLogicalLines(config)) {
    const place = { file: config.file, line, text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text };
    if (text.startsWith('</')) {
      closeSection(text, place, open.pop());
      continue;
    }
    const statement = readStatement(text, place);
    (open.at(-1)?.children ?? top).push(statement);
    if (statement.children === null) continue;
    if (open.length === MAX_DEPTH) throw configError(place, `sections are nested more than ${MAX_DEPTH} deep`);
    open.push(statement as Statement & { children: Statement[] });
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) throw configError(unclosed.place, `<${unclosed.name}> is not closed`);
  return top;
}

function readStatement(text: string, place: Place): Statement {
  if (text.startsWith('<')) return readHead(text, place);
  const [name, length] = takeWord(text);
  return { name: name.toLowerCase(), args: text.slice(length).trim(), place, children: null };
}

function readHead(text: string, place: Place): Statement {
  const end = text.lastIndexOf('>');
  const name = /^<([^\s>]+)/.exec(text)?.[1];
  if (name === undefined) throw configError(place, 'a section needs a name behind <');
  if (end === -1) throw configError(place, `<${name} is missing its closing >`);
  return { name: name.toLowerCase(), args: text.slice(name.length + 1, end).trim(), place, children: [] };
}

function closeSection(text: string, place: Place, section: Statement | undefined): void {
  const name = /^<\/([^\s>]*)>$/.exec(text)?.[1];
  if (name === undefined) throw configError(place, `${text.slice(0, 40)} is not the end of a section`);
  if (section === undefined) throw configError(place, `</${name}> closes no section`);
  if (name.toLowerCase() !== section.name)
    throw configError(place, `</${name}> where </${section.name}> of line ${section.place.line} is expected`);
}
