import type { Command } from 'commander';

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
