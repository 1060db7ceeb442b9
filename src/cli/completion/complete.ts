import type { CompletableCommand, CompletableFlag, CompletionPlace, PlaceKind } from './place.ts';

export type Candidate = readonly [value: string, text: string];

export interface Completion {
  candidates: readonly Candidate[];
  /** The shell completes names of files or folders itself. */
  paths: 'file' | 'dir' | null;
}

/** What is asked for only when it is needed. */
export interface CompletionSource {
  /** Of a command of the program; null where there is none of that name. */
  load: (name: string) => CompletableCommand | null;
  lookUp: (kind: PlaceKind, line: CommandLine) => Promise<readonly Candidate[]>;
}

/** What decides what others can be: the values of `--vendor` and `--config`, and the arguments. */
export interface CommandLine {
  arguments: readonly string[];
  valueOf: (flag: string) => string | undefined;
}

/** What is known of the words before the one that is being typed. */
interface LinePosition {
  command: CompletableCommand;
  given: Set<string>;
  values: Map<string, string>;
  arguments: string[];
  /** The flag whose value is being typed. */
  awaiting: CompletableFlag | null;
  /** Behind `--`. */
  isPastFlags: boolean;
}

const NOTHING: Completion = { candidates: [], paths: null };

/** @param words all words behind the program's name; the last one is being typed */
export async function completeWords(
  top: CompletableCommand,
  words: readonly string[],
  source: CompletionSource,
): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const position = walk(top, words.slice(0, -1), source);
  if (position === null) return NOTHING;
  const line: CommandLine = { arguments: position.arguments, valueOf: (flag) => position.values.get(flag) };
  if (position.awaiting?.place) return fillPlace(position.awaiting.place, current, line, source);
  if (!position.isPastFlags && current.startsWith('-')) return completeFlag(position, current, line, source);
  const { command } = position;
  const index = position.arguments.length;
  const names = index === 0 ? command.commands.map(({ name, summary }): Candidate => [name, summary]) : [];
  const place = command.arguments[command.isVariadic ? Math.min(index, command.arguments.length - 1) : index];
  const filled = place === undefined ? NOTHING : await fillPlace(place, current, line, source);
  return { ...filled, candidates: [...starting(names, current), ...filled.candidates] };
}

function walk(top: CompletableCommand, words: readonly string[], source: CompletionSource): LinePosition | null {
  const position: LinePosition = {
    command: top,
    given: new Set(),
    values: new Map(),
    arguments: [],
    awaiting: null,
    isPastFlags: false,
  };
  for (const word of words) if (!step(position, word, source)) return null;
  return position;
}

function step(position: LinePosition, word: string, source: CompletionSource): boolean {
  if (position.awaiting !== null) {
    for (const name of position.awaiting.names) position.values.set(name, word);
    position.awaiting = null;
    return true;
  }
  if (!position.isPastFlags && word === '--') position.isPastFlags = true;
  else if (!position.isPastFlags && word.startsWith('-') && word !== '-') takeFlag(position, word);
  else return takeArgument(position, word, source);
  return true;
}

function takeFlag(position: LinePosition, word: string): void {
  const [name = '', ...rest] = word.split('=');
  const flag = findFlag(position.command, name);
  if (flag === undefined) return;
  for (const one of flag.names) position.given.add(one);
  if (rest.length > 0) for (const one of flag.names) position.values.set(one, rest.join('='));
  else if (flag.place !== null) position.awaiting = flag;
}

/** False: there is no such command, so nothing is known of what follows. */
function takeArgument(position: LinePosition, word: string, { load }: CompletionSource): boolean {
  const { command } = position;
  const below = position.arguments.length === 0 ? command.commands.find(({ name }) => name === word) : undefined;
  if (below === undefined) {
    position.arguments.push(word);
    return command.arguments.length > 0;
  }
  // The list of all commands has the names alone.
  const known = below.flags.length > 0 ? below : load(word);
  if (known !== null) position.command = known;
  return known !== null;
}

const findFlag = ({ flags }: CompletableCommand, name: string): CompletableFlag | undefined =>
  flags.find(({ names }) => names.includes(name));

async function completeFlag(
  { command, given }: LinePosition,
  current: string,
  line: CommandLine,
  source: CompletionSource,
): Promise<Completion> {
  const at = current.indexOf('=');
  const flag = at === -1 ? undefined : findFlag(command, current.slice(0, at));
  if (at !== -1) {
    if (!flag?.place) return NOTHING;
    const { candidates, paths } = await fillPlace(flag.place, current.slice(at + 1), line, source);
    return { candidates: candidates.map(([value, text]) => [current.slice(0, at + 1) + value, text]), paths };
  }
  const open = command.flags.filter(({ names, isRepeatable }) => isRepeatable || !names.some((one) => given.has(one)));
  const candidates = open.map(({ names, text }): Candidate => [names.at(-1) ?? '', text]);
  return { candidates: starting(candidates, current), paths: null };
}

async function fillPlace(
  { kinds, choices, isList }: CompletionPlace,
  current: string,
  line: CommandLine,
  { lookUp }: CompletionSource,
): Promise<Completion> {
  const before = isList ? current.slice(0, current.lastIndexOf(',') + 1) : '';
  const taken = new Set(before.split(','));
  const found = (await Promise.all(kinds.map((kind) => lookUp(kind, line)))).flat();
  const all = [...choices.map((choice): Candidate => [choice, '']), ...found].filter(([value]) => !taken.has(value));
  return {
    candidates: starting(all, current.slice(before.length)).map(([value, text]) => [before + value, text]),
    paths: kinds.includes('file') ? 'file' : kinds.includes('dir') ? 'dir' : null,
  };
}

const starting = (candidates: readonly Candidate[], current: string): Candidate[] =>
  candidates.filter(([value]) => value.startsWith(current));
