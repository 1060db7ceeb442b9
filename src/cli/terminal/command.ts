import { Command, CommanderError } from 'commander';
import { AppError, type AppErrorDetails } from '../../model/error.ts';
import { addShared, type CommandSpec, keepSpec, nameOf } from './command-spec.ts';
import type { ExitCode } from './exit.ts';
import { answer } from './output.ts';
import { textWidth } from './text.ts';
import { loadColors } from './color.ts';
import { addColorFlags } from './flags.ts';
import { watchRepeatedFlags } from './repeated-flags.ts';

/** What an action returns: an exit code, or nothing for 0. */
export type ActionResult = Promise<ExitCode | undefined>;

let exitCode: ExitCode = 0;
/** The command that an error of commander's is about: of several, the innermost. */
const refusedBy = new WeakMap<CommanderError, Command>();

/** A command as all of them are: its help is ours, its mistakes are AppErrors. */
export function makeCommand(name: string, spec: CommandSpec): Command {
  const command: Command = new Command(name)
    .summary(spec.summary)
    .description(spec.summary)
    .helpOption('-h, --help', 'show the short or the full help')
    .hook('preAction', loadColors)
    .exitOverride((error) => {
      refusedBy.set(error, command);
      throw error;
    })
    .configureOutput({ outputError: () => undefined, writeErr: () => undefined, writeOut: answer });
  // What is to be shown is asked for when parsing has ended, so that nothing of it loads before.
  command.outputHelp = () => undefined;
  keepSpec(command, spec);
  return addShared(command, 'output', () => addColorFlags(command));
}

/** Wraps an action so that its returned code becomes the program's. */
export function act<Args extends unknown[]>(action: (...args: Args) => ActionResult): (...args: Args) => Promise<void> {
  return async (...args) => {
    exitCode = (await action(...args)) ?? 0;
  };
}

/** Parses `argv` (flags and arguments only), runs the action and gives its exit code. */
export async function runCommand(command: Command, argv: readonly string[]): Promise<ExitCode> {
  let acting = command;
  const noteRepeated = watchRepeatedFlags(command);
  command.hook('preAction', (_, action) => {
    acting = action;
    refuseEmpty(argv);
    refuseFlagAsValue(action, argv);
    noteRepeated();
  });
  try {
    await command.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw withFlag(error, acting);
    const refuser = refusedBy.get(error) ?? command;
    if (error.code === 'commander.version') return 0;
    if (error.exitCode === 0) return showHelp(refuser, argv);
    refuseFlagAsValue(refuser, argv);
    if (error.code === 'commander.excessArguments') {
      const { tooManyArguments } = await import('./too-many-arguments.ts');
      throw tooManyArguments(refuser, helpHint(refuser), argv.some(isFlag));
    }
    const { hideGiven } = await import('./hide-given.ts');
    return endOfParsing(error, refuser, (message) => hideGiven(message, argv));
  }
}

/** An error of something that the command can do without says how. */
function withFlag(error: unknown, command: Command): unknown {
  const { options } = command;
  // What is queued is in the history.
  if (command.getOptionValue('enqueue') === true) return error;
  if (!(error instanceof AppError) || !options.some(({ long }) => long === error.withoutIt)) return error;
  const { kind, message, hint, thenAgain, unknown } = error;
  const flagged = [hint, `${error.withoutIt} does without`].filter(Boolean).join('; ');
  return new AppError(kind, message, { hint: flagged, thenAgain, unknown, cause: error.cause });
}

async function showHelp(command: Command, argv: readonly string[]): Promise<ExitCode> {
  const { shortHelp, wholeHelp } = await import('./command-help.ts');
  const text = (argv.includes('-h') ? shortHelp : wholeHelp)(command, textWidth());
  command.configureOutput().writeOut?.(`${text}\n`);
  return 0;
}

/**
 * A shell gives an empty text where a variable is not set. Taken for a value it would be a filter that lets all
 * through, an address that means every one, or nothing at all. Throws AppError `usage`.
 */
