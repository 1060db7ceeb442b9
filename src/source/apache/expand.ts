import { dirname, isAbsolute, join } from 'node:path';
import { AppError } from '../../model/error.ts';
import { noteMissing } from '../rules/missing-files.ts';
import type { Place, ConfigFile, Doubt, Note, ReadIncluded } from '../rules/server-rules.ts';
import { isMet, moduleName, type ConditionScope } from './conditions.ts';
import {
  configError,
  isApacheDump,
  type ApacheStatement,
  type ApacheDirective,
  parseApacheConfig,
  splitWords,
} from './parse.ts';

/** A `<Macro>` of mod_macro: text with holes. */
interface Macro {
  name: string;
  parameters: readonly string[];
  body: readonly ApacheStatement[];
}

const MAX_ARGS = 64 * 1024;

function readMacro({ place, children }: ApacheStatement, [name, ...parameters]: readonly string[]): Macro {
  if (name === undefined) throw configError(place, 'a <Macro> needs a name');
  return { name, parameters, body: children ?? [] };
}

/** The body with each parameter's name replaced wherever it stands, the longest first. */
function fillMacro({ name, parameters, body }: Macro, values: readonly string[], place: Place): ApacheStatement[] {
  if (values.length !== parameters.length)
    throw configError(place, `the macro ${name} takes ${parameters.length} arguments, not ${values.length}`);
  const pairs = parameters
    .map((parameter, index) => [parameter, values[index] ?? ''] as const)
    .toSorted(([one], [other]) => other.length - one.length);
  const fill = (text: string): string => {
    const filled = pairs.reduce(
      (sum, [parameter, value]) => (parameter === '' ? sum : sum.replaceAll(parameter, () => value)),
      text,
    );
    if (filled.length > MAX_ARGS)
      throw configError(place, `the macro ${name} makes a line of more than ${MAX_ARGS} characters`);
    return filled;
  };
  const fillAll = (statements: readonly ApacheStatement[]): ApacheStatement[] =>
    statements.map((one) => ({
      ...one,
      args: fill(one.args),
      place: { ...one.place, text: fill(one.place.text) },
      children: one.children === null ? null : fillAll(one.children),
    }));
  return fillAll(body);
}

/** As Apache's own limit. */
const MAX_INCLUDES = 20;
const MAX_MACROS = 20;
/** Together: variables that name each other twice double with each line. */
const MAX_CHARACTERS = 64 * 1024 * 1024;
const MAX_DIRECTIVES = 200_000;

/** What lines before change for lines behind them. */
interface Expansion extends ConditionScope {
  macros: Map<string, Macro>;
  /** Files and macros that are open. */
  includes: number;
  uses: number;
  characters: number;
  count: number;
}

const beginExpansion = (file: string, read: ReadIncluded, modules: Set<string> | null): Expansion => ({
  defines: new Map(),
  skippedDefines: new Set(),
  modules,
  serverRoot: dirname(file),
  macros: new Map(),
  notes: [],
  read,
  includes: 0,
  uses: 0,
  characters: 0,
  count: 0,
});

export interface ExpandedConfig {
  directives: ApacheDirective[];
  /** What a part of a configuration lacks; null: it is a whole one. */
  part: Doubt | null;
  /** What was assumed while reading. */
  notes: Note[];
  /** Those that some line loads; null: no line does. */
  modules: ReadonlySet<string> | null;
}

/**
 * The directives in the order Apache meets them. A configuration that loads no module is a part of one (a site's file):
 * it is read as if the usual modules were there. What Apache dumped is whole, and has none either. Throws AppError
 * `input` for what Apache would not start with.
 */
export function expandConfig(main: ConfigFile, readIncluded: ReadIncluded): ExpandedConfig {
  const read = remember(readIncluded);
  if (isApacheDump(main.text)) {
    const dumped = beginExpansion(main.file, read, null);
    return {
      directives: expandStatements(parseApacheConfig(main), dumped),
      part: null,
      notes: dumped.notes,
      modules: null,
    };
  }
  const whole = beginExpansion(main.file, read, new Set());
  const directives = expandStatements(parseApacheConfig(main), whole);
  if (whole.modules?.size !== 0) return { directives, part: null, notes: whole.notes, modules: whole.modules };
  const part = beginExpansion(main.file, read, null);
  return {
    directives: expandStatements(parseApacheConfig(main), part),
    part: {
      place: { file: main.file, line: 1, text: '' },
      text: 'no LoadModule line was read, so this is only part of a configuration: the main file is unknown',
    },
    notes: part.notes,
    modules: null,
  };
}

/** Where a .htaccess is taken to lie that was given alone: where a path is looked for when nothing says otherwise. */
const SOME_FOLDER = '/var/www/html';

/** A .htaccess without the configuration around it. */
export function expandAccessFileAlone(file: ConfigFile, read: ReadIncluded): ExpandedConfig {
  const place = { file: file.file, line: 1, text: '' };
  const children = expandAccessFile(file, read);
  const rewrites = children.find(({ name }) => name === 'rewriterule');
  return {
    directives: [{ name: 'directory', words: [SOME_FOLDER], args: SOME_FOLDER, place, children }],
    part: {
      place,
      text: 'a .htaccess is only part of a configuration: what the main file sets and allows is unknown',
    },
    notes:
      rewrites === undefined
        ? []
        : [
            {
              place: rewrites.place,
              text: 'RewriteRule sees the path relative to its folder, which is unknown',
              isOpen: true,
            },
          ],
    modules: null,
  };
}

/** Directives of a file that is read for one request alone. */
export function expandAccessFile(file: ConfigFile, read: ReadIncluded): ApacheDirective[] {
  return expandStatements(parseApacheConfig(file), beginExpansion(file.file, read, null));
}

