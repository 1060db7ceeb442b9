import type { Command } from 'commander';

/** A command as the list of all of them has it. */
export interface CommandEntry {
  name: string;
  summary: string;
  /** Loads the command's own file, and with it only what it uses. */
  load: () => Promise<(name: string) => Command>;
}
