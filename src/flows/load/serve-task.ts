import type { MessagePort } from 'node:worker_threads';
import { openTransport } from '../../deliver/transport.ts';
import { openRecorderAt } from '../../history/store/recorder.ts';
import type { Random } from '../../model/clock.ts';
import { nameSecret } from '../../model/secret-name.ts';
import { guardTransport, makeHostRule } from './allowed-hosts.ts';
import type { LoadEnvironment } from './load-sender.ts';
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
import { startLoad, type LoadStart, type PartRun } from './run-load.ts';
import { warmUp } from './warm-up.ts';

/** Clocks, ids and chance of a run. */
export type LoadSources = Pick<LoadEnvironment, 'clockOf' | 'idsOf' | 'newDeliveryId' | 'recordClock' | 'recordIds'> & {
  random: Random;
};

const PROGRESS_EVERY_MS = 250;
/** So long after a bug nobody waits for attempts that it may have broken. */
const AFTER_BUG_MS = 3000;

/** What a sender thread does: makes what its part of the run needs, begins when it is told to, tells what it did. */
export async function serveTask(
  task: LoadTask,
  port: MessagePort,
  makeSources: (options: SourceSeeds) => LoadSources,
): Promise<void> {
  const tell = (message: TaskMessage): void => port.postMessage(message);
  try {
    tell(await runTask(task, port, tell, makeSources));
  } catch (error) {
    tell({ kind: 'failed', error: packError(error) });
    tell(NOTHING_KNOWN);
  }
  port.close();
}

async function runTask(
  task: LoadTask,
  port: MessagePort,
  tell: (message: TaskMessage) => void,
  makeSources: (options: SourceSeeds) => LoadSources,
): Promise<TaskEnd> {
  const stop = new AbortController();
  let failed: unknown = null;
  const fail = (error: unknown): void => {
    if (failed !== null) return;
    failed = error;
    tell({ kind: 'failed', error: packError(error) });
    stop.abort(error);
  };
  const afterBug = awaitBug(fail);
  task.secretNames.forEach(nameSecret);
  const recorder = task.records && openRecorderAt(task.records, { onFailure: fail });
  const transport = await openTransport(task.transport);
  const sources = makeSources(task.sources);
  const plan = { ...task.plan, target: { ...task.target, url: new URL(task.target.url) } };
  const beginning = awaitOrder(port, (reason) => stop.abort(reason));
  if (plan.arrival.kind !== 'closed') await warmUp(plan, { ...sources, signal: stop.signal });
  tell({ kind: 'ready' });
  const start = await beginning;
  const running = startLoad(plan, {
    ...sources,
    transport: guardTransport(transport, makeHostRule(task.allowedHosts, task.transport)),
    recorder,
    signal: stop.signal,
    part: task.part,
    start,
  });
  const timer = setInterval(() => tell({ kind: 'progress', progress: running.progress() }), PROGRESS_EVERY_MS);
  const end = await Promise.race([endOf(running, fail), afterBug]);
  clearInterval(timer);
  await Promise.all([transport.close(), recorder?.close().catch(fail)]);
  return end ?? endNow(running);
}

/** Resolves some time after a bug. */
function awaitBug(fail: (error: unknown) => void): Promise<void> {
  return new Promise((resolve) => {
    process.on('uncaughtException', (error) => {
      fail(error);
      setTimeout(resolve, AFTER_BUG_MS);
    });
  });
}

/** Waits for the order to begin; what comes later is the order to stop. */
function awaitOrder(port: MessagePort, stop: (reason: Error) => void): Promise<LoadStart> {
  return new Promise((resolve) => {
    port.on('message', (order: TaskOrder) => {
      if (order.kind === 'begin') resolve(order.start);
      else stop(unpackError(order.reason));
    });
  });
}

async function endOf(running: PartRun, fail: (error: unknown) => void): Promise<TaskEnd> {
  try {
    const report = await running.ended;
    return { ...endNow(running), report };
  } catch (error) {
    fail(error);
    return endNow(running);
  }
}

const endNow = (running: PartRun): TaskEnd => ({
  kind: 'ended',
  report: running.soFar(),
  span: running.span(),
  unreachable: running.unreachable(),
});
