import { Worker } from 'node:worker_threads';
import type { TransportOptions } from '../../deliver/transport.ts';
import type { ThreadRecorder } from '../../history/store/recorder.ts';
import { shareArrival, splitLoad, type LoadPart } from '../../load/load-part.ts';
import { durationOf, judgeGenerator, type LoadProgress } from '../../load/load-tally.ts';
import { addCounts, joinReports } from '../../load/merge-reports.ts';
import { answersPerSecond } from '../../load/shares.ts';
import type { Attempt } from '../../model/attempt.ts';
import { stopwatchMs, type Clock } from '../../model/clock.ts';
import type { LoadReport } from '../../model/load-report.ts';
import { namedSecrets } from '../../model/secret-name.ts';
import {
  NOTHING_KNOWN,
  packError,
  unpackError,
  type LoadTask,
  type SourceSeeds,
  type TaskEnd,
  type TaskMessage,
  type TaskOrder,
} from './load-task.ts';
import { connectionsOf, type LoadPlan, type LoadRun } from './run-load.ts';

/** How the threads of a run are made, and what they share. */
export interface ThreadOptions {
  threads: number;
  /** The module that a thread starts with: it serves a LoadTask. */
  threadUrl: string;
  transport: TransportOptions;
  allowedHosts: readonly string[];
  sources: SourceSeeds;
  /** Each thread has its records stored by it, past this one. Null keeps none. */
  recorder: ThreadRecorder | null;
  recordClock: Clock;
  signal: AbortSignal;
}

/**
 * Sends a run with several threads, of which each has a part. This thread only listens. They begin together once all
 * are ready; when one fails the others stop, and what they did is in `soFar`.
 */
export function startThreads(plan: LoadPlan, options: ThreadOptions): LoadRun {
  const { signal, recordClock } = options;
  let failure: Error | null = null;
  let beganAt: number | null = null;
  let ends: readonly TaskEnd[] = [];
  const stop = (reason: unknown): void => tellAll({ kind: 'stop', reason: packError(reason) });
  const fail = (error: Error): void => {
    failure ??= error;
    stop(error);
  };
  const threads = splitLoad(options.threads).map((part) => openThread(taskFor(part, plan, options), options, fail));
  const tellAll = (order: TaskOrder): void => threads.forEach(({ tell }) => tell(order));
  const runAll = async (): Promise<LoadReport> => {
    const onAbort = (): void => stop(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    await Promise.all(threads.map(({ ready }) => ready));
    beganAt = stopwatchMs();
    tellAll({ kind: 'begin', start: { stopwatchMs: beganAt, epochMs: recordClock.now() } });
    ends = await Promise.all(threads.map(({ ended }) => ended));
    signal.removeEventListener('abort', onAbort);
    await Promise.all(threads.map(({ close }) => close()));
    const report = joinEnds(ends, plan);
    if (failure !== null || report === null) throw failure ?? new Error('no thread said what it did');
    return report;
  };
  return {
    progress: () => joinProgress(threads, beganAt === null ? 0 : stopwatchMs() - beganAt),
    unreachable: () => firstOf(ends.map(({ unreachable }) => unreachable)),
    soFar: () => joinEnds(ends, plan),
    ended: runAll(),
  };
}

/** Secrets are in it: it goes to the thread alone. */
function taskFor(part: LoadPart, { target, ...plan }: LoadPlan, options: ThreadOptions): LoadTask {
  const { url, shownUrl, webhookUuid, name, vendor, select, signingSecret, moreSecrets, timeoutMs } = target;
  const arrival = shareArrival(plan.arrival, part);
  return {
    plan: { ...plan, arrival },
    part,
    target: { url: url.href, shownUrl, webhookUuid, name, vendor, select, signingSecret, moreSecrets, timeoutMs },
    transport: { ...options.transport, connections: connectionsOf(arrival) },
    allowedHosts: options.allowedHosts,
    secretNames: namedSecrets(),
    sources: options.sources,
    records: options.recorder?.openPort() ?? null,
  };
}

interface SenderThread {
  /** It can begin, or never will. */
  ready: Promise<unknown>;
  ended: Promise<TaskEnd>;
  progress(): LoadProgress | null;
  tell(order: TaskOrder): void;
  close(): Promise<unknown>;
}

function openThread(task: LoadTask, { threadUrl }: ThreadOptions, fail: (error: Error) => void): SenderThread {
  const thread = new Worker(new URL(threadUrl), {
    workerData: { loadTask: task },
    transferList: task.records === null ? [] : [task.records],
  });
  let progress: LoadProgress | null = null;
  const ready = new Promise<void>((resolve) => {
    thread.on('message', ({ kind }: TaskMessage) => kind === 'ready' && resolve());
  });
  const ended = new Promise<TaskEnd>((resolve) => {
    let hasEnded = false;
    const end = (how: TaskEnd): void => {
      hasEnded = true;
      resolve(how);
    };
    const lose = (why: string): void => {
      if (hasEnded) return;
      fail(lost(why, progress));
      end(NOTHING_KNOWN);
    };
    thread.on('message', (message: TaskMessage) => {
      if (message.kind === 'progress') ({ progress } = message);
      if (message.kind === 'failed') fail(unpackError(message.error));
      if (message.kind === 'ended') end(message);
    });
    thread.on('error', (error) => lose(error instanceof Error ? error.message : String(error)));
    thread.on('exit', (code) => lose(`exit code ${code}`));
  });
  return {
    ready: Promise.race([ready, ended]),
    ended,
    progress: () => progress,
    tell: (order) => thread.postMessage(order, []),
    close: () => thread.terminate(),
  };
}

function lost(why: string, progress: LoadProgress | null): Error {
  const { started = 0, retries = 0 } = progress?.counts ?? {};
  return new Error(
    `a thread that sends events has ended by itself (${why}); the figures lack what it did: ` +
      `it had started ${started + retries} attempts when it was last heard of`,
  );
}

/** Null where nothing is known of any part. */
function joinEnds(ends: readonly TaskEnd[], { arrival }: LoadPlan): LoadReport | null {
  const parts = ends.flatMap(({ report, span }, index) =>
    report === null ? [] : [{ name: `thread ${index + 1}`, report, span }],
  );
  const [first, ...others] = parts;
  if (first === undefined) return null;
  const joined = joinReports(first, others);
  const durationMs = durationOf(parts.map(({ span }) => span));
  const judged = judgeGenerator(joined, joined.generator);
  // One thread that was late spoils the figures of all, where all together were not.
  const generator = judged.isValid ? joined.generator : judged;
  return { ...joined, arrival, durationMs, perSecond: answersPerSecond({ ...joined, durationMs }), generator };
}

function joinProgress(threads: readonly SenderThread[], elapsedMs: number): LoadProgress {
  const known = threads.map(({ progress }) => progress()).filter((progress) => progress !== null);
  const sum = (read: (progress: LoadProgress) => number): number => known.reduce((all, one) => all + read(one), 0);
  const p99s = known.flatMap(({ p99Ms }) => (p99Ms === null ? [] : [p99Ms]));
  return {
    elapsedMs,
    counts: addCounts(known.map(({ counts }) => counts)),
    inFlight: sum(({ inFlight }) => inFlight),
    waiting: sum(({ waiting }) => waiting),
    // The largest of theirs, which that of all cannot be above.
    p99Ms: p99s.length === 0 ? null : Math.max(...p99s),
  };
}

function firstOf(attempts: readonly (Attempt | null)[]): Attempt | null {
  return attempts.reduce(
    (first, one) => (first === null || (one !== null && one.startedAt < first.startedAt) ? one : first),
    null,
  );
}
