import { Command } from 'commander';
import { describeFlag, visibleFlags } from './describe-flag.ts';
import type { TopicPart } from './topic.ts';

/** Shared flags for a topic, from the one place where they are written down. */
export function flagTerms(add: (command: Command) => unknown): TopicPart {
  const command = new Command();
  add(command);
  return { title: 'Flags:', terms: visibleFlags(command).map((flag) => [flag.flags, describeFlag(flag)] as const) };
}
