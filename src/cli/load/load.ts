import type { Command } from 'commander';
import { makeHostRule, requireAllowed } from '../../flows/load/allowed-hosts.ts';
import { chooseLoad } from '../../flows/load/choose-load.ts';
import { makePlanner } from '../../flows/load/load-sender.ts';
import { connectionsOf } from '../../flows/load/run-load.ts';
import { openTarget, requireSecrets } from '../../flows/session/open-target.ts';
import { attemptsOf } from '../../load/shares.ts';
import { checkAckMode, checkStandardInput, checkUuid, flagForWord, readEventContent } from '../send/send-flags.ts';
import { renderAttempt } from '../send/render-sent.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import type { ExitCode } from '../terminal/exit.ts';
import { say, warn } from '../terminal/output.ts';
import { addLoadFlags, arrivalOf, boundsOf, checkPaceFlags, type LoadFlags } from './load-flags.ts';
import { readLoadOutputs, writeLoadReport } from './load-outputs.ts';
import { mergeLoadCommand } from './merge.ts';
import { runPlan, type OpenLoad } from './run-plan.ts';

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
    if (flags.enqueue) {
      const { enqueueLoad } = await import('./enqueue-load.ts');
      return await enqueueLoad(made, flags, environment);
    }
    const { report, failure, unreachable } = await runPlan(made, flags, outputs, environment);
    if (report === null || (failure !== null && attemptsOf(report) === 0)) throw failure;
    const code = await writeLoadReport(report, outputs);
    if (failure !== null) throw failure;
    if (code === 3 && unreachable !== null)
      say([renderAttempt(unreachable), unreachable.hint && `  ${unreachable.hint}`].filter(Boolean).join('\n'));
    return code;
  } finally {
    await made.target.close();
  }
}

/** Everything that can be wrong is found before the first event is sent. Throws AppError. */
async function makePlan(flags: LoadFlags, environment: CommandEnvironment): Promise<OpenLoad> {
  const { target: chosen, mix } = await chooseLoad(flags, environment.config, environment.vendors);
  checkAckMode(flags, chosen);
  const arrival = arrivalOf(flags);
  const connections = connectionsOf(arrival);
  const target = await openTarget(chosen, { ...flags, connections }, environment);
  requireAllowed(target.url, makeHostRule(flags.allowHost, await target.transportOptions()));
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
  return { plan, target };
}
