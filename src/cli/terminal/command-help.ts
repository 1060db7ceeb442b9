import type { Command, Option } from 'commander';
import { nameOf, specOf, topicOf } from './command-spec.ts';
import { describeFlag, groupFlags, visibleFlags } from './describe-flag.ts';
import { layOutCommand, layOutTerms, type Term, termColumn, wrapWords } from './help-layout.ts';
import { programName } from './program-name.ts';

/** Of a command that does not name its own. */
const MOST_DAILY = 8;

/** `-h`: what is needed every day, on one screen. */
export function shortHelp(command: Command, width: number): string {
  const spec = specOf(command);
  const flags = visibleFlags(command);
  const daily = spec.daily
    ?.map((long) => flags.find((flag) => flag.long === long))
    .filter((flag) => flag !== undefined);
  const shown = daily ?? flags.filter((flag) => topicOf(flag) === null).slice(0, MOST_DAILY);
  const rest = shown.length === flags.length ? 'explains more' : 'shows every flag';
  return joinBlocks([
    headOf(command, width),
    examplesOf(command, width, 3),
    subcommandsOf(command, width),
    titled('Flags:', layOutTerms(shown.map(flagRow), width)),
    wrapWords(`${nameOf(command)} --help ${rest}; ${programName()} help lists commands and topics.`, width),
  ]);
}

/** `--help`: every flag; those that many commands have only by name, for topics describe them. */
export function wholeHelp(command: Command, width: number): string {
  return joinBlocks([
    headOf(command, width),
    examplesOf(command, width),
    subcommandsOf(command, width),
    titled(
      'Arguments:',
      layOutTerms(
        command.registeredArguments.map((argument) => [argument.name(), argument.description] as const),
        width,
      ),
    ),
    layOutGroups(command, width),
    titled(`More flags, described by ${programName()} help TOPIC:`, layOutTerms(sharedRows(command), width)),
    topicsLine(command, width),
  ]);
}

function headOf(command: Command, width: number): string[] {
  const { summary } = specOf(command);
  const usage = command.usage().replace('[options]', '[flags]');
  return [
    ...wrapWords(`Usage: ${nameOf(command)} ${usage}`, width),
    '',
    ...wrapWords(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`, width),
  ];
}

function examplesOf(command: Command, width: number, most?: number): string[] {
  const lines = specOf(command)
    .examples.slice(0, most)
    .flatMap(([line, effect]) => [...layOutCommand(line, width), ...wrapWords(effect, width, ' '.repeat(6))]);
  return titled('Examples:', lines);
}

function subcommandsOf(command: Command, width: number): string[] {
  const rows = command.commands.map((one) => [one.name(), specOf(one).summary] as const);
  return titled('Commands:', layOutTerms(rows, width));
}

function layOutGroups(command: Command, width: number): string[] {
  const own = visibleFlags(command).filter((flag) => topicOf(flag) === null);
  const groups = [...groupFlags(own)].map(([heading, flags]) => ({ heading, rows: flags.map(flagRow) }));
  const column = termColumn(groups.flatMap(({ rows }) => rows));
  return groups.flatMap(({ heading, rows }) => titled(heading, layOutTerms(rows, width, column)));
}

/** `connection  --cert <file>, --key <file>, …` */
function sharedRows(command: Command): Term[] {
  const flagsOf = new Map<string, string[]>();
  for (const flag of visibleFlags(command)) {
    const topic = topicOf(flag);
    if (topic !== null) flagsOf.set(topic, [...(flagsOf.get(topic) ?? []), unbroken(flag.flags)]);
  }
  return [...flagsOf].map(([topic, flags]) => [topic, flags.join(', ')] as const);
}

/** A flag is shown on one line with what it takes. */
const unbroken = (flags: string): string => flags.replaceAll(' ', '\u00a0');

function topicsLine(command: Command, width: number): string[] {
  const topics = [...new Set([...(specOf(command).topics ?? []), 'exit-codes'])];
  return wrapWords(`Read more: ${topics.map((topic) => unbroken(`${programName()} help ${topic}`)).join(', ')}`, width);
}

const flagRow = (flag: Option): Term => [flag.flags, describeFlag(flag)];

const titled = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [title, ...lines]);

const joinBlocks = (blocks: readonly (readonly string[])[]): string =>
  blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')
    .replaceAll('\u00a0', ' ');
