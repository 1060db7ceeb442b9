import type { Command } from 'commander';
import { type CommandEntry, nameOf, specOf } from '../terminal/command-spec.ts';
import { describeFlag, groupFlags, visibleFlags } from '../terminal/describe-flag.ts';
import { PURPOSE } from '../terminal/overview.ts';
import type { TopicPart } from '../terminal/topic.ts';
import { pageHead, paragraph, roffText, section, subsection, term } from './roff.ts';

/** `webhook send`: `webhook-send`, as pages are named. */
export const pageName = (command: Command): string => nameOf(command).replaceAll(' ', '-');

/** The page of one command with all that is below it. */
export function commandPage(command: Command, version: string): string {
  const name = pageName(command);
  const { summary, examples } = specOf(command);
  return lines([
    pageHead(name, version),
    section('Name'),
    nameLine(name, summary),
    section('Synopsis'),
    paragraph(usageOf(command)),
    section('Description'),
    paragraph(sentence(summary)),
    ...examplesOf(examples),
    ...command.commands.flatMap((below) => [
      section(nameOf(below)),
      paragraph(usageOf(below)),
      paragraph(sentence(specOf(below).summary)),
      ...examplesOf(specOf(below).examples),
      ...argumentsOf(below),
      ...flagsOf(below),
    ]),
    ...(command.commands.length > 0 ? [section('Flags')] : []),
    ...argumentsOf(command),
    ...flagsOf(command),
    section('Exit status'),
    paragraph('See EXIT-CODES in webhook(1).'),
    section('See also'),
    paragraph('webhook(1)'),
  ]);
}

/** The page of the program, under one of its names: its commands, and every topic of its help. */
export function programPage(
  name: string,
  commands: readonly CommandEntry[],
  topics: readonly { name: string; parts: readonly TopicPart[] }[],
  version: string,
): string {
  return lines([
    pageHead(name, version),
    section('Name'),
    nameLine(name, 'play the vendor of webhooks, and test their receivers'),
    section('Synopsis'),
    paragraph(`${name} <command> [flags]`),
    section('Description'),
    paragraph(PURPOSE),
    paragraph('webhook and hookproof are two names for one program.'),
    section('Commands'),
    ...commands.map((command) => term(`webhook-${command.name}(1)`, command.summary)),
    ...topics.flatMap((topic) => [section(topic.name), ...topic.parts.flatMap(partOf)]),
  ]);
}

const partOf = (part: TopicPart): string[] =>
  typeof part === 'string'
    ? [paragraph(part)]
    : [
        ...(part.title === undefined ? [] : [paragraph(part.title)]),
        ...part.terms.map(([name, text]) => term(name, text)),
      ];

/** What apropos(1) reads. */
const nameLine = (name: string, summary: string): string => `${roffText(name)} \\- ${roffText(summary)}`;

const usageOf = (command: Command): string => `${nameOf(command)} ${command.usage().replace('[options]', '[flags]')}`;

const sentence = (summary: string): string => `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`;

const examplesOf = (examples: readonly (readonly [line: string, effect: string])[]): string[] =>
  examples.length === 0 ? [] : [subsection('Examples'), ...examples.map(([line, effect]) => term(line, effect))];

const argumentsOf = (command: Command): string[] =>
  command.registeredArguments.map((argument) => term(argument.name(), argument.description));

const flagsOf = (command: Command): string[] =>
  [...groupFlags(visibleFlags(command))].flatMap(([heading, flags]) => [
    subsection(heading.replace(/:$/, '')),
    ...flags.map((flag) => term(flag.flags, describeFlag(flag))),
  ]);

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
