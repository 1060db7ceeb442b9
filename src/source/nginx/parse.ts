import { dirname, isAbsolute, join } from 'node:path';
import { noteMissing } from '../rules/missing-files.ts';
import type { ConfigFile, Note, Place, ReadIncluded } from '../rules/server-rules.ts';
import { fromBytes, readStatement, syntaxError, toBytes, type Cursor, isLuaBlock, skipLua } from './lex.ts';

/** One statement, its includes put in place. Names and arguments are bytes, one character each. */
export interface NginxDirective {
  name: string;
  args: readonly string[];
  /** Null without `{ }`. */
  block: readonly NginxDirective[] | null;
  /** The line behind whose end its words go on: a ";" may be missing there. */
  brokenAt?: number;
  place: Place;
}

const MAX_DEPTH = 64;
const MAX_DIRECTIVES = 500_000;

/** Reads on through every `include`. */
interface IncludeReading {
  readIncluded: ReadIncluded;
  /** What `include` is relative to, the likeliest first. */
  folders: readonly string[];
  /** The files that are being read, the innermost last. */
  files: readonly string[];
  count: { directives: number };
  missing: Note[];
}

/**
 * The statements of a configuration. Throws AppError `input` with file and line.
 * @param missing takes the files that are not here and hardly decide anything
 */
export function parseNginxConfig(
  main: ConfigFile,
  readIncluded: ReadIncluded,
  missing: Note[] = [],
): readonly NginxDirective[] {
  const folder = dirname(main.file);
  const names = parseFile(
    main,
    { readIncluded: () => [], folders: [], files: [main.file], count: { directives: 0 }, missing: [] },
    true,
  ).map(({ name }) => name);
  // A file of sites-available/ is included from nginx.conf, and what it includes is relative to the folder of that.
  const folders = names.includes('http') ? [folder] : [folder, ...foldersAbove(folder)];
  return parseFile(main, { readIncluded, folders, files: [main.file], count: { directives: 0 }, missing }, false);
}

function foldersAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}

function parseFile({ file, text }: ConfigFile, reading: IncludeReading, keepIncludes: boolean): NginxDirective[] {
  if (text.startsWith('\uFEFF'))
    throw syntaxError(
      file,
      1,
      'the file begins with a byte order mark: nginx reads it as part of the first word',
      'save the file as UTF-8 without BOM',
    );
  const cursor = { file, bytes: toBytes(text), at: 0, line: 1 };
  return parseBlock(cursor, reading, 0, keepIncludes, null);
}

function parseBlock(
  cursor: Cursor,
  reading: IncludeReading,
  depth: number,
  keepIncludes: boolean,
  opened: Place | null,
): NginxDirective[] {
  if (depth > MAX_DEPTH)
    throw syntaxError(cursor.file, cursor.line, `blocks are nested more than ${MAX_DEPTH} levels deep`);
  const directives: NginxDirective[] = [];
  for (;;) {
    const statement = readStatement(cursor);
    if (statement.end === 'file') {
      if (opened !== null)
        throw syntaxError(opened.file, opened.line, `the block "${opened.text}" is never closed: a "}" is missing`);
      return directives;
    }
    if (statement.end === 'close') {
      if (opened === null) throw syntaxError(cursor.file, statement.line, 'unexpected "}": no block is open');
      return directives;
    }
    const { words, brokenAt, ...begun } = statement;
    const [name, ...args] = words as [string, ...string[]];
    const place = { file: cursor.file, line: begun.line, text: begun.text };
    countDirective(reading, place);
    if (name === 'include' && begun.end === 'simple' && !keepIncludes) {
      for (const one of readInclude(args, place, reading, depth)) directives.push(one);
      continue;
    }
    const readBlock = (): readonly NginxDirective[] =>
      isLuaBlock(name) ? skippedLua(cursor) : parseBlock(cursor, reading, depth + 1, keepIncludes, place);
    const block = begun.end === 'simple' ? null : readBlock();
    directives.push({ name, args, block, place, brokenAt: brokenAt ?? undefined });
  }
}

function countDirective({ count }: IncludeReading, { file, line }: Place): void {
  count.directives += 1;
  if (count.directives > MAX_DIRECTIVES) throw syntaxError(file, line, `more than ${MAX_DIRECTIVES} directives`);
}

function skippedLua(cursor: Cursor): [] {
  skipLua(cursor);
  return [];
}

function readInclude(args: readonly string[], place: Place, reading: IncludeReading, depth: number): NginxDirective[] {
  const [bytes] = args;
  if (bytes === undefined || args.length > 1)
    throw syntaxError(place.file, place.line, 'invalid number of arguments in "include" directive');
  const pattern = fromBytes(bytes);
  const found = findIncluded(pattern, reading);
  const note = found.length === 0 && !/[*?[]/.test(pattern) ? noteMissing(pattern, place) : null;
  if (note !== null) {
    reading.missing.push(note);
    return [];
  }
  if (found.length === 0 && !/[*?[]/.test(pattern))
    throw syntaxError(
      place.file,
      place.line,
      `"${place.text}": no such file`,
      `it may be relative to a folder other than ${reading.folders[0] ?? '.'}: give the nginx.conf that the ` +
        'server itself reads',
    );
  return found.flatMap((included) => {
    if (reading.files.includes(included.file))
      throw syntaxError(place.file, place.line, `"${place.text}": ${included.file} includes itself`);
    if (reading.files.length + depth > MAX_DEPTH)
      throw syntaxError(place.file, place.line, `files are included more than ${MAX_DEPTH} levels deep`);
    return parseFile(included, { ...reading, files: [...reading.files, included.file] }, false);
  });
}

function findIncluded(pattern: string, { readIncluded, folders }: IncludeReading): readonly ConfigFile[] {
  if (isAbsolute(pattern)) return readIncluded(pattern);
  for (const folder of folders) {
    const found = readIncluded(join(folder, pattern));
    if (found.length > 0) return found;
  }
  return [];
}
