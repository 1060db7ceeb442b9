import { Option, type Command } from 'commander';
import { findWebhook } from '../../config/select-webhook.ts';
import { chooseTargets } from '../../flows/session/choose-targets.ts';
import { openTarget } from '../../flows/session/open-target.ts';
import { listTimetable, type Timetable } from '../../deliver/retry-ladder.ts';
import { makeEvent } from '../../flows/send/make-event.ts';
import { walkRetries } from '../../flows/send/walk-retries.ts';
import { AppError } from '../../model/error.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { Config, SecretOptions } from '../../model/webhook.ts';
import { findVendor, VENDORS } from '../../vendors/index.ts';
import { requireSecrets } from './check-send-flags.ts';
import { withEvidence } from '../../vendors/facts.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import {
  addNetworkFlags,
  addSecretFlags,
  addStoreFlags,
  type NetworkFlags,
  type StoreFlags,
  addEffectsFlags,
  effectsSourceOf,
  type EffectsFlags,
} from '../terminal/flags.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';
import { renderAttempt } from './render-sent.ts';
import { exactDuration, renderTimetable } from './render-timetable.ts';
import { addReporterFlags, readReporters, type Outputs, type ReporterFlags } from '../terminal/reporters.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { count, attemptCount, statusCode } from '../terminal/flag-values.ts';

interface RetriesFlags extends NetworkFlags, SecretOptions, StoreFlags, ReporterFlags, EffectsFlags {
  table?: boolean;
  vendor?: string;
  event?: string;
  url?: string;
  to?: string;
  uuid?: string;
  ackMode?: AckMode;
  timeScale?: number;
  failFirst: number;
  loseNext: number;
  failStatus: number;
}

const NOTES = `Without --table one event is sent to the endpoint as often as the vendor would send it, the waits between
shortened so that all of it takes some seconds; every attempt is signed when it is sent and kept in the
history. --fail-first answers for an endpoint that is down: those attempts go to a server of our own and
never reach yours. --lose-next lets attempts reach it and throws the answers away, as a broken connection
does: the vendor sends again what the endpoint has handled.`;

/** `webhook retries` */
export function retriesCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: "walk a vendor's retry ladder against an endpoint, on a compressed clock",
    examples: [
      ['webhook retries --table', 'when each vendor tries again, and what happens in the end'],
      [
        'webhook retries --vendor mailkit --url http://127.0.0.1:3000/hook --fail-first 3',
        'down for three attempts, then up: is the event taken?',
      ],
      [
        'webhook retries --to shop --fail-first 1 --lose-next 2 --effects-url http://127.0.0.1:3000/processed --reporter junit=retries.xml',
        'a configured webhook whose answers are lost: is the event processed once? In CI',
      ],
    ],
  })
    .option('--table', 'print the timetable and send nothing')
    .option('--vendor <id>', 'the vendor to play')
    .option('--event <name>', "the event to send (default: the vendor's first)")
    .optionsGroup('Where to:')
    .option('--url <url>', 'the endpoint')
    .option('--to <name|uuid>', 'a configured webhook')
    .option('--uuid <uuid>', 'the uuid an ad-hoc --url is kept under (default: made from vendor and URL)')
    .optionsGroup('Walk:')
    .option('--fail-first <n>', 'answer the first attempts for the endpoint, as if it were down', attemptCount, 0)
    .addOption(new Option('--fail-status <status>', 'with this status').argParser(statusCode).default(503))
    .option('--lose-next <n>', 'let the next attempts reach the endpoint and throw its answers away', attemptCount, 0)
    .option('--time-scale <factor>', 'this many times faster (default: all of it in about 3 s)', count)
    .addOption(
      new Option('--ack-mode <mode>', 'MailKite: what counts as taken').choices(['lenient', 'ack', 'control']),
    );
  addStoreFlags(addNetworkFlags(addSecretFlags(addEffectsFlags(command)))).option('--no-history', 'do not record');
  return addReporterFlags(command).addHelpText('after', `\n${NOTES}`).action(act(retries));
}