function remember(read: ReadIncluded): ReadIncluded {
  const known = new Map<string, readonly ConfigFile[]>();
  return (pattern) => {
    const files = known.get(pattern) ?? read(pattern);
    known.set(pattern, files);
    return files;
  };
}

const expandStatements = (statements: readonly ApacheStatement[], expansion: Expansion): ApacheDirective[] =>
  statements.flatMap((statement) => expandStatement(statement, expansion));

function expandStatement(statement: ApacheStatement, expansion: Expansion): ApacheDirective[] {
  const { name, place, children } = statement;
  const args = replaceVariables(statement.args, place, expansion);
  const words = splitWords(statement.args).map((word) => replaceVariables(word, place, expansion));
  expansion.count += 1;
  if (expansion.count > MAX_DIRECTIVES)
    throw configError(place, `more than ${MAX_DIRECTIVES} directives`, 'check whether it includes itself');
  if (children !== null) {
    if (name === 'macro') return defineMacro(statement, words, expansion);
    const met = isMet(name, words, statement, expansion);
    if (met === false) rememberDefines(children, expansion);
    if (met !== null) return met ? expandStatements(children, expansion) : [];
    return [{ name, args, words, place, children: expandStatements(children, expansion) }];
  }
  const run = AT_ONCE[name];
  return run === undefined ? [{ name, args, words, place, children: null }] : run(words, place, expansion);
}

function rememberDefines(statements: readonly ApacheStatement[], expansion: Expansion): void {
  for (const { name, args, children } of statements) {
    if (name === 'define') expansion.skippedDefines.add(splitWords(args)[0] ?? '');
    rememberDefines(children ?? [], expansion);
  }
}

type RunDirective = (words: readonly string[], place: Place, expansion: Expansion) => ApacheDirective[];

/** What Apache does while it reads, so that lines behind see it. */
const AT_ONCE: Readonly<Record<string, RunDirective>> = Object.assign(
  Object.create(null) as Record<string, RunDirective>,
  {
    define: (words, place, { defines }) => {
      if (words.length === 0 || words.length > 2) throw configError(place, 'Define takes 1-2 arguments');
      defines.set(words[0] ?? '', words[1] ?? '');
      return [];
    },
    undefine: (words, place, { defines }) => {
      if (words.length !== 1) throw configError(place, 'UnDefine takes one argument');
      defines.delete(words[0] ?? '');
      return [];
    },
    loadmodule: (words, _, { modules }) => {
      for (const word of words) modules?.add(moduleName(word));
      return [];
    },
    serverroot: ([root], _, expansion) => {
      if (root !== undefined && isAbsolute(root)) expansion.serverRoot = root;
      return [];
    },
    error: (words, place) => {
      throw configError(place, `Error: ${words.join(' ')}`);
    },
    include: (words, place, expansion) => include(words, place, expansion, false),
    includeoptional: (words, place, expansion) => include(words, place, expansion, true),
    use: ([name, ...values], place, expansion) => useMacro(name ?? '', values, place, expansion),
  } satisfies Record<string, RunDirective>,
);

function include(
  [word = '']: readonly string[],
  place: Place,
  expansion: Expansion,
  isOptional: boolean,
): ApacheDirective[] {
  const pattern = isAbsolute(word) ? word : join(expansion.serverRoot, word);
  if (expansion.includes === MAX_INCLUDES)
    throw configError(
      place,
      `files are included more than ${MAX_INCLUDES} levels deep`,
      'check whether a file includes itself',
    );
  const files = readFiles(pattern, place, expansion.read);
  const note = files.length === 0 && !isOptional ? noteMissing(pattern, place) : null;
  if (note !== null) {
    expansion.notes.push(note);
    return [];
  }
  if (files.length === 0 && !isOptional)
    throw configError(place, `no file matches ${pattern}`, 'if it may be missing, use IncludeOptional');
  expansion.includes += 1;
  const found = files.flatMap((file) => expandStatements(parseApacheConfig(file), expansion));
  expansion.includes -= 1;
  return found;
}

function readFiles(pattern: string, place: Place, read: ReadIncluded): readonly ConfigFile[] {
  try {
    return read(pattern);
  } catch (error) {
    if (error instanceof AppError) throw configError(place, error.message, error.hint);
    throw configError(place, `${pattern} cannot be read: ${(error as Error).message}`);
  }
}

function defineMacro(statement: ApacheStatement, words: readonly string[], { macros }: Expansion): ApacheDirective[] {
  const macro = readMacro(statement, words);
  macros.set(macro.name.toLowerCase(), macro);
  return [];
}

function useMacro(name: string, values: readonly string[], place: Place, expansion: Expansion): ApacheDirective[] {
  const macro = expansion.macros.get(name.toLowerCase());
  if (macro === undefined) throw configError(place, `the macro ${name} is not defined`);
  if (expansion.uses === MAX_MACROS)
    throw configError(
      place,
      `macros are nested more than ${MAX_MACROS} levels deep`,
      'check whether a macro uses itself',
    );
  expansion.uses += 1;
  const found = expandStatements(fillMacro(macro, values, place), expansion);
  expansion.uses -= 1;
  return found;
}

/** `${NAME}`: once, not within what it stands for. One that nobody defined stays, as Apache leaves it. */
function replaceVariables(text: string, place: Place, expansion: Expansion): string {
  if (!text.includes('${')) return text;
  const replaced = text.replace(/\$\{([^}:]*)\}/g, (whole, name: string) => expansion.defines.get(name) ?? whole);
  expansion.characters += replaced.length;
  if (expansion.characters > MAX_CHARACTERS || replaced.length > MAX_CHARACTERS / 64)
    throw configError(place, 'variables expand to too much text', 'check whether they refer to each other');
  return replaced;
}
