import type { Command, Option } from 'commander';

/** What makes a command one of ours, beside what commander knows of it. */
export interface CommandSpec {
  /** A verb phrase: `list the configured webhooks`. */
  summary: string;
  /** What to type, and what it does: the first three are in the short help. */
  examples: readonly (readonly [line: string, effect: string])[];
  /** Long names of the flags of daily use, for the short help. Absent: all that are the command's own. */
  daily?: readonly string[];
  /** Topics of `webhook help` that tell more. Those of shared flags need not be named. */
  topics?: readonly string[];
  /** Of a command without arguments: the flags that say what people type as one. */
  insteadOfArguments?: string;
  /** Of such a command: the flag that such a word belongs to. Without it there is none to name. */
  flagFor?: (word: string) => string | null;
}

/** A command as the list of all of them has it. */
export interface CommandEntry {
  name: string;
  /** A verb phrase. */
  summary: string;
  /** Under which heading of the help it stands. */
  group: 'Send' | 'Receive' | 'Check' | 'Look back' | 'Set up';
  /** Loads the command's own file, and with it only what it uses. */
  load: () => Promise<(name: string) => Command>;
}

const specs = new WeakMap<Command, CommandSpec>();

export const keepSpec = (command: Command, spec: CommandSpec): void => void specs.set(command, spec);

const NO_SPEC: CommandSpec = { summary: '', examples: [] };

export const specOf = (command: Command): CommandSpec => specs.get(command) ?? NO_SPEC;

/** As it is typed: `webhook certs create`. */
export function nameOf(command: Command): string {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  return names.join(' ');
}

interface Shared {
  topic: string;
  description: string;
}

const shared = new WeakMap<Option, Shared>();

/** Flags that several commands have: the help of each only names those that `add` adds, and `topic` describes them. */
export function addShared(command: Command, topic: string, add: () => unknown): Command {
  const before = command.options.length;
  add();
  for (const option of command.options.slice(before)) shareFlag(option, topic);
  return command;
}

export function shareFlag(option: Option, topic: string): Option {
  shared.set(option, { topic, description: option.description });
  return option;
}

/** Null: it is the command's own, or has a description of its own there. */
export function topicOf(option: Option): string | null {
  const { topic, description } = shared.get(option) ?? {};
  return topic !== undefined && description === option.description ? topic : null;
}