async function retries(flags: RetriesFlags): Promise<ExitCode> {
  if (flags.table) return showTable(flags);
  const outputs = await readReporters(flags);
  effectsSourceOf(flags);
  const environment = await openEnvironment(flags);
  return walk(flags, outputs, environment);
}

async function showTable({ vendor, json, url, to, reporter }: RetriesFlags): Promise<ExitCode> {
  const idle = Object.entries({ '--url': url, '--to': to, '--reporter': reporter[0] }).find(
    ([, value]) => value !== undefined,
  )?.[0];
  if (idle !== undefined)
    throw new AppError('usage', `--table sends nothing, so ${idle} has nothing to do`, {
      hint: `leave out --table or ${idle}`,
    });
  const tables = await Promise.all((vendor === undefined ? VENDORS : [findVendor(vendor)]).map(listTimetable));
  if (json) answerJson({ timetables: tables.map(tableDocument) });
  else answer(tables.map(renderTimetable).join('\n\n'));
  return 0;
}

function tableDocument({ vendor, steps, ends }: Timetable): Record<string, unknown> {
  const { delaysMs, deactivatesAfterMs } = vendor.retries;
  return {
    vendor: vendor.id,
    documentation: vendor.documentation,
    attempts: steps,
    delaysMs: withEvidence(vendor, delaysMs),
    timeoutMs: withEvidence(vendor, vendor.timeoutMs),
    ends,
    deactivatesAfterMs: deactivatesAfterMs === undefined ? null : withEvidence(vendor, deactivatesAfterMs),
  };
}

async function walk(flags: RetriesFlags, outputs: Outputs, environment: CommandEnvironment): Promise<ExitCode> {
  const [chosen] = chooseTargets({ ...flags, event: firstEvent(flags, environment.config) }, environment.config);
  if (chosen === undefined) throw new Error('one endpoint makes one target');
  if (flags.ackMode !== undefined && chosen.vendor.success.value.ackModes === undefined)
    throw new AppError('usage', `${chosen.vendor.id} knows no --ack-mode`);
  const target = await openTarget(chosen, flags, environment);
  requireSecrets([target], []);
  target.warnings.forEach(warn);
  const { select, event, url, webhookUuid, vendor, signingSecret } = target;
  const details = {
    event: event.name,
    url,
    webhookUuid,
    deliveryId: environment.newDeliveryId(),
    sample: { sample: 'full' as const },
    overrides: { set: [], add: [], remove: [] },
    headers: [],
    select,
  };
  const plan = await makeEvent(details, vendor, signingSecret, environment.clock, environment.recordIds);
  const history = await environment.openWriter();
  try {
    const post = {
      transport: await target.transport(),
      history,
      clock: environment.clock,
      recordClock: environment.recordClock,
      recordIds: environment.recordIds,
      signal: interruptSignal(),
    };
    const { report, sent, isEffectsLost } = await walkRetries(
      plan,
      target,
      {
        ...flags,
        timeScale: flags.timeScale ?? null,
        effects: effectsSourceOf(flags),
        describe: exactDuration,
        onAttempt: (attempt) => {
          if (outputs.document === null) say(renderAttempt(attempt));
        },
      },
      post,
    );
    await (await import('../terminal/reporters.ts')).writeReports(report, outputs);
    if (isEffectsLost) return 3;
    if (report.isGood) return 0;
    return sent.attempts.every(({ status }) => status === null) ? 3 : 1;
  } finally {
    await Promise.all([history?.close(), target.close()]);
  }
}

/** Any event will do: what is walked is the ladder. */
function firstEvent({ event, vendor, to }: RetriesFlags, { webhooks }: Config): string | undefined {
  if (event !== undefined) return event;
  if (to !== undefined) return findWebhook(webhooks, to).events[0];
  return vendor === undefined ? undefined : findVendor(vendor).events[0]?.name;
}
