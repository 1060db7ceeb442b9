import { AppError } from '../model/error.ts';
import { COMMANDS } from './commands.ts';
import type { ExitCode } from './terminal/exit.ts';
import { answer } from './terminal/output.ts';
import { shortOverview, topicList, wholeOverview } from './terminal/overview.ts';
import { nameProgram, programName } from './terminal/program-name.ts';
import { textWidth } from './terminal/text.ts';
import { TOPICS } from './topics.ts';
import { run, VERSION_FLAGS, versionText } from './run.ts';

const NAMES = COMMANDS.map(({ name }) => name);
/** Of completion scripts and of the build: no help names them. */
const HIDDEN: Readonly<Record<string, (words: readonly string[]) => Promise<void>>> = {
  __complete: async (words) => {
    const { answerCompletion, topOf } = await import('./completion/answer-completion.ts');
    await answerCompletion(words, topOf(COMMANDS, TOPICS));
  },
  __reference: async ([folder = '.']) => {
    await (await import('./reference/write-reference.ts')).writeReference(folder, COMMANDS, TOPICS);
  },
};

const HELP_FLAGS: readonly string[] = ['--help', '-h'];
/** They mean the same before the command as behind it. */
const COLOR_FLAGS: readonly string[] = ['--color', '--no-color'];

/**
 * Picks the command and loads its file alone. The list of commands is shown without commander: it would
 * cost a tenth of a start, and `webhook --help` needs nothing of it.
 */
async function webhook(argv: readonly string[]): Promise<ExitCode> {
  const at = skipColorFlags(argv);
  const [first, ...rest] = argv.slice(at);
  if (first === undefined || HELP_FLAGS.includes(first)) return showOverview(first === '--help');
  if (first === 'help') return showHelp(rest.filter((word) => !HELP_FLAGS.includes(word)));
  if (VERSION_FLAGS.includes(first)) return showVersion();
  const hidden = Object.hasOwn(HIDDEN, first) ? HIDDEN[first] : undefined;
  if (hidden !== undefined) {
    await hidden(rest);
    return 0;
  }
  const entry = COMMANDS.find(({ name }) => name === first);
  if (entry === undefined) throw unknownCommand(first, rest);
  const [{ runCommand }, makeIt] = await Promise.all([import('./terminal/command.ts'), entry.load()]);
  return runCommand(makeIt(`${programName()} ${first}`), [...argv.slice(0, at), ...rest]);
}

/** Where the command stands in a line that may begin with flags of colour. */
function skipColorFlags(argv: readonly string[]): number {
  let at = 0;
  while (COLOR_FLAGS.includes(argv[at]?.split('=')[0] ?? '')) at += argv[at] === '--color' ? 2 : 1;
  return at;
}

function unknownCommand(given: string, rest: readonly string[]): AppError {
  const hint = `list the commands: ${programName()} --help`;
  if (!given.startsWith('-'))
    return new AppError('usage', `unknown command ${given}`, { hint, unknown: { given, among: NAMES } });
  const [flag = ''] = given.split('=');
  const command = rest.find((word) => NAMES.includes(word));
  return new AppError(
    'usage',
    command === undefined ? `unknown flag ${flag}` : `the flag ${flag} comes before the command`,
    {
      hint: command === undefined ? hint : `put the command first: ${programName()} ${command} ${flag} …`,
      ...(command === undefined
        ? { unknown: { given: flag, among: [...HELP_FLAGS, ...COLOR_FLAGS, ...VERSION_FLAGS].filter(isLong) } }
        : {}),
    },
  );
}

const isLong = (flag: string): boolean => flag.startsWith('--');

function showVersion(): ExitCode {
  answer(versionText());
  return 0;
}

function showOverview(isWhole: boolean): ExitCode {
  const width = textWidth();
  answer(isWhole ? wholeOverview(COMMANDS, TOPICS, width) : shortOverview(COMMANDS, width));
  return 0;
}

/** `webhook help`, of a command (and its subcommand) or of a topic. */
async function showHelp([name, ...below]: readonly string[]): Promise<ExitCode> {
  if (name === undefined) {
    answer(topicList(COMMANDS, TOPICS, textWidth()));
    return 0;
  }
  if (NAMES.includes(name)) return webhook([name, ...below, '--help']);
  const topic = TOPICS.find((one) => one.name === name);
  if (topic === undefined)
    throw new AppError('usage', `unknown command or topic ${name}`, {
      hint: `list both: ${programName()} help`,
      unknown: { given: name, among: [...NAMES, ...TOPICS.map((one) => one.name)] },
    });
  const { renderTopic } = await import('./terminal/topic.ts');
  answer(await renderTopic(topic, textWidth()));
  return 0;
}

nameProgram(process.argv[1], [...NAMES, 'help', 'COMMAND']);
void run(() => webhook(process.argv.slice(2)));
