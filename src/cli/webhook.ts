import { AppError } from '../model/error.ts';
import { COMMANDS } from './commands.ts';
import { exitCodesText, type ExitCode } from './terminal/exit.ts';
import { answer } from './terminal/output.ts';
import { inOwnName, nameProgram, programName } from './terminal/program-name.ts';
import { VERSION_FLAGS, versionText } from './terminal/version.ts';
import { run } from './run.ts';

const NAMES = COMMANDS.map(({ name }) => name);
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
  if (first === undefined || HELP_FLAGS.includes(first)) return showHelp();
  if (first === 'help') return rest[0] === undefined ? showHelp() : webhook([...rest, '--help']);
  if (VERSION_FLAGS.includes(first)) return showVersion();
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
  const hint = `${programName()} --help lists the commands`;
  if (!given.startsWith('-'))
    return new AppError('usage', `there is no command ${given}`, { hint, unknown: { given, among: NAMES } });
  const [flag = ''] = given.split('=');
  const command = rest.find((word) => NAMES.includes(word));
  return new AppError(
    'usage',
    command === undefined ? `there is no flag ${flag} here` : `the flag ${flag} stands before the command`,
    {
      hint: command === undefined ? hint : `the command comes first: ${programName()} ${command} ${flag} …`,
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

function showHelp(): ExitCode {
  const width = Math.max(...NAMES.map((name) => name.length)) + 2;
  answer(
    inOwnName(`Examples:
  $ webhook demo
      see everything work, against a receiver of its own
  $ webhook send --event optin --url http://127.0.0.1:3000/hook --secret-env M2M_SECRET
      send a signed mail2many event and tell by the exit code what the endpoint said
  $ webhook events mailkite
      what MailKite sends, field by field

Usage: webhook <command> [flags]

Plays the e-mail vendor: sends its signed webhook events to your endpoint,
keeps every delivery, exports the history.

Commands:
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`).join('\n')}

  webhook <command> --help shows its flags with examples; --version the version.

${exitCodesText()}`),
  );
  return 0;
}

nameProgram(process.argv[1], NAMES);
void run(() => webhook(process.argv.slice(2)));
