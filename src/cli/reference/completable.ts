import { FRAMEWORKS } from '../../code/write-receiver.ts';
import type { Command, Option } from 'commander';
import { CHECKS } from '../../certs/checks.ts';
import { GROUPS } from '../../conform/cases/list-cases.ts';
import { NO_BUG } from '../../flows/test/own-receiver.ts';
import { EXPORT_FIELDS } from '../../model/export-field.ts';
import { REPORTERS } from '../../report/reporters.ts';
import type { CompletableCommand, CompletableFlag, CompletionPlace, PlaceKind } from '../completion/place.ts';
import { isRepeatable, visibleFlags } from '../terminal/describe-flag.ts';
import { specOf } from '../terminal/command-spec.ts';

/** What the placeholder of a value says of it. */
const KINDS: Readonly<Record<string, readonly PlaceKind[]>> = {
  file: ['file'],
  files: ['file'],
  list: ['file'],
  capture: ['file'],
  dir: ['dir'],
  'name-or-uuid': ['webhook'],
  'id|file': ['vendor', 'file'],
  'file|id': ['delivery', 'file'],
  'name|uuid': ['webhook'],
  webhook: ['webhook'],
  'https-url|name': ['webhook'],
  vendor: ['vendor', 'file'],
  event: ['event'],
  delivery: ['delivery'],
};

/** What a flag says of its value, with its placeholder or without. */
const KINDS_OF_FLAGS: Readonly<Record<string, readonly PlaceKind[]>> = {
  '--vendor': ['vendor', 'file'],
  '--event': ['event'],
  '--events': ['event'],
  '--webhook': ['webhook'],
  '--to <name>': ['webhook'],
  '--uuid <name>': ['webhook'],
  '--delivery': ['delivery', 'file'],
  '--bug': ['bug'],
  '--against-bug': ['bug'],
};

/** Arguments are named for their reader alone. */
const KINDS_OF_ARGUMENTS: Readonly<Record<string, readonly PlaceKind[]>> = {
  name: ['webhook'],
  id: ['delivery'],
};

const LISTS = new Set(['--events', '--only', '--skip', '--fields']);

/** Choices that are checked further in, because they depend on more than the flag. */
function choicesOf(command: string, flag: string | undefined): readonly string[] {
  switch (flag) {
    case '--against-bug':
      return [NO_BUG];
    case '--for':
      return command.endsWith('receiver') ? FRAMEWORKS.map(({ id }) => id) : [];
    case '--fields':
      return EXPORT_FIELDS;
    case '--reporter':
      return REPORTERS.map(({ name }) => name);
    case '--only':
    case '--skip':
      return command.endsWith('verify-cert') ? Object.keys(CHECKS) : command.endsWith('test') ? GROUPS : [];
    default:
      return [];
  }
}

/** A command as completion needs it, with what is below it. */
export function completable(command: Command): CompletableCommand {
  return {
    name: command.name().split(' ').at(-1) ?? '',
    summary: specOf(command).summary,
    flags: [...visibleFlags(command).map((flag) => completableFlag(command.name(), flag)), HELP],
    arguments: command.registeredArguments.map((argument) => ({
      kinds: KINDS_OF_ARGUMENTS[argument.name()] ?? KINDS[argument.name()] ?? [],
      choices: argument.argChoices ?? [],
      isList: false,
    })),
    isVariadic: command.registeredArguments.at(-1)?.variadic === true,
    commands: command.commands.map(completable),
  };
}

const HELP: CompletableFlag = { names: ['-h', '--help'], text: 'show the help', isRepeatable: false, place: null };

function completableFlag(command: string, flag: Option): CompletableFlag {
  return {
    names: [flag.short, flag.long].filter((name) => name !== undefined && name !== null),
    text: flag.description,
    isRepeatable: isRepeatable(flag),
    place: placeOf(command, flag),
  };
}

/** verify-cert has checks of its own in their place. */
const kindsOfCases = (command: string, flag: string): readonly PlaceKind[] | null =>
  command.endsWith('test') && (flag === '--only' || flag === '--skip') ? ['case'] : null;

function placeOf(command: string, { flags, long, argChoices }: Option): CompletionPlace | null {
  const [, placeholder] = /[<[](.+)[\]>]$/.exec(flags) ?? [];
  if (placeholder === undefined) return null;
  const name = long ?? '';
  const kinds =
    kindsOfCases(command, name) ??
    KINDS_OF_FLAGS[name] ??
    KINDS_OF_FLAGS[flags] ??
    KINDS[placeholder] ??
    (name.endsWith('-env') ? ['variable'] : []);
  return { kinds, choices: argChoices ?? choicesOf(command, name), isList: LISTS.has(name) };
}
