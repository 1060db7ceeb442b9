import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { parseBaseline, writeBaseline, type Baseline } from '../../conform/baseline.ts';
import type { ConformanceCase, Severity } from '../../conform/conformance-case.ts';
import { findStray, GROUPS } from '../../conform/select-cases.ts';
import { urlForShell } from '../../deliver/curl-command.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { chooseSuiteTargets } from '../../flows/test/choose-suite-targets.ts';
import { openTargets, type OpenTarget } from '../../flows/session/open-target.ts';
import {
  baselineKey,
  joinReports,
  runSuite,
  wantedCases,
  type SuiteOptions,
  type SuiteResult,
} from '../../flows/test/run-suite.ts';
import type { HistoryWriter } from '../../history/history.ts';
import { AppError } from '../../model/error.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { SecretOptions } from '../../model/webhook.ts';
import { requireSecrets } from '../send/check-send-flags.ts';
import { act, makeCommand } from '../terminal/command.ts';
import { addEffectsFlags, effectsSourceOf, type EffectsFlags } from '../send/effects-flags.ts';
import { interruptSignal, type ExitCode } from '../terminal/exit.ts';
import {
  addNetworkFlags,
  addSecretFlags,
  collect,
  commaList,
  addStoreFlags,
  durationMs,
  type NetworkFlags,
  type StoreFlags,
} from '../terminal/flags.ts';
import { answer, answerJson, say, warn } from '../terminal/output.ts';
import { startProgress } from '../terminal/progress.ts';
import { renderCases } from './render-cases.ts';
import { addReporterFlags, readReporters, type ReporterFlags } from '../terminal/reporter-flags.ts';
import { writeReports } from '../terminal/reporters.ts';
import { openEnvironment, type CommandEnvironment } from '../terminal/environment.ts';

interface TestFlags extends NetworkFlags, SecretOptions, StoreFlags, ReporterFlags, EffectsFlags {
  url?: string;
  vendor?: string;
  events?: string[];
  select?: string[];
  ackMode?: AckMode;
  only: string[];
  skip: string[];
  severity: Severity;
  baseline?: string;
  writeBaseline?: string;
  waitReady?: number;
  maxTime: number;
  list?: boolean;
  record?: boolean;
}

const MAX_TIME_MS = 120_000;

const NOTES = `Sends real and forged events to the endpoint, some of them large: use one that may take test events.
Every event has an id of its own. Nothing is recorded in the history unless --record is given: then
webhook history show ID and webhook replay ID work on each request, replay sends it as it was, old
signature and all, and exports leave it out unless they are told --include-tests. What a case does to
the connection (no client certificate, Expect: 100-continue) is not replayed.

With --effects-url or --effects-cmd the verdicts rest on what was processed: accepted is processed once,
refused is not at all. --effects-url is read with the --cacert, -k, --resolve and --connect-to of the
endpoint; its client certificate, and credentials in its URL, go to its own origin alone. Ids are
those of the vendor (MailKite: id, self-hosted: uid, mail2many: X-Mail2Many-Event-Id); Mailkit has none,
so its EMAIL counts, and of Mail-Plus the header Message-ID.
Without them the status is all there is: a receiver that answers first and verifies later looks wrong,
one that refuses and processes all the same looks right.

--json is one document {schemaVersion, target, vendor, findings: [{id, group, severity, status, …}]};
of several webhooks {schemaVersion, results: [{target, vendor, findings}, …]}. Exit code 0 when no
case of severity must fails, 1 when one does, 3 when the endpoint did not answer, the effects could not
be read or the time was over (the report then tells what was tried until then).`;