function refuseEmpty(argv: readonly string[]): void {
  const at = argv.findIndex((word) => word === '' || /^--[a-z-]+=$/.test(word));
  if (at === -1) return;
  const before = argv[at - 1] ?? '';
  const what = argv[at] !== '' ? argv[at]?.slice(0, -1) : /^--?[a-z]/i.test(before) ? before : 'an argument';
  throw new AppError('usage', `${what} is empty`, {
    hint: 'the shell passes an empty text if a variable is not set: give a value, or leave it out',
  });
}

/**
 * commander takes the next word for the value of a flag, whatever it is: of `--secret-env --count 20` the name of a
 * variable, so that 20 stands alone and --count is lost. Throws AppError `usage`.
 */
function refuseFlagAsValue({ options }: Command, argv: readonly string[]): void {
  const names = new Set(options.flatMap(({ long, short }) => [long, short].filter((name) => name !== undefined)));
  const needy = options.filter(({ required }) => required);
  const flagAt = (at: number): string | undefined => argv[at]?.replace(/^(--[^=]+)=.*$/s, '$1');
  const at = argv.findIndex(
    (word, index) => names.has(flagAt(index + 1) ?? '') && needy.some((one) => one.long === word || one.short === word),
  );
  if (at === -1) return;
  const [flag, next] = [argv[at], flagAt(at + 1)];
  throw new AppError('usage', `${flag} needs a value, but the next word is the flag ${next}`, {
    hint: `if ${next} is the value: ${flag?.startsWith('--') ? `${flag}=${next}` : `${flag}${next}`}`,
  });
}

function endOfParsing(error: CommanderError, command: Command, hide: (message: string) => string): never {
  if (error.code === 'commander.help')
    throw new AppError('usage', `a subcommand is needed: ${subcommandsOf(command)}`, { hint: helpHint(command) });
  if (error.code === 'commander.missingArgument') throw missingArgument(command);
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const nearest = rest
    .join(' ')
    .replace(/^\((.*)\)$/, (_, text: string) => text.charAt(0).toLowerCase() + text.slice(1));
  const unknown = unknownChoice(first, command);
  throw new AppError('usage', inOwnWords(hide(first.replace(/\.$/, ''))), {
    hint: [nearest, helpHint(command)].filter(Boolean).join('\n'),
    unknown: unknown ?? undefined,
  });
}

/** `show, path or schema` */
function subcommandsOf({ commands }: Command): string {
  const names = commands.map((one) => one.name());
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function missingArgument(command: Command): AppError {
  const missing = command.registeredArguments[command.args.length];
  // Not what was given: it may be a URL with a password.
  const given = command.registeredArguments.slice(0, command.args.length).map((one) => `<${one.name()}>`);
  const after = given.length === 0 ? '' : ` after ${given.join(' ')}`;
  return new AppError('usage', `${nameOf(command)} needs <${missing?.name()}>${after}: ${missing?.description}`, {
    hint: helpHint(command),
  });
}

/** `--format xlsx: expected one of csv, json`, for the words of commander. */
function inOwnWords(message: string): string {
  return message
    .replace(/^option '(?:-\w, )?(\S+?)(?:[ =].*?)?' argument '(.*)' is invalid\. /s, '$1 $2: ')
    .replace(/^command-argument value '(.*)' is invalid for argument '(.*?)'\. /s, '<$2> $1: ')
    .replace(/(?<=: )Allowed choices are (?=[^:]*$)/, 'expected one of ');
}

/** commander suggests names of flags and commands, but not of what a flag takes. */
function unknownChoice(message: string, command: Command): NonNullable<AppErrorDetails['unknown']> | null {
  const [, flags, given] = /^option '(.*?)' argument '(.*)' is invalid\. Allowed choices/s.exec(message) ?? [];
  const among = command.options.find((option) => option.flags === flags)?.argChoices;
  return given === undefined || among === undefined ? null : { given, among };
}

function helpHint(command: Command): string {
  return `${nameOf(command)} --help shows every flag with examples`;
}

const isFlag = (word: string): boolean => word.length > 1 && word.startsWith('-');
