import { Command, CommanderError, Option } from 'commander';
import { AppError, type AppErrorDetails } from '../../model/error.ts';
import type { CommandSpec } from './command-spec.ts';
import { exitCodesText, type ExitCode } from './exit.ts';
import { answer } from './output.ts';
import { inOwnName } from './program-name.ts';
import { textWidth } from './text.ts';
import { chooseColor, loadColors, type ColorWhen } from './color.ts';

/** What an action returns: an exit code, or nothing for 0. */
export type ActionResult = Promise<ExitCode | undefined>;

let exitCode: ExitCode = 0;
/** The command that an error of commander's is about: of several, the innermost. */
const refusedBy = new WeakMap<CommanderError, Command>();
const specOf = new WeakMap<Command, CommandSpec>();

/** A command as all of them are: examples first, exit codes last, mistakes as AppErrors. */
export function makeCommand(name: string, spec: CommandSpec): Command {
  const command: Command = new Command(name)
    .summary(spec.summary)
    .description(spec.summary)
    .helpOption('-h, --help', 'show this help')
    .addOption(
      new Option('--color <when>', 'colour: auto, always, never').choices(['auto', 'always', 'never']).default('auto'),
    )
    .addOption(new Option('--no-color', 'the same as --color never'))
    .on('option:color', (when: ColorWhen) => chooseColor(when))
    .on('option:no-color', () => chooseColor('never'))
    .hook('preAction', loadColors)
    .addHelpText('before', `${examplesText(spec)}\n`)
    .addHelpText('after', `\n${exitCodesText()}`)
    .exitOverride((error) => {
      refusedBy.set(error, command);
      throw error;
    })
    .configureHelp({ optionDescription: describeOption })
    .configureOutput({
      writeOut: (text) => answer(inOwnName(text)),
      outputError: () => undefined,
      writeErr: () => undefined,
      getOutHelpWidth: textWidth,
    });
  specOf.set(command, spec);
  return command;
}

/** As commander does it, but an empty list is not shown as a default, and nothing is said twice. */
function describeOption({ description, defaultValue, defaultValueDescription, argChoices }: Option): string {
  const notes = [
    ...(argChoices === undefined || argChoices.every((choice) => description.includes(choice))
      ? []
      : [argChoices.join(', ')]),
    ...(defaultValueDescription !== undefined || ['string', 'number'].includes(typeof defaultValue)
      ? [`default: ${defaultValueDescription ?? defaultValue}`]
      : []),
  ].filter((note) => !description.includes(note));
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

/** Wraps an action so that its returned code becomes the program's. */
export function act<Args extends unknown[]>(action: (...args: Args) => ActionResult): (...args: Args) => Promise<void> {
  return async (...args) => {
    exitCode = (await action(...args)) ?? 0;
  };
}

/** Parses `argv` (flags and arguments only), runs the action and gives its exit code. */
export async function runCommand(command: Command, argv: readonly string[]): Promise<ExitCode> {
  command.hook('preAction', () => refuseEmpty(argv));
  try {
    await command.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const refuser = refusedBy.get(error) ?? command;
    if (error.code === 'commander.excessArguments') {
      const { tooManyArguments } = await import('./too-many-arguments.ts');
      throw tooManyArguments(refuser, nameOf(refuser), specOf.get(refuser), helpHint(refuser), argv.some(isFlag));
    }
    const { hideGiven } = await import('./hide-given.ts');
    return endOfParsing(error, refuser, (message) => hideGiven(message, argv));
  }
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
    hint: 'a shell gives an empty text where a variable is not set: give a value, or leave it out',
  });
}

function endOfParsing(error: CommanderError, command: Command, hide: (message: string) => string): never {
  if (error.code === 'commander.help')
    throw new AppError('usage', 'a subcommand is needed', { hint: helpHint(command) });
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const nearest = rest
    .join(' ')
    .replace(/^\((.*)\)$/, (_, text: string) => text.charAt(0).toLowerCase() + text.slice(1));
  const unknown = unknownChoice(first, command);
  throw new AppError('usage', hide(first.replace(/\.$/, '')), {
    hint: [nearest, helpHint(command)].filter(Boolean).join('\n'),
    unknown: unknown ?? undefined,
  });
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

/** As it is typed: `webhook certs create`. */
function nameOf(command: Command): string {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  return names.join(' ');
}

function examplesText(spec: CommandSpec): string {
  const lines = spec.examples.map(([line, effect]) => `  ${line}\n      ${effect}`);
  return ['Examples:', ...lines].join('\n');
}
