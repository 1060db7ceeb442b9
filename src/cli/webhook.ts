import packageJson from '../../package.json' with { type: 'json' };
import { AppError } from '../model/error.ts';
import { COMMANDS } from './commands.ts';
import { exitCodesText, type ExitCode } from './terminal/exit.ts';
import { answer } from './terminal/output.ts';
import { run } from './run.ts';

/**
 * Picks the command and loads its file alone. The list of commands is shown without commander: it would
 * cost a tenth of a start, and `webhook --help` needs nothing of it.
 */
async function webhook(argv: readonly string[]): Promise<ExitCode> {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h') return showHelp();
  if (first === 'help') return rest[0] === undefined ? showHelp() : webhook([rest[0], '--help']);
  if (first === '--version' || first === '-V') return showVersion();
  const entry = COMMANDS.find(({ name }) => name === first);
  if (entry === undefined) throw unknownCommand(first);
  const [{ runCommand }, makeIt] = await Promise.all([import('./terminal/command.ts'), entry.load()]);
  return runCommand(makeIt(`webhook ${first}`), rest);
}

function unknownCommand(given: string): AppError {
  const isFlag = given.startsWith('-');
  return new AppError(
    'usage',
    isFlag ? `a command must come before the flag ${given}` : `there is no command ${given}`,
    {
      hint: 'webhook --help lists the commands',
      ...(isFlag ? {} : { unknown: { given, among: COMMANDS.map(({ name }) => name) } }),
    },
  );
}

function showVersion(): ExitCode {
  answer(packageJson.version);
  return 0;
}

function showHelp(): ExitCode {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length)) + 2;
  answer(`Examples:
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

${exitCodesText()}`);
  return 0;
}

void run(() => webhook(process.argv.slice(2)));
