import { setMaxListeners } from 'node:events';
import { compareWithBaseline, type Baseline } from '../../conform/baseline.ts';
import { concludeSuite } from '../../conform/conclude.ts';
import type { ConformanceCase, Setting, Severity } from '../../conform/conformance-case.ts';
import { listCases } from '../../conform/list-cases.ts';
import { selectCases, type CaseChoice } from '../../conform/select-cases.ts';
import type { Environment } from '../../model/environment.ts';
import type { AppError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import type { AckMode } from '../../model/vendor.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { countWelcomed, findingOf, takesGoodRequests, whyUnanswered } from './case-finding.ts';
import { reachEffects, type EffectsSource } from '../session/read-effects.ts';
import { makeKit } from './suite-kit.ts';
import { makeTestRecorder, type TestRecords } from './record-tests.ts';
import { openSuiteSender } from './suite-sender.ts';
import { tryCases, type SuiteRun } from './try-cases.ts';

export interface SuiteOptions extends CaseChoice {
  /** Who tells what was processed; null: the status is all there is. */
  effects: EffectsSource | null;
  /**
   * How long after its answer an event may still be processed, in milliseconds; default: of what is accepted three
   * seconds, of what is not one.
   */
  effectsWaitMs?: number;
  /** From which severity on a failing case is a failure, and not a warning. */
  severity: Severity;
  baseline: Baseline | null;
  ackMode?: AckMode;
  /** Where the requests are kept; without it nowhere. */
  records?: TestRecords;
  /** Milliseconds to wait for the endpoint to answer at all. */
  waitReadyMs?: number;
  /** Milliseconds for everything together. */
  maxTimeMs: number;
  /** The command line that runs one case again. */
  rerun: (id: string) => string;
}

/** When its signal aborts, what was tried is reported. */
export interface SuiteEnvironment extends Pick<Environment, 'clock' | 'ids' | 'signal'> {
  /** What is going on. */
  tell: (text: string) => void;
}

export interface SuiteResult {
  report: Report;
  /** Of the endpoint, to the end. */
  answered: boolean;
  /** Known failures that pass now. */
  fixed: readonly string[];
  /** Why not every request was kept; null when none was to be, or all were. */
  recordFailure: AppError | null;
  /** As found, before the baseline made warnings of known failures. */
  found: readonly Finding[];
}

/** All of it is waited at the end of a run, whatever comes. */
const FORGED_WAIT_MS = 1000;

/** The name under which a baseline knows the webhook. */
export const baselineKey = ({ name, vendor }: Pick<OpenTarget, 'name' | 'vendor'>): string => name ?? vendor.id;

/** Tries every case that is wanted on one endpoint and judges it. What was not tried any more is told as skipped. */
export async function runSuite(
  target: OpenTarget,
  options: SuiteOptions,
  environment: SuiteEnvironment,
): Promise<SuiteResult> {
  const [startedAt, beganAt] = [environment.clock.now(), performance.now()];
  const { vendor } = target;
  const cases = wantedCases(target, options);
  const limit = AbortSignal.timeout(Math.ceil(options.maxTimeMs));
  const signal = AbortSignal.any([environment.signal, limit]);
  // Every request under way listens.
  setMaxListeners(0, signal);
  const recorder = options.records === undefined ? null : makeTestRecorder(target, options.records);
  const sender = await openSuiteSender({
    vendor,
    url: target.url,
    transport: await target.transportOptions(),
    ackMode: options.ackMode,
    clock: environment.clock,
    ids: environment.ids,
    signal,
    record: recorder?.record,
  });
  try {
    const kit = makeKit({
      vendor,
      url: target.url,
      secret: target.signingSecret,
      clock: environment.clock,
      ids: environment.ids,
      ...(target.select === undefined ? {} : { select: target.select }),
    });
    const whyStopped = (): string =>
      environment.signal.aborted ? 'interrupted' : `not finished within --max-time (${options.maxTimeMs / 1000} s)`;
    const effects =
      options.effects === null
        ? null
        : await reachEffects(
            { ...options.effects, ...(options.effectsWaitMs === undefined ? {} : { waitMs: options.effectsWaitMs }) },
            target,
          );
    const tried = await tryCases(cases, {
      kit,
      sender,
      effects,
      effectsWaitMs: options.effectsWaitMs ?? FORGED_WAIT_MS,
      signal,
      whyStopped,
      tell: environment.tell,
      ...(options.waitReadyMs === undefined ? {} : { waitReadyMs: options.waitReadyMs }),
    });
    const run: SuiteRun = { ...tried, stopped: tried.stopped ?? whyUnanswered(tried.tried) };
    const found = cases.map((one) => findingOf(one, run, target, { ...options, isRecorded: recorder?.has }));
    const { findings, fixed: passing } = compareWithBaseline(
      found,
      options.baseline?.get(baselineKey(target)) ?? new Set(),
    );
    // By its status alone a forgery that is processed looks refused.
    const fixed =
      options.effects === null
        ? passing
        : passing.filter((id) => cases.some((one) => one.id === id && (run.effects.get(one.group) ?? null) !== null));
    const { text, isGood, refusesEverything } = concludeSuite(findings, {
      stopped: run.stopped,
      takesGoodRequests: takesGoodRequests(run.tried),
      known: found.filter(({ status }, index) => status === 'fail' && findings[index]?.status === 'warn').length,
      ...countWelcomed(found, run),
    });
    const report: Report = {
      command: 'test',
      target: target.shownUrl,
      facts: {
        vendor: vendor.id,
        webhook: target.name ?? null,
        verdictsRestOn: options.effects === null ? 'status' : 'effects',
        refusesEverything,
        stopped: run.stopped,
        fixed,
      },
      conclusion:
        options.effects === null && run.stopped === null
          ? `${text} (judged by status alone: --effects-url tells what was processed)`
          : text,
      isGood,
      findings,
      startedAt,
      durationMs: performance.now() - beganAt,
    };
    return {
      report,
      answered: run.stopped === null,
      fixed,
      recordFailure: recorder?.failure() ?? null,
      found,
    };
  } finally {
    await sender.close();
  }
}

/** The cases that apply to the target and are wanted. */
export function wantedCases(target: OpenTarget, choice: CaseChoice): ConformanceCase[] {
  return selectCases(listCases(settingOf(target)), choice);
}

export function settingOf({ vendor, url, curl, signingSecret }: OpenTarget): Setting {
  const prefix = vendor.signature.value?.secretPrefix;
  return {
    vendor,
    isSecure: url.protocol === 'https:',
    hasClientCertificate: (curl.cert ?? curl.key ?? curl.pfx) !== undefined,
    hasSecretPrefix: prefix !== undefined && signingSecret !== null && signingSecret.startsWith(prefix),
  };
}

/** Several results as one report: its parts stay what they are, and CI counts all of them together. */
export function joinReports(reports: readonly Report[]): Report {
  const failed = reports.filter(({ isGood }) => !isGood).length;
  return {
    command: 'test',
    target: `${reports.length} webhooks`,
    facts: {},
    conclusion:
      failed === 0
        ? `all ${reports.length} webhooks are good`
        : `${failed} of ${reports.length} webhooks ${failed === 1 ? 'is' : 'are'} not good`,
    isGood: failed === 0,
    findings: reports.flatMap(({ findings, facts, target }) =>
      findings.map((finding) => ({ ...finding, title: `${String(facts['webhook'] ?? target)}: ${finding.title}` })),
    ),
    startedAt: Math.min(...reports.map(({ startedAt }) => startedAt)),
    durationMs: reports.reduce((sum, { durationMs }) => sum + durationMs, 0),
    parts: reports,
  };
}
