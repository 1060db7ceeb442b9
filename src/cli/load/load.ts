import type { Command } from 'commander';
import { openRecorder, type Recorder } from '../../history/store/recorder.ts';
import { guardTransport, makeHostRule, requireAllowed, type HostRule } from '../../flows/load/allowed-hosts.ts';
import { chooseLoad } from '../../flows/load/choose-load.ts';
import { judgeLoad } from '../../flows/load/judge-load.ts';
import { makePlanner } from '../../flows/load/load-sender.ts';
import { connectionsOf, startLoad, type LoadPlan } from '../../flows/load/run-load.ts';
import { openTarget, requireSecrets, secretsOf } from '../../flows/session/open-target.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Random } from '../../model/clock.ts';
import { AppError, withUnrecorded } from '../../model/error.ts';
import type { LoadReport } from '../../model/load-report.ts';
import { seededRandom, systemRandom } from '../../plan/ids.ts';
import { checkAckMode, checkStandardInput, checkUuid, flagForWord, readEventContent } from '../send/send-flags.ts';
import { renderAttempt } from '../send/render-sent.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { say, sayEffects, warn } from '../terminal/output.ts';
import { withApplication } from '../terminal/start-flags.ts';
import { showLive } from './live-line.ts';
import { addLoadFlags, arrivalOf, boundsOf, checkPaceFlags, type LoadFlags } from './load-flags.ts';
import { readLoadOutputs, writeLoadReport, type LoadOutputs } from './load-outputs.ts';
import { mergeLoadCommand } from './merge.ts';

/** `webhook load` */
export function loadCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'put load on an endpoint: many signed events, measured and recorded',
    daily: ['--url', '--to', '--event', '--rate', '--connections', '--expect'],
    insteadOfArguments: '--to NAME for a configured webhook, or --url URL for any endpoint',
    flagFor: flagForWord,
    examples: [
      [
        `${name} --url http://127.0.0.1:3000/hook --event optin=3,optout=1 --secret-env M2M_SECRET`,
        'ten connections, ten seconds: three opt-ins for each opt-out',
      ],
      [`${name} --to shop --rate 200 --duration 30s`, '200 per second for half a minute, however slow the answers are'],
      [
        `${name} --to shop --rate 10..500/60s --expect 'p99<500ms' --expect 'delivered>99.9%'`,
        'a ramp with limits: exits with 1 if one is exceeded',
      ],
      [`${name} --to shop --rate 100 --burst`, 'failed events are retried as the vendor does, an hour in a second'],
    ],
  });
  // Without it flags behind `merge` would be those of `load`, for both have --expect.
  return addLoadFlags(command).enablePositionalOptions().action(act(load)).addCommand(mergeLoadCommand());
}

async function load(flags: LoadFlags): Promise<ExitCode> {
  checkPaceFlags(flags);
  checkStandardInput(flags);
  checkUuid(flags);
  const outputs = await readLoadOutputs(flags);
  const environment = await openEnvironment(flags);
  const made = await makePlan(flags, environment);
  try {
    const { report, failure, unreachable } = await runPlan(made, flags, outputs, environment);
    const code = await writeLoadReport(report, outputs);
    if (failure !== null) throw failure;
    if (code === 3 && unreachable !== null)
      say([renderAttempt(unreachable), unreachable.hint && `  ${unreachable.hint}`].filter(Boolean).join('\n'));
    return code;
  } finally {
    await made.plan.target.close();
  }
}

interface MadeLoad {
  plan: LoadPlan;
  isAllowed: HostRule;
}

/** Everything that can be wrong is found before the first event is sent. Throws AppError. */
async function makePlan(flags: LoadFlags, environment: CommandEnvironment): Promise<MadeLoad> {
  const { target: chosen, mix } = await chooseLoad(flags, environment.config, environment.vendors);
  checkAckMode(flags, chosen);
  const arrival = arrivalOf(flags);
  const connections = connectionsOf(arrival);
  const target = await openTarget(chosen, { ...flags, connections }, environment);
  const isAllowed = makeHostRule(flags.allowHost, await target.transportOptions());
  requireAllowed(target.url, isAllowed);
  requireSecrets([target], flags.header);
  target.warnings.forEach(warn);
  const content = await readEventContent({ ...flags, rcpt: [] });
  const { ackMode, burst, timeScale = 3600 } = flags;
  const plan = {
    target,
    mix,
    content,
    ackMode,
    arrival,
    ...boundsOf(flags),
    burst: burst ? { timeScale } : null,
  };
  for (const one of mix) await makePlanner({ ...plan, mix: [one] }, environment)(0);
  return { plan, isAllowed };
}

/** A report, and why not everything of it is recorded. */
interface RecordedLoad {
  report: LoadReport;
  failure: unknown;
  unreachable: Attempt | null;
}

async function runPlan(
  { plan, isAllowed }: MadeLoad,
  flags: LoadFlags,
  outputs: LoadOutputs,
  environment: CommandEnvironment,
): Promise<RecordedLoad> {
  const { target } = plan;
  const failing = new AbortController();
  const recorder = await openRecording(environment, failing);
  let unreachable: Attempt | null = null;
  const run = async (): Promise<LoadReport> => {
    sayEffects(
      [target.url.host],
      plan.mix.map(({ name }) => name),
    );
    const signal = AbortSignal.any([interruptSignal(), failing.signal]);
    const transport = guardTransport(await target.transport(), isAllowed);
    const { recordClock, recordIds, clockOf, idsOf, newDeliveryId } = environment;
    const own = { recordClock, recordIds, clockOf, idsOf, newDeliveryId, recorder, transport, signal };
    const running = startLoad(plan, { ...own, random: randomOf(flags) });
    const endLive = showLive(running.progress);
    return running.ended.finally(() => {
      endLive();
      unreachable = running.unreachable();
    });
  };
  try {
    const report = await withApplication(flags, environment, {
      endpoints: [{ ...flags, url: target.url, transport: target.transport }],
      secrets: Object.values(secretsOf(target)).flat(),
      run,
      isGood: (ended) => judgeLoad(ended, outputs.expectations, outputs.allowed).verdict.outcome === 'yes',
      isAnswered: ({ statuses }) => Object.keys(statuses).length > 0,
    });
    const failure = failing.signal.aborted ? lossOf(failing.signal.reason, report) : null;
    return { report, failure, unreachable };
  } finally {
    await recorder?.close().catch(() => undefined);
  }
}

/** Opened before anything is sent: a history that cannot be written is told at once. */
async function openRecording(environment: CommandEnvironment, failing: AbortController): Promise<Recorder | null> {
  const file = environment.historyFile();
  return file === null ? null : openRecorder(file, { onFailure: (error) => failing.abort(error) });
}

/** Of the times at which events are due: with `--seed` the same in every run. */
const randomOf = ({ seed }: LoadFlags): Random =>
  seed === undefined ? systemRandom() : seededRandom(`${seed}/arrivals`);

const lossOf = (error: unknown, { counts }: LoadReport): unknown =>
  error instanceof AppError ? withUnrecorded(error, counts.unrecorded, 'attempt', 'made but not recorded') : error;
