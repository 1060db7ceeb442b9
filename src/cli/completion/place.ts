import { readFileSync } from 'node:fs';

/** What a place of a command line is completed with, beside its choices. */
export type PlaceKind = 'file' | 'dir' | 'webhook' | 'vendor' | 'event' | 'delivery' | 'variable' | 'case' | 'bug';

/** What can stand in one place of a command line. */
export interface CompletionPlace {
  kinds: readonly PlaceKind[];
  choices: readonly string[];
  /** Several, with commas between them. */
  isList: boolean;
}

/** A case of the conformance suite or a bug of a receiver. */
export interface VendorName {
  name: string;
  text: string;
  /** The ids of the vendors that have it; null: every one. */
  of: readonly string[] | null;
}

/** The file in which the build keeps them: no command is called so. */
export const VENDOR_NAMES = 'vendor-names';

export type VendorNames = Record<'case' | 'bug', readonly VendorName[]>;

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

/** Of the files that the build keeps beside the programs; null where there is none of this name. */
export function readBuilt<Kept>(name: string): Kept | null {
  try {
    return JSON.parse(readFileSync(new URL(`../completion/${name}.json`, import.meta.url), 'utf8')) as Kept;
  } catch {
    return null;
  }
}
