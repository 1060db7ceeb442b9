import { Command, type Option } from 'commander';
import type { TopicPart } from './topic.ts';

export const visibleFlags = (command: Command): Option[] => command.options.filter(({ hidden }) => !hidden);

/**
 * Whether it may be given several times, and each counts: its parser gets what came before (commander's own of choices
 * as well, which keeps one), or collects by itself and the text says so.
 */
export const isRepeatable = ({ argChoices, parseArg, description }: Option): boolean =>
  (argChoices === undefined && parseArg !== undefined && parseArg.length > 1) || /\brepeatable\b/.test(description);

/** Flags under the headings of their groups, in the order in which they came. */
export function groupFlags(flags: readonly Option[]): Map<string, Option[]> {
  const groups = new Map<string, Option[]>();
  for (const flag of flags) {
    const heading = flag.helpGroupHeading ?? 'Flags:';
    groups.set(heading, [...(groups.get(heading) ?? []), flag]);
  }
  return groups;
}

/** As commander does it, but an empty list is not shown as a default, and nothing is said twice. */
export function describeFlag({ description, defaultValue, defaultValueDescription, argChoices }: Option): string {
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

/** Shared flags for a topic, from the one place where they are written down. */
export function flagTerms(add: (command: Command) => unknown): TopicPart {
  const command = new Command();
  add(command);
  return { title: 'Flags:', terms: visibleFlags(command).map((flag) => [flag.flags, describeFlag(flag)] as const) };
}
