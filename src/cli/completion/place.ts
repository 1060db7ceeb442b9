/** What a place of a command line is completed with, beside its choices. */
export type PlaceKind = 'file' | 'dir' | 'webhook' | 'vendor' | 'event' | 'delivery' | 'variable';

/** What can stand in one place of a command line. */
export interface CompletionPlace {
  kinds: readonly PlaceKind[];
  choices: readonly string[];
  /** Several, with commas between them. */
  isList: boolean;
}

export interface CompletableFlag {
  /** As it can be typed: `-k`, `--insecure`. */
  names: readonly string[];
  text: string;
  /** It may be given again. */
  isRepeatable: boolean;
  /** Null: it takes nothing. */
  place: CompletionPlace | null;
}

/** All that completion has to know of a command, as the build keeps it beside the programs. */
export interface CompletableCommand {
  name: string;
  summary: string;
  flags: readonly CompletableFlag[];
  arguments: readonly CompletionPlace[];
  /** The last argument may stand there several times. */
  isVariadic: boolean;
  commands: readonly CompletableCommand[];
}
