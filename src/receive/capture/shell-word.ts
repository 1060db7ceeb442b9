import { AppError } from '../../model/error.ts';

/** A word of a command line as the program gets it. */
export interface ShellWord {
  /** `***` stands for what the shell would have put in. */
  bytes: Buffer;
  /** What the shell would have put in, and nobody runs one to know: `$TOKEN`, `$(…)`. */
  unknown: readonly string[];
  /** A part of it was quoted: it is a word even where it is empty, and no number of a redirection. */
  isQuoted: boolean;
}

export interface ShellOperator {
  operator: string;
  /** It stands right behind a word and right before another: `a&b`. */
  isTight: boolean;
}

export type ShellToken = ShellWord | ShellOperator;

/** The words and operators of some command lines, and what was seen in them that changes bytes; in plain words. */
export interface ShellText {
  tokens: ShellToken[];
  notes: string[];
}

/** More words than any command line has that somebody copied; each takes some hundred bytes of memory. */
export const MAX_TOKENS = 20_000;

export const isOperator = (token: ShellToken): token is ShellOperator => 'operator' in token;

export function unclosed(what: string): AppError {
  return new AppError('input', `the curl command has ${what} that is not closed`, {
    hint: 'copy the whole command; escape quotes within quotes as the shell requires',
  });
}

export function tooManyUnknown(): AppError {
  return new AppError('input', 'the curl command takes more than a thousand values from variables or programs', {
    hint: 'a body with $ or ` in it must be in single quotes',
  });
}

export function tooManyWords(): AppError {
  return new AppError('input', `the curl command has more than ${MAX_TOKENS} words`, {
    hint: 'put a body with spaces in quotes',
  });
}
