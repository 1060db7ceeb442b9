import { InvalidArgumentError, Option, type Command } from 'commander';
import { runWorker } from '../../flows/queue/run-worker.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment } from '../terminal/environment.ts';
import { envFileFlag } from '../terminal/env-file.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { attemptCount, connectionCount, count } from '../terminal/flag-values.ts';
import { addStoreFlags, jsonFlag, type StoreFlags } from '../terminal/flags.ts';
import { say, warn } from '../terminal/output.ts';
import { plainLine } from '../terminal/text.ts';
import { rate } from '../load/load-flags.ts';
import { fileOf } from './queue.ts';
import { makeWorkerReporter } from './worker-reporter.ts';

interface WorkerFlags extends StoreFlags {
  concurrency: number;
  connections: number;
  rate?: number;
  circuit: number;
  timeScale: number;
  once?: boolean;
  untilEmpty?: boolean;
  json?: boolean;
}

/** How long an endpoint is spared at first. */
const PAUSE_MS = 30_000;

/** `webhook worker` */
export function workerCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'send what is queued, and retry as each vendor does, until stopped',
    topics: ['vendors'],
    examples: [
      [name, 'send what is due as it becomes due, until Ctrl-C'],
      [`${name} --once`, 'send what is due now, for cron'],
      [`${name} --until-empty --time-scale 3600`, 'an hour of the retry schedules in a second, until nothing waits'],
    ],
  })
    .optionsGroup('Worker:')
    .option('--concurrency <n>', 'requests at once (default: 16)', connectionCount, 16)
    .option('--connections <n>', 'requests at once to one webhook (default: 4)', connectionCount, 4)
    .option('--rate <rate>', 'requests per second to one webhook: 50, or 3000/m', steadyRate)
    .option(
      '--circuit <n>',
      'after this many failures in a row, spare the webhook for 30s or longer (default: 10; 0: never)',
      attemptCount,
      10,
    )
    .option('--time-scale <factor>', 'shorten all waits by this factor', count, 1)
    .option('--once', 'end when what is due now is sent')
    .addOption(new Option('--until-empty', 'end when nothing waits, except for held webhooks').conflicts('once'))
    .addOption(jsonFlag())
    .addOption(envFileFlag());
  return addStoreFlags(command).action(act(work));
}

function steadyRate(text: string): number {
  const profile = rate(text);
  if (profile.kind !== 'constant') throw new InvalidArgumentError('expected requests per second, such as 50 or 3000/m');
  return profile.perSecond;
}

async function work(flags: WorkerFlags): Promise<ExitCode> {
  const { concurrency, connections, circuit, timeScale } = flags;
  const environment = await openEnvironment(flags);
  const { loadWorkerQueue } = await import('../../history/store/open-queue.ts');
  const queue = await loadWorkerQueue(fileOf(environment), {
    once: flags.once === true,
    nowMs: environment.recordClock.now(),
    outage: { clock: environment.recordClock, signal: environment.signal, say: warn },
  });
  const report = makeWorkerReporter(flags.json === true);
  const until = flags.once ? 'once' : flags.untilEmpty ? 'empty' : 'stopped';
  const limits = {
    connections: Math.min(connections, concurrency),
    perSecond: flags.rate ?? null,
    failures: circuit,
    pauseMs: PAUSE_MS / timeScale,
  };
  try {
    if (until === 'stopped') say(`working on ${plainLine(queue.path)} until stopped`);
    await runWorker(queue, { concurrency, limits, timeScale, until }, environment, report);
    const left = await queue.counts(environment.recordClock.now());
    return report.end(left, until);
  } finally {
    await queue.close();
  }
}
