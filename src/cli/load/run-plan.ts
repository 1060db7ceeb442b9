import { availableParallelism } from 'node:os';
import { guardTransport, makeHostRule } from '../../flows/load/allowed-hosts.ts';
import { judgeLoad } from '../../flows/load/judge-load.ts';
import { startLoad, type LoadPlan, type LoadRun } from '../../flows/load/run-load.ts';
import { warmUp } from '../../flows/load/warm-up.ts';
import { secretsOf, type OpenTarget } from '../../flows/session/open-target.ts';
import { openRecorder, type ThreadRecorder } from '../../history/store/recorder.ts';
import { chooseThreads } from '../../load/load-part.ts';
import type { Attempt } from '../../model/attempt.ts';
import { AppError, withUnrecorded } from '../../model/error.ts';
import type { LoadReport } from '../../model/load-report.ts';
import { makeIds, seededRandom, systemRandom } from '../../plan/ids.ts';
import type { CommandEnvironment } from '../terminal/environment.ts';
import { interruptSignal } from '../terminal/exit.ts';
import { sayEffects } from '../terminal/output.ts';
import { withApplication } from '../terminal/start-flags.ts';
import { showLive } from './live-line.ts';
import type { LoadFlags } from './load-flags.ts';
import type { LoadOutputs } from './load-outputs.ts';

/** A plan, and the target that it goes to. */
export interface OpenLoad {
  plan: LoadPlan;
  target: OpenTarget;
}

/** What a run came to. */
export interface LoadEnd {
  /** Null: nothing was done. */
  report: LoadReport | null;
  /** Why the run is not whole, or not recorded. */
  failure: unknown;
  unreachable: Attempt | null;
}

/** Sends what is planned, between the start and the end of the user's application where there is one. */
export async function runPlan(
  open: OpenLoad,
  flags: LoadFlags,
  outputs: LoadOutputs,
  environment: CommandEnvironment,
): Promise<LoadEnd> {
  const { plan, target } = open;
  const failing = new AbortController();
  const recorder = await openRecording(environment, failing);
  let unreachable: Attempt | null = null;
  const run = async (): Promise<LoadReport | null> => {
    sayEffects(
      [plan.target.url.host],
      plan.mix.map(({ name }) => name),
    );
    const signal = AbortSignal.any([interruptSignal(), failing.signal]);
    const running = await start(open, flags, { environment, recorder, signal });
    const ended = await untilEnd(running, failing);
    unreachable = running.unreachable();
    return ended;
  };
  try {
    const report = await withApplication(flags, environment, {
      endpoints: [{ ...flags, url: target.url, transport: target.transport }],
      secrets: Object.values(secretsOf(target)).flat(),
      run,
      isGood: (ended) =>
        ended !== null && judgeLoad(ended, outputs.expectations, outputs.allowed).verdict.outcome === 'yes',
      isAnswered: (ended) => ended !== null && Object.keys(ended.statuses).length > 0,
    });
    const failure = failing.signal.aborted ? lossOf(failing.signal.reason, report) : null;
    return { report, failure, unreachable };
  } finally {
    await recorder?.close().catch(() => undefined);
  }
}

/** Where it fails what was done until then is its report. */
async function untilEnd(running: LoadRun, failing: AbortController): Promise<LoadReport | null> {
  const endLive = showLive(running.progress);
  try {
    return await running.ended;
  } catch (error) {
    failing.abort(error);
    return running.soFar();
  } finally {
    endLive();
  }
}

interface Surroundings {
  environment: CommandEnvironment;
  recorder: ThreadRecorder | null;
  signal: AbortSignal;
}

/** In this thread, or in as many as help. */
async function start(open: OpenLoad, flags: LoadFlags, surroundings: Surroundings): Promise<LoadRun> {
  const { plan, target } = open;
  const { environment, recorder, signal } = surroundings;
  // Opened in any case: what is wrong with a certificate is told before a thread starts.
  const [transport, options] = [await target.transport(), await target.transportOptions()];
  const arrivalSeed = flags.seed === undefined ? makeIds(systemRandom()).token(32) : `${flags.seed}/arrivals`;
  const threads = flags.threads ?? chooseThreads(plan, availableParallelism(), recorder !== null);
  if (threads > 1) {
    const [{ startThreads }, { SENDER_THREAD_URL: threadUrl }] = await Promise.all([
      import('../../flows/load/load-threads.ts'),
      import('./sender-thread.ts'),
    ]);
    const { recordClock } = environment;
    const sources = { arrivalSeed, seed: flags.seed, now: flags.now };
    const shared = { transport: options, allowedHosts: flags.allowHost, sources, recorder, recordClock, signal };
    return startThreads(plan, { threads, threadUrl, ...shared });
  }
  const { recordClock, recordIds, clockOf, idsOf, newDeliveryId } = environment;
  const sources = { recordClock, recordIds, clockOf, idsOf, newDeliveryId };
  if (plan.arrival.kind !== 'closed') await warmUp(plan, { ...sources, signal });
  return startLoad(plan, {
    ...sources,
    recorder,
    signal,
    transport: guardTransport(transport, makeHostRule(flags.allowHost, options)),
    random: seededRandom(arrivalSeed),
  });
}

/** Opened before anything is sent: a history that cannot be written is told at once. */
async function openRecording(
  environment: CommandEnvironment,
  failing: AbortController,
): Promise<ThreadRecorder | null> {
  const file = environment.historyFile();
  return file === null ? null : openRecorder(file, { onFailure: (error) => failing.abort(error) });
}

/** Of a history that failed it says how much is missing there. */
function lossOf(error: unknown, report: LoadReport | null): unknown {
  if (!(error instanceof AppError) || error.kind !== 'history' || report === null) return error;
  return withUnrecorded(error, report.counts.unrecorded, 'attempt', 'made but not recorded');
}
