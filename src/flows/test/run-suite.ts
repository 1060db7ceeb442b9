import { setMaxListeners } from 'node:events';
import { compareWithBaseline, type Baseline } from '../../conform/baseline.ts';
import { concludeSuite } from '../../conform/conclude.ts';
import type { ConformanceCase, Severity } from '../../conform/conformance-case.ts';
import type { CaseChoice } from '../../conform/cases/list-cases.ts';
import type { Clock } from '../../model/clock.ts';
import type { Environment } from '../../model/environment.ts';
import type { Finding } from '../../model/finding.ts';
import type { Report } from '../../model/report.ts';
import type { AckMode } from '../../model/vendor.ts';
import { signatureOf } from '../../vendors/facts.ts';
import { withKeyAddress } from '../../vendors/key-address.ts';
import type { SuiteTarget } from './each-secret.ts';
import {
  acceptsGoodRequests,
  answersGoodRequests,
  countFailedByAnswer,
  countUnproved,
  countWelcomed,
  findingOf,
  whyUnanswered,
} from './case-finding.ts';
import { causesOf, withCauses } from './suite-causes.ts';
import { wantedCases } from './suite-choice.ts';
import { reachEffects, type EffectsSource } from '../session/read-effects.ts';
import { makeEventFactory } from './event-factory.ts';
import { readClaimedCertificate } from './claimed-certificate.ts';
import { serveCallbacks } from './serve-callbacks.ts';
import { serveForeignKey } from './serve-foreign-key.ts';
import { openSuiteSender, type RecordFailure, type SuiteSender, type TestRecords } from './suite-sender.ts';
import { tryCases, type SuiteRun } from './try-cases.ts';

export interface SuiteOptions extends CaseChoice {
  /** Where it is read what was processed; null: the status is all there is. */
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
  /** An origin on this machine that the endpoint takes for the vendor's: addresses that it is to call lie there. */
  callbacksAt?: string;
  /** Where the requests are kept; without it nowhere. */
  records?: TestRecords;
  /** Milliseconds to wait for the endpoint to answer at all. */
  waitReadyMs?: number;
  /** Milliseconds for everything together. */
  maxTimeMs: number;
  /** The command line that runs one case again. */
  rerun: (id: string) => string;
  /** It is the built-in receiver, which is gone after the run: a request alone would show nothing. */
  endsWithRun?: boolean;
}

/** When its signal aborts, what was tried is reported. */
export interface SuiteEnvironment extends Pick<Environment, 'clock' | 'ids' | 'signal'> {
  /** Shows what is being done. */
  showProgress: (text: string) => void;
}

export interface SuiteResult {
  report: Report;
  /** Of the endpoint, to the end. */
  answered: boolean;
  /** A case failed by an answer: that holds, although the endpoint may not have answered to the end. */
  hasFailed: boolean;
  /** Known failures that pass now. */
  fixed: readonly string[];
  /** Why not every request was kept; null when none was to be, or all were. */
  recordFailure: RecordFailure | null;
  /** As found, before the baseline made warnings of known failures. */
  found: readonly Finding[];
}

/** All of it is waited at the end of a run, whatever comes. */
const FORGED_WAIT_MS = 1000;

/** The name under which a baseline knows the webhook. */
export const baselineKey = ({
  name,
  vendor,
  ofSecret,
  isFurther,
}: Pick<SuiteTarget, 'name' | 'vendor' | 'ofSecret' | 'isFurther'>): string =>
  isFurther ? `${name ?? vendor.id} (${ofSecret})` : (name ?? vendor.id);

/** Tries every case that is wanted on one endpoint and judges it. What was not tried is reported as skipped. */
export async function runSuite(
  target: SuiteTarget,
  options: SuiteOptions,
  environment: SuiteEnvironment,
): Promise<SuiteResult> {
  const [startedAt, beganAt] = [environment.clock.now(), performance.now()];
  const cases = wantedCases(target, options);
  const limited = limitTime(environment, options.maxTimeMs);
  const sender = await openSuiteSender({
    target,
    transport: await target.transportOptions(),
    ackMode: options.ackMode,
    clock: limited.clock,
    ids: limited.ids,
    signal: limited.signal,
    records: options.records,
  });
  try {
    const run = await tryAll(cases, target, sender, options, limited);
    const found = cases.map((one) => findingOf(one, run, target, { ...options, isRecorded: sender.isRecorded }));
    const judged = judgeSuite(cases, found, run, target, options);
    return {
      report: { ...judged.report, startedAt, durationMs: performance.now() - beganAt },
      answered: run.stopped === null,
      hasFailed: judged.failedByAnswer > 0,
      fixed: judged.fixed,
      recordFailure: sender.recordFailure(),
      found,
    };
  } finally {
    await sender.close();
  }
}

/** Its signal aborts when the time is over, too. */
interface LimitedEnvironment extends SuiteEnvironment {
  whyStopped: () => string;
}

function limitTime(environment: SuiteEnvironment, maxTimeMs: number): LimitedEnvironment {
  const interrupted = environment.signal;
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(Math.ceil(maxTimeMs))]);
  // Every request under way listens.
  setMaxListeners(0, signal);
  const whyStopped = (): string =>
    interrupted.aborted ? 'interrupted' : `not finished within --max-time (${maxTimeMs / 1000} s)`;
  return { ...environment, signal, whyStopped };
}