/** `webhook test` */
export function testCommand(name: string): Command {
  const command = makeCommand(name, {
    summary: 'the conformance suite: what must be accepted, what must be refused',
    examples: [
      ['webhook test', 'every configured webhook: the smoke test for CI'],
      [
        'webhook test --url http://127.0.0.1:3000/hook --vendor mail2many --secret-env M2M_SECRET',
        'an endpoint that is not configured',
      ],
      [
        'webhook test shop --effects-url http://127.0.0.1:3000/processed',
        'judge by what was really processed, not by the status alone',
      ],
      [
        'webhook test shop --wait-ready 30s --reporter junit=hooks.xml --baseline known.json',
        'in CI: wait for the server, know what is known to fail',
      ],
      [
        "webhook test shop --only refuse,'event-*' --skip two-headers-good-first",
        'some of the cases; --list shows them all',
      ],
    ],
  })
    .argument('[name...]', 'configured webhooks, by name or uuid (default: all)')
    .optionsGroup('Where to:')
    .option('--url <url>', 'the endpoint; with one NAME its secret and vendor are used')
    .option('--vendor <id>', 'with --url: the vendor that calls it')
    .option(
      '--events <names>',
      'the events the endpoint is for, by comma (default: those of the configuration, else all)',
      commaList,
    )
    .option('--select <elements>', 'Mail-Plus data selection: only these elements, by comma', commaList)
    .addOption(
      new Option('--ack-mode <mode>', 'MailKite: what counts as taken').choices(['lenient', 'ack', 'control']),
    );
  addSecretFlags(command);
  addEffectsFlags(command)
    .optionsGroup('Cases:')
    .option(
      '--only <cases>',
      `these alone, by comma: ids, ids with *, or ${GROUPS.join(', ')} (repeatable)`,
      collectList,
      [],
    )
    .option('--skip <cases>', 'all but these (repeatable)', collectList, [])
    .option('--list', 'list the cases that would be tried, and send nothing')
    .addOption(
      new Option(
        '--severity <level>',
        'a failing case breaks the build from this severity on: should makes a failure of every warning of that kind',
      )
        .choices(['must', 'should'])
        .default('must'),
    )
    .option('--baseline <file>', 'known failures, told as warnings; what passes now is told')
    .option(
      '--write-baseline <file>',
      'write the failures of this run as the known ones, and exit as if there were none',
    )
    .optionsGroup('Time:')
    .option('--wait-ready <duration>', 'wait so long for the endpoint to answer at all', durationMs);
  addNetworkFlags(command).setOptionValueWithSource('maxTime', MAX_TIME_MS, 'default');
  const maxTime = command.options.find(({ long }) => long === '--max-time');
  if (maxTime !== undefined)
    maxTime.description = "for everything together (default: 2m); a single answer has the vendor's time-out";
  addStoreFlags(command).option('--record', 'keep every request in the history, marked as a test');
  return addReporterFlags(command).addHelpText('after', `\n${NOTES}`).action(act(test));
}

function collectList(value: string, previous: string[]): string[] {
  return commaList(value).reduce((all, one) => collect(one, all), previous);
}

async function test(names: string[], flags: TestFlags): Promise<ExitCode> {
  const outputs = await readReporters(flags);
  effectsSourceOf(flags);
  const environment = await openEnvironment(flags);
  const { maxTime: _, ...reach } = flags;
  const targets = await openTargets(chooseSuiteTargets({ ...flags, names }, environment.config), reach, environment);
  if (flags.list) return listThem(targets, flags);
  requireSecrets(targets, []);
  refuseStrayCases(targets, flags);
  for (const warning of new Set(targets.flatMap(({ warnings }) => warnings))) warn(warning);
  const history = flags.record ? await environment.openWriter() : null;
  const results = await runAll(targets, flags, environment, history).finally(() => history?.close());
  const [only, ...others] = results;
  if (only === undefined) throw new Error('no target');
  await writeReports(others.length === 0 ? only.report : joinReports(results.map(({ report }) => report)), outputs);
  for (const { fixed, report } of results) if (fixed.length > 0) say(fixedText(fixed, report.target, flags));
  const unrecorded = results.find(({ recordFailure }) => recordFailure !== null)?.recordFailure;
  if (unrecorded) throw unrecorded;
  if (flags.writeBaseline !== undefined) return keepBaseline(flags.writeBaseline, targets, results);
  if (results.some(({ answered }) => !answered)) return 3;
  return results.every(({ report }) => report.isGood) ? 0 : 1;
}

/**
 * A baseline does not tell on what it rests: what failed by its effects may pass by its status, and be as bad as it
 * was.
 */
function fixedText(fixed: readonly string[], target: string, flags: TestFlags): string {
  const which = `${fixed.join(', ')} of ${target}`;
  if (effectsSourceOf(flags) === null)
    return `known failures that pass by status alone: ${which}: if effects told of them, only effects tell whether they are fixed`;
  return `fixed: ${which}: --write-baseline takes them out of the known failures`;
}

/** One webhook after the other: they may be the same server. */
async function runAll(
  targets: readonly OpenTarget[],
  flags: TestFlags,
  environment: CommandEnvironment,
  history: HistoryWriter | null,
): Promise<SuiteResult[]> {
  const baseline = flags.baseline === undefined ? null : await readBaseline(flags.baseline);
  const progress = startProgress();
  const results: SuiteResult[] = [];
  try {
    for (const target of targets) {
      const options = { ...suiteOptions(target, flags, baseline), records: history ?? undefined };
      const tell = (text: string): void => progress.show(`${target.name ?? target.shownUrl}: ${text}`);
      results.push(
        await runSuite(target, options, {
          clock: environment.clock,
          ids: environment.recordIds,
          signal: interruptSignal(),
          tell,
        }),
      );
    }
  } finally {
    progress.clear();
    await Promise.all(targets.map((target) => target.close()));
  }
  return results;
}

