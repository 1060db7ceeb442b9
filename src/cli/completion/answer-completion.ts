import type { CommandEntry } from '../terminal/command-spec.ts';
import { answer } from '../terminal/output.ts';
import type { TopicEntry } from '../terminal/topic.ts';
import { completeWords, type Completion } from './complete.ts';
import { readBuilt, type CompletableCommand } from './place.ts';

/**
 * The hidden command that the scripts of the shells ask: the first line says whether the shell completes names of files
 * or folders, each other line is a candidate with its text behind a tab. What is known of a command stands in a file
 * that the build makes: to load the command itself would take longer than a person's patience with a key.
 */
export async function answerCompletion(
  words: readonly string[],
  top: CompletableCommand,
  load: (name: string) => CompletableCommand | null = loadCommand,
): Promise<void> {
  // Node 20 reads --env-file itself wherever it stands, but for behind --.
  const typed = words[0] === '--' ? words.slice(1) : words;
  answer(completionText(await completeWords(top, typed.map(unquote), { load, lookUp })));
}

const lookUp: Parameters<typeof completeWords>[2]['lookUp'] = async (kind, line) =>
  kind === 'file' || kind === 'dir' ? [] : (await import('./look-up.ts')).lookUpCandidates(kind, line);

function completionText({ candidates, paths }: Completion): string {
  return [paths ?? '-', ...candidates.map(([value, text]) => `${value}\t${text}`).filter(isOneLine)].join('\n');
}

/** A name with control characters could move the cursor. */
// oxlint-disable-next-line no-control-regex
const isOneLine = (line: string): boolean => !/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/.test(line);

/** bash gives words as they were typed, quotes and all. */
function unquote(word: string): string {
  const quote = /^['"]/.exec(word)?.[0];
  if (quote === undefined) return word.replaceAll(/\\(.)/g, '$1');
  return word.slice(1, word.length > 1 && word.endsWith(quote) ? -1 : undefined);
}

export const loadCommand = (name: string): CompletableCommand | null => readBuilt(name);

/** The program itself, whose commands are known by their names, and whose `help` is of commands and topics. */
export function topOf(commands: readonly CommandEntry[], topics: readonly TopicEntry[]): CompletableCommand {
  const names = commands.map(({ name, summary }) => nameOnly(name, summary));
  const help = {
    ...nameOnly('help', 'explain a command or a topic'),
    flags: [HELP],
    commands: [...names, ...topics.map(({ name, summary }) => nameOnly(name, summary))],
  };
  return { ...nameOnly('', ''), flags: [HELP, VERSION], commands: [...names, help] };
}

const nameOnly = (name: string, summary: string): CompletableCommand => ({
  name,
  summary,
  flags: [],
  arguments: [],
  isVariadic: false,
  commands: [],
});

const HELP = { names: ['-h', '--help'], text: 'show the help', isRepeatable: false, place: null };
const VERSION = { names: ['-V', '--version'], text: 'print the version', isRepeatable: false, place: null };
