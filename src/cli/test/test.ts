import type { Command } from 'commander';
import type { Baseline } from '../../conform/baseline.ts';
import type { Target } from '../../flows/session/choose-targets.ts';
import { openTargets, type OpenTarget, requireSecrets } from '../../flows/session/open-target.ts';
import { callbackOriginOf } from '../../flows/session/callback-origin.ts';
import type { OwnReceiver } from '../../flows/test/own-receiver.ts';
import { eachSecret, type SuiteTarget } from '../../flows/test/each-secret.ts';
import { joinReports, runSuite, type SuiteOptions, type SuiteResult } from '../../flows/test/run-suite.ts';
import { chooseSuiteTargets, eventsOfCases, refuseStrayCases } from '../../flows/test/suite-choice.ts';
import type { EffectsSource } from '../../flows/session/read-effects.ts';
import type { HistoryWriter } from '../../history/history.ts';
import { AppError, withUnrecorded } from '../../model/error.ts';
import { effectsSourceOf } from '../terminal/flags.ts';
import { withApplication } from '../terminal/start-flags.ts';
import { act, makeCommand } from '../terminal/command.ts';
import type { CommandSpec } from '../terminal/command-spec.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import { note, say, sayEffects, warn } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { readReporters, writeReports, type Outputs } from '../terminal/reporters.ts';
import { wrapText } from '../terminal/text.ts';
import { keepBaseline, readBaseline, sayFixed } from './baseline.ts';
import { listCasesOf } from './case-list.ts';
import { addTestFlags, rerunLine, type TestFlags } from './test-flags.ts';
import { screenOf } from '../terminal/stdio.ts';

const SPEC: CommandSpec = {
  summary: 'check that an endpoint accepts what it should and rejects what it should',
  daily: ['--url', '--vendor', '--secret-env', '--only', '--list', '--effects-url', '--start', '--reporter'],
  topics: ['conformance'],
  examples: [
    ['webhook test', 'every configured webhook: the smoke test for CI'],
    [
      'webhook test --url http://127.0.0.1:3000/hook --vendor mail2many --secret-env M2M_SECRET',
      'an endpoint that is not configured',
    ],
    [
      'webhook test shop --effects-url http://127.0.0.1:3000/processed',
      'judge by what was processed, not only by the status',
    ],
    [
      'webhook test --against-bug reserialised-body --vendor mail2many',
      'what a failing report looks like, with the built-in receiver in place of yours',
    ],
    [
      "webhook test shop --start 'npm start' --reporter junit=hooks.xml --baseline known.json",
      'in CI: start the application, test it, stop it; known failures are warnings',
    ],
    [
      "webhook test shop --only refuse,'event-*' --skip two-headers-good-first",
      'some of the cases; --list shows them all',
    ],
  ],
};

/** `webhook test` */
export function testCommand(name: string): Command {
  return addTestFlags(makeCommand(name, SPEC)).action(act(test));
}

/** The built-in receiver processes an event before it answers. */
const OWN_EFFECTS_MS = 100;

async function test(names: string[], flags: TestFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  effectsSourceOf(flags);
  const environment = await openEnvironment(flags);
  const targets = await openTested(names, flags, environment);
  for (const pattern of await refuseStrayCases(targets, flags, environment.vendors))
    note(`--skip ${pattern} skips nothing: no such case applies here`);
  if (flags.list) {
    listCasesOf(targets, flags);
    return 0;
  }
  if (flags.againstBug === undefined) return testEach(targets.flatMap(eachSecret), flags, outputs, environment, null);
  const [target, ...others] = targets;
  if (target === undefined || others.length > 0) throw severalAgainst(flags.againstBug);
  const { openOwnReceiver } = await import('../../flows/test/own-receiver.ts');
  const { clock, signal } = environment;
  const options = { bug: flags.againstBug, callbackOrigin: callbackOriginOfFlags(flags), clock, signal };
  const own = await openOwnReceiver(target, options);
  try {
    return await testEach([own.target], flags, outputs, environment, own);
  } finally {
    await own.close();
  }
}

async function openTested(
  names: readonly string[],
  flags: TestFlags,
  environment: CommandEnvironment,
): Promise<OpenTarget[]> {
  const { maxTime: _, ...reach } = flags;
  const isLocal = flags.list === true || flags.againstBug !== undefined;
  const chosen = await chooseSuiteTargets({ ...flags, names, isLocal }, environment.config, environment.vendors);
  const targets = await openTargets(chosen, reach, environment).catch((error: unknown) => {
    // Nobody signs with it: where its variable is not set here, that is no reason to list nothing.
    if (!isLocal || !(error instanceof AppError) || error.kind !== 'config') throw error;
    return openTargets(chosen.map(withoutSecret), reach, environment);
  });
  if (!isLocal) requireSecrets(targets, []);
  return targets;
}

const withoutSecret = (target: Target): Target => ({ ...target, secret: undefined });

const severalAgainst = (bug: string): AppError =>
  new AppError('usage', '--against-bug needs one vendor', { hint: `give it: --against-bug ${bug} --vendor ID` });

