import { plural } from './wording.ts';

/**
 * The one error that hookproof throws on purpose. `kind` decides the exit code (see `cli/terminal/exit.ts`),
 * `message` says what failed and on which thing, `hint` is what to type or look at next.
 */
export type AppErrorKind =
  | 'refused' //      answered "no"                                    → 1
  | 'usage' //        flags, arguments, names                          → 2
  | 'config' //       webhook.config.json                              → 2
  | 'unreachable' //  no answer: DNS, connection, TLS, timeout         → 3
  | 'history' //      history could not be read or written             → 4
  | 'input'; //       unreadable mail, JSON, certificate, capture      → 5

export interface AppErrorDetails {
  hint?: string;
  cause?: unknown;
  /** Once the hint was followed, the same command again is right: not so where its work is done. */
  thenAgain?: boolean;
  /** A flag that does without what failed: the terminal names it where the command has it. */
  withoutIt?: string;
  /** A name that was not found, and what it could have been: the terminal suggests the nearest. */
  unknown?: { given: string; among: readonly string[] };
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly kind: AppErrorKind;
  readonly hint: string | undefined;
  readonly thenAgain: boolean;
  readonly withoutIt: string | undefined;
  readonly unknown: AppErrorDetails['unknown'];

  constructor(kind: AppErrorKind, message: string, details: AppErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.hint = details.hint;
    this.thenAgain = details.thenAgain === true;
    this.withoutIt = details.withoutIt;
    this.unknown = details.unknown;
  }
}

/**
 * The failure of a history, and how much it lost. What was sent or answered is done, whether it is recorded or not:
 * nobody should do it again for its record.
 * @param done `made but not recorded`
 */
export function withUnrecorded(error: AppError, count: number, noun: string, done: string): AppError {
  const { kind, message, hint, withoutIt } = error;
  const lost = `${plural(count, noun)} ${count === 1 ? 'was' : 'were'} ${done}`;
  return count === 0 ? error : new AppError(kind, `${message}; ${lost}`, { hint, withoutIt, cause: error });
}