async function tryAll(
  cases: readonly ConformanceCase[],
  target: SuiteTarget,
  sender: SuiteSender,
  { effects, effectsWaitMs, waitReadyMs, callbacksAt, endsWithRun = false }: SuiteOptions,
  { clock, ids, signal, whyStopped, showProgress }: LimitedEnvironment,
): Promise<SuiteRun> {
  const { vendor, url, signingSecret: secret, select } = target;
  const claimedCertificate = await readClaimedCertificate((await target.transportOptions()).tls);
  const reached = effects === null ? null : await reachEffects({ ...effects, waitMs: effectsWaitMs }, target);
  const foreignKey = await serveForeignKey(vendor, url, clock.now());
  const foreignKeyUrl = foreignKey?.origin ?? null;
  const calling = { at: callbacksAt ?? null, callsAtOnce: endsWithRun, ids };
  const callbacks = await serveCallbacks(vendor, url, await certificateOf(target, clock), calling);
  const { address: callback, keyUrl = null } = callbacks ?? {};
  const run = await tryCases(cases, {
    factory: makeEventFactory({
      vendor: keyUrl === null ? vendor : withKeyAddress(vendor, keyUrl),
      url,
      secret,
      select,
      clock,
      ids,
      claimedCertificate,
      foreignKeyUrl,
      callback,
    }),
    sender,
    effects: reached,
    effectsWaitMs: effectsWaitMs ?? FORGED_WAIT_MS,
    signal,
    whyStopped,
    waitReadyMs,
    showProgress,
  }).finally(() => Promise.all([foreignKey?.close(), callbacks?.close()]));
  return { ...run, stopped: run.stopped ?? whyUnanswered(run.tried) };
}

/** Of the key that signs, where receivers fetch one. */
async function certificateOf({ vendor, signingSecret }: SuiteTarget, clock: Clock): Promise<string | null> {
  if (signatureOf(vendor)?.keyUrl === undefined || signingSecret === null) return null;
  const { certifyKey } = await import('../vendor/make-vendor-key.ts');
  return certifyKey(signingSecret, clock.now());
}

/** What the findings come to, measured against the baseline: known failures are warnings, and some may be fixed. */
function judgeSuite(
  cases: readonly ConformanceCase[],
  found: readonly Finding[],
  run: SuiteRun,
  target: SuiteTarget,
  options: SuiteOptions,
): { report: Omit<Report, 'startedAt' | 'durationMs'>; fixed: string[]; failedByAnswer: number } {
  const { effects, baseline } = options;
  const causes = causesOf(cases, found, run, target, options);
  const known = baseline?.get(baselineKey(target)) ?? new Set<string>();
  const { findings, fixed: passing } = compareWithBaseline(withCauses(found, causes), known);
  // By its status alone a forgery that is processed looks refused.
  const isRead = (id: string): boolean =>
    cases.some((one) => one.id === id && (run.effects.get(one.group) ?? null) !== null);
  const fixed = effects === null ? passing : passing.filter(isRead);
  const failedByAnswer = countFailedByAnswer(findings, run, target, options);
  const { text, isGood, refusesEverything } = concludeSuite(findings, {
    stopped: run.stopped,
    failedBefore: failedByAnswer,
    acceptsGoodRequests: acceptsGoodRequests(run.tried),
    known: found.filter(({ status }, index) => status === 'fail' && findings[index]?.status === 'warn').length,
    answersGoodRequests: answersGoodRequests(run.tried),
    unproved: countUnproved(found, run),
    causes,
    ...countWelcomed(found, run),
  });
  const restsOnStatus = effects === null && run.stopped === null;
  const facts = {
    vendor: target.vendor.id,
    webhook: target.name ?? null,
    ...(target.ofSecret === undefined ? {} : { secret: target.ofSecret }),
    verdictsRestOn: effects === null ? 'status' : 'effects',
    refusesEverything,
    stopped: run.stopped,
    fixed,
  };
  const conclusion = restsOnStatus ? `${text} (judged by status alone; --effects-url shows what was processed)` : text;
  const report = { command: 'test', target: target.shownUrl, facts, conclusion, isGood, findings, causes };
  return { report, fixed, failedByAnswer };
}

/** Several results as one report: its parts stay what they are, and CI counts all of them together. */
export function joinReports(reports: readonly Report[]): Report {
  const failed = reports.filter(({ isGood }) => !isGood).length;
  const noun = reports.some(({ facts }) => facts['secret'] !== undefined) ? 'runs' : 'webhooks';
  return {
    command: 'test',
    target: `${reports.length} ${noun}`,
    facts: {},
    conclusion: failed === 0 ? `all ${reports.length} ${noun} passed` : `${failed} of ${reports.length} ${noun} failed`,
    isGood: failed === 0,
    findings: reports.flatMap((report) =>
      report.findings.map((finding) => ({
        ...finding,
        title: named(report, finding.title),
        cause: finding.cause ? named(report, finding.cause) : null,
      })),
    ),
    causes: reports.flatMap((report) =>
      (report.causes ?? []).map((cause) => ({
        ...cause,
        id: named(report, cause.id),
        title: named(report, cause.title),
      })),
    ),
    startedAt: Math.min(...reports.map(({ startedAt }) => startedAt)),
    durationMs: reports.reduce((sum, { durationMs }) => sum + durationMs, 0),
    parts: reports,
  };
}

/** Several webhooks may have the same case, and the same cause; and so may one webhook, with each of its secrets. */
function named({ facts, target }: Report, text: string): string {
  const [webhook, secret] = [facts['webhook'], facts['secret']];
  const name = typeof webhook === 'string' ? webhook : target;
  return `${typeof secret === 'string' && name !== target ? `${name} (${secret})` : name}: ${text}`;
}
