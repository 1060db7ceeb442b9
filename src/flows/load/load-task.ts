import type { MessagePort } from 'node:worker_threads';
import type { TransportOptions } from '../../deliver/transport.ts';
import type { LoadPart } from '../../load/load-part.ts';
import type { LoadProgress, LoadSpan } from '../../load/load-tally.ts';
import type { Attempt } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import type { LoadReport } from '../../model/load-report.ts';
import type { LoadedTarget } from './load-sender.ts';
import type { LoadPlan, LoadStart } from './run-load.ts';

/**
 * One part of a run as plain data: what a sender thread gets, to make anew all that does not cross to it. Its secrets
 * cross in memory alone.
 */
export interface LoadTask {
  /** The arrival is the part's own. */
  plan: Omit<LoadPlan, 'target'>;
  part: LoadPart;
  target: Omit<LoadedTarget, 'url'> & { url: string };
  transport: TransportOptions;
  /** Hosts beyond this machine that may get load. */
  allowedHosts: readonly string[];
  /** Names of headers and parameters that are kept secret. */
  secretNames: readonly string[];
  sources: SourceSeeds;
  /** Where its records are stored; null keeps none. */
  records: MessagePort | null;
}

/** Where time and ids come from. */
export interface SourceSeeds {
  /** The same in all parts: each works out the whole timetable. */
  arrivalSeed: string;
  /** `--seed` */
  seed: string | undefined;
  /** `--now`, in milliseconds since the epoch. */
  now: number | undefined;
}

/** What the thread is told. */
export type TaskOrder = { kind: 'begin'; start: LoadStart } | { kind: 'stop'; reason: CrossingError };

/** What it tells. `failed` before its end: the others should stop as well. */
export type TaskMessage =
  | { kind: 'ready' }
  | { kind: 'progress'; progress: LoadProgress }
  | { kind: 'failed'; error: CrossingError }
  | TaskEnd;

/** What a part came to. */
export interface TaskEnd {
  kind: 'ended';
  /** Null: the thread was lost, and what it did with it. */
  report: LoadReport | null;
  span: LoadSpan | null;
  unreachable: Attempt | null;
}

export const NOTHING_KNOWN: TaskEnd = { kind: 'ended', report: null, span: null, unreachable: null };

/** An error between threads: of an AppError only the message would arrive. */
export type CrossingError =
  | Pick<Error, 'message' | 'stack'>
  | Pick<AppError, 'kind' | 'message' | 'hint' | 'withoutIt' | 'thenAgain'>;

export function packError(error: unknown): CrossingError {
  if (!(error instanceof AppError))
    return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) };
  const { kind, message, hint, withoutIt, thenAgain } = error;
  return { kind, message, hint, withoutIt, thenAgain };
}

export const unpackError = (packed: CrossingError): Error =>
  'kind' in packed ? new AppError(packed.kind, packed.message, packed) : Object.assign(new Error(), packed);