async function testEach(
  targets: readonly SuiteTarget[],
  flags: TestFlags,
  outputs: Outputs,
  environment: CommandEnvironment,
  own: OwnReceiver | null,
): Promise<ExitCode> {
  const effects = own === null ? effectsSourceOf(flags) : { url: own.effectsUrl };
  for (const warning of new Set(targets.flatMap(({ warnings }) => warnings))) warn(warning);
  if (own === null) {
    const events = targets.flatMap((target) => eventsOfCases(target, flags));
    sayEffects(
      targets.map(({ url }) => url.host),
      events,
    );
  }
  const history = flags.record ? await environment.openWriter() : null;
  const results = await runAll(targets, flags, environment, { history, effects }).finally(() => history?.close());
  const [only, ...others] = results;
  if (only === undefined) throw new Error('no target');
  const report = others.length === 0 ? only.report : joinReports(results.map((one) => one.report));
  await writeReports(report, outputs);
  for (const result of results) if (result.fixed.length > 0) sayFixed(result, effects !== null);
  throwIfUnrecorded(results);
  if (flags.writeBaseline !== undefined) return keepBaseline(flags.writeBaseline, targets, results);
  if (results.some(({ answered }) => !answered)) return results.some(({ hasFailed }) => hasFailed) ? 1 : 3;
  if (own !== null) sayFound(own.findersOf(results.flatMap(({ found }) => found)), report.isGood, flags);
  return report.isGood ? 0 : 1;
}

function throwIfUnrecorded(results: readonly SuiteResult[]): void {
  const failures = results.flatMap(({ recordFailure }) => recordFailure ?? []);
  const [first] = failures;
  if (first === undefined) return;
  const unrecorded = failures.reduce((sum, one) => sum + one.unrecorded, 0);
  throw withUnrecorded(first.error, unrecorded, 'attempt', 'made but not recorded');
}

const FINDERS_AT_MOST = 4;

/** A run that passes although a bug was planted is no praise: so would an endpoint that has it. */
function sayFound(finders: readonly string[], isGood: boolean, { againstBug, severity, baseline }: TestFlags): void {
  if (finders.length === 0 || !isGood) return;
  const isWarning = baseline === undefined && severity === 'must';
  const how = isWarning ? 'as a warning' : 'as a known failure';
  const more = isWarning ? '; with --severity should it fails' : '';
  const rest = finders.length - FINDERS_AT_MOST;
  const shown = [...finders.slice(0, FINDERS_AT_MOST), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
  const verdict = `the bug ${againstBug} was found, ${how} (${shown})`;
  const text = `${verdict}: an endpoint of yours that has it passes, too${more}`;
  say(wrapText(text, '', screenOf(2)).join('\n'));
}

/** Where requests are kept, and where it is read what was processed. */
interface RunPlaces {
  history: HistoryWriter | null;
  effects: EffectsSource | null;
}

/** One webhook after the other: they may be the same server. */
async function runAll(
  targets: readonly SuiteTarget[],
  flags: TestFlags,
  environment: CommandEnvironment,
  { history, effects }: RunPlaces,
): Promise<SuiteResult[]> {
  const baseline = flags.baseline === undefined ? null : await readBaseline(flags.baseline);
  const progress = startProgress();
  const { clock, recordIds: ids } = environment;
  const testOne = (target: SuiteTarget): Promise<SuiteResult> => {
    const options = { ...suiteOptions(target, flags, baseline), effects, records: history ?? undefined };
    const which = targets.length === 1 ? '' : ` · ${target.name ?? target.shownUrl}`;
    const showProgress = (text: string): void => progress.show(`${text}${which}`);
    return runSuite(target, options, { clock, ids, signal: interruptSignal(), showProgress });
  };
  const testAll = async (): Promise<SuiteResult[]> => {
    const results: SuiteResult[] = [];
    for (const target of targets) results.push(await testOne(target));
    return results;
  };
  if (flags.start !== undefined) progress.show('starting your application');
  try {
    return await withApplication(flags, environment, {
      endpoints: targets.map((target) => ({ ...flags, url: target.url, transport: target.transport })),
      secrets: targets.map(({ signingSecret }) => signingSecret),
      run: testAll,
      isGood: (results) => results.every(({ report }) => report.isGood),
      isAnswered: (results) => results.every(({ answered }) => answered),
      waitsItself: true,
    });
  } finally {
    progress.clear();
    await Promise.all(targets.map((target) => target.close()));
  }
}

/** With a further secret: are its events accepted? */
const ACCEPTS: readonly string[] = ['event-full-*'];

function suiteOptions(
  target: SuiteTarget,
  flags: TestFlags,
  baseline: Baseline | null,
): Omit<SuiteOptions, 'effects' | 'records'> {
  const { only, skip, severity, maxTime, waitReady, effectsWait, ackMode, againstBug } = flags;
  return {
    only: target.isFurther && only.length === 0 ? ACCEPTS : only,
    skip,
    severity,
    baseline,
    maxTimeMs: maxTime,
    rerun: (id) => rerunLine(id, target, flags),
    waitReadyMs: waitReady,
    effectsWaitMs: effectsWait ?? (againstBug === undefined ? undefined : OWN_EFFECTS_MS),
    endsWithRun: againstBug !== undefined,
    ackMode,
    callbacksAt: callbackOriginOfFlags(flags),
  };
}

const callbackOriginOfFlags = ({ callbacksAt }: TestFlags): string | undefined =>
  callbacksAt === undefined ? undefined : callbackOriginOf(callbacksAt);