function suiteOptions(target: OpenTarget, flags: TestFlags, baseline: Baseline | null): SuiteOptions {
  const { only, skip, severity, maxTime, waitReady, effectsWait, ackMode } = flags;
  return {
    only,
    skip,
    severity,
    baseline,
    maxTimeMs: maxTime,
    effects: effectsSourceOf(flags),
    rerun: (id) => rerunLine(id, target, flags),
    ...(waitReady === undefined ? {} : { waitReadyMs: waitReady }),
    ...(effectsWait === undefined ? {} : { effectsWaitMs: effectsWait }),
    ...(ackMode === undefined ? {} : { ackMode }),
  };
}

/** The command line of one case; secrets by the names of their places alone. */
function rerunLine(id: string, { name, vendor, url }: OpenTarget, flags: TestFlags): string {
  const {
    secretEnv,
    secretFile,
    secret,
    cert,
    key,
    pfx,
    cacert,
    insecure,
    passphraseEnv,
    passphraseFile,
    effectsUrl,
    effectsCmd,
    effectsWait,
    config,
    resolve,
    connectTo,
    events,
    select,
    ackMode,
  } = flags;
  const place = ['--url', urlForShell(url, 'hookproof')];
  const where =
    name === undefined
      ? [...place, '--vendor', vendor.id]
      : [quoteForShell(name), ...(flags.url === undefined ? [] : place)];
  const values = {
    '--secret-env': secretEnv ?? (secret === undefined ? undefined : 'WEBHOOK_SECRET'),
    '--secret-file': secretFile,
    '--cert': cert,
    '--key': key,
    '--pfx': pfx,
    '--passphrase-env': passphraseEnv,
    '--passphrase-file': passphraseFile,
    '--cacert': cacert,
    '--config': config,
    '--events': events?.join(','),
    '--select': select?.join(','),
    '--ack-mode': ackMode,
    '--effects-wait': effectsWait === undefined ? undefined : `${effectsWait}ms`,
    '--only': id,
  };
  const rest = Object.entries(values).flatMap(([flag, value]) =>
    value === undefined ? [] : [flag, quoteForShell(value)],
  );
  const rules = [
    ...resolve.flatMap((rule) => ['--resolve', quoteForShell(rule)]),
    ...connectTo.flatMap((rule) => ['--connect-to', quoteForShell(rule)]),
  ];
  // A command of the user's may hold a token: it is not repeated.
  const effects = [
    ...(effectsUrl === undefined ? [] : ['--effects-url', urlForShell(effectsUrl, 'hookproof', 'EFFECTS')]),
    ...(effectsCmd === undefined ? [] : ["--effects-cmd '…'"]),
  ];
  return ['webhook test', ...where, ...rest, ...rules, ...(insecure ? ['-k'] : []), ...effects].join(' ');
}

function refuseStrayCases(targets: readonly OpenTarget[], choice: { only: string[]; skip: string[] }): void {
  const cases = allCases(targets);
  const stray = findStray(cases, choice);
  if (stray === undefined) return;
  throw new AppError('usage', `there is no case "${stray}" here`, {
    hint: 'webhook test --list shows the cases that apply',
    unknown: { given: stray, among: [...new Set(cases.map(({ id }) => id)), ...GROUPS] },
  });
}

function allCases(targets: readonly OpenTarget[]): ConformanceCase[] {
  return targets.flatMap((target) => wantedCases(target, { only: [], skip: [] }));
}

function listThem(targets: readonly OpenTarget[], flags: TestFlags): ExitCode {
  refuseStrayCases(targets, flags);
  const lists = targets.map((target) => ({
    target: target.shownUrl,
    vendor: target.vendor.id,
    cases: wantedCases(target, flags),
  }));
  if (flags.json) {
    const [only, ...others] = lists.map((list) => ({
      ...list,
      cases: list.cases.map(({ id, group, severity, title, mistake, fix, reference }) => ({
        id,
        group,
        severity,
        title,
        mistake,
        fix,
        reference,
      })),
    }));
    answerJson(others.length === 0 && only !== undefined ? only : { results: [only, ...others] });
  } else answer(lists.map(({ target, cases }) => `${target}\n${renderCases(cases)}`).join('\n\n'));
  return 0;
}

async function readBaseline(path: string): Promise<Baseline> {
  try {
    return parseBaseline(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('input', `the baseline ${path} cannot be read: ${(cause as Error).message}`, {
      hint: '--write-baseline FILE makes one',
      cause,
    });
  }
}

async function keepBaseline(
  path: string,
  targets: readonly OpenTarget[],
  results: readonly SuiteResult[],
): Promise<ExitCode> {
  if (results.some(({ answered }) => !answered)) {
    warn(`the baseline ${path} is not written: not every case was tried`);
    return 3;
  }
  const { writeReportFile } = await import('../terminal/whole-file.ts');
  await writeReportFile(
    path,
    writeBaseline(
      results.map(({ found }, index) => ({ webhook: baselineKey(targets[index] as OpenTarget), findings: found })),
    ),
  );
  say(`the known failures are in ${path}`);
  return 0;
}
