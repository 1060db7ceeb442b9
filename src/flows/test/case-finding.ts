import type { ConformanceCase, Severity } from '../../conform/conformance-case.ts';
import { forbidsEffect, judgeCase, statusOf, type Effects, type CaseVerdict } from '../../conform/judge-case.ts';
import type { Attempt } from '../../model/attempt.ts';
import type { Finding } from '../../model/finding.ts';
import type { OpenTarget } from '../session/open-target.ts';
import type { EffectsSource } from '../session/read-effects.ts';
import { reproduceCase } from './reproduce-case.ts';
import type { TriedCase } from './run-case.ts';
import type { SuiteRun } from './try-cases.ts';

export interface FindingOptions {
  severity: Severity;
  /** Who tells what was processed; null: nobody was asked to. */
  effects: EffectsSource | null;
  rerun: (id: string) => string;
  /** Whether an attempt was kept in the history. */
  isRecorded?: (attempt: Attempt) => boolean;
}

const NOT_KNOWN = 'what was processed could not be read';
/** What a case looks for is not what is wrong with a request that nobody answers. */
const SILENCE = {
  mistake: 'the handler waits for something that does not come, or dies before it answers',
  fix: "look into the endpoint's log for what it did with this request; let it answer whatever happens",
};

/** What is told of one case: tried or not. */
export function findingOf(one: ConformanceCase, run: SuiteRun, target: OpenTarget, options: FindingOptions): Finding {
  const { tried, stopped } = run;
  const done = tried.get(one.id);
  if (done === undefined)
    return {
      ...blank(one),
      status: 'skip',
      detail: `not tried: ${stopped ?? 'the endpoint was gone'}`,
      severity: one.severity,
      durationMs: 0,
    };
  const told = run.effects.get(one.group) ?? null;
  const judge = (effects: Effects): CaseVerdict => judgeCase(one, done.requests, done.attempts, effects, target.vendor);
  const verdict = told === null && options.effects !== null ? judgeUntold(judge, done) : judge(told);
  if (verdict.isGrave && !takesSamples(tried))
    return {
      ...blank(one),
      status: 'skip',
      detail: 'cannot be told: good requests fail without it, too',
      severity: one.severity,
      durationMs: done.durationMs,
    };
  const severity = verdict.isGrave ? 'must' : one.severity;
  const status =
    verdict.status === 'fail' && severity === 'should' && options.severity === 'must' ? 'warn' : verdict.status;
  const { detail, expected, observed } = verdict;
  const finding: Finding = { ...blank(one), status, detail, severity, durationMs: done.durationMs };
  if (status === 'pass' || status === 'skip') return finding;
  const restsOnEffects = told !== null && !isSeenByStatus(judge(null), verdict);
  return {
    ...finding,
    expected,
    observed,
    ...whatToDo(one, verdict, done, tried),
    reproduce: reproduceCase(done, verdict, target, {
      restsOnEffects,
      isSpent: !restsOnEffects && isSpent(done, verdict, told),
      effects: options.effects,
      rerun: options.rerun,
    }),
    deliveries: recordedDeliveries(done, verdict, options),
  };
}

/** The deliveries of a case that were kept, the one that its verdict rests on first; undefined where none was. */
function recordedDeliveries(
  { attempts }: TriedCase,
  { index }: CaseVerdict,
  { isRecorded }: FindingOptions,
): string[] | undefined {
  const decisive = attempts[index];
  const ordered = decisive === undefined ? attempts : [decisive, ...attempts.filter((one) => one !== decisive)];
  const kept = ordered.filter((attempt) => isRecorded?.(attempt)).map(({ deliveryId }) => deliveryId);
  return kept.length === 0 ? undefined : kept;
}

/** At least one good request was answered with success, in whatever form; or none was sent. */
export function takesGoodRequests(tried: SuiteRun['tried']): boolean {
  return isSomeTaken([...tried.values()].filter(({ one }) => one.group === 'accept'));
}

/** Whether something odd did harm shows only where requests as the vendor sends them were taken before it. */
function takesSamples(tried: SuiteRun['tried']): boolean {
  const samples = [...tried.values()].filter(({ one }) => one.isSample);
  return samples.length === 0 ? takesGoodRequests(tried) : isSomeTaken(samples);
}

function isSomeTaken(tried: readonly TriedCase[]): boolean {
  return tried.length === 0 || tried.some(({ attempts }) => attempts.some(({ outcome }) => outcome === 'delivered'));
}

/**
 * Why an endpoint counts as one that does not answer, although no case was left out for it; null when it answered
 * anything.
 */
export function whyUnanswered(tried: SuiteRun['tried']): string | null {
  const attempts = [...tried.values()].flatMap(answersWanted);
  const [first] = attempts;
  return first === undefined || attempts.some((attempt) => statusOf(attempt) !== null)
    ? null
    : `the endpoint does not answer: ${first.error ?? 'no answer'}`;
}

/**
 * How many cases were answered with success where they had to be refused, and whether one of those events was
 * processed.
 */
export function countWelcomed(
  findings: readonly Finding[],
  { tried, effects }: SuiteRun,
): { welcomed: number; processesRefused: boolean } {
  const told = effects.get('refuse') ?? null;
  // Without effects each of them is a failure.
  if (told === null) return { welcomed: 0, processesRefused: false };
  const warned = findings.flatMap(({ id, group, status }) =>
    group === 'refuse' && status === 'warn' ? (tried.get(id) ?? []) : [],
  );
  const welcomed = warned.filter(({ requests, attempts }) =>
    requests.some(({ expect }, index) => expect === 'refused' && is2xx(attempts[index])),
  );
  const processed = ({ expect, key }: TriedCase['requests'][number]): boolean =>
    expect === 'refused' && key !== null && told.has(key);
  return { welcomed: welcomed.length, processesRefused: warned.some(({ requests }) => requests.some(processed)) };
}

function is2xx(attempt: Attempt | undefined): boolean {
  const status = attempt === undefined ? null : statusOf(attempt);
  return status !== null && status >= 200 && status <= 299;
}

/** Of the requests that have a right to an answer. */
function answersWanted({ requests, attempts }: TriedCase): TriedCase['attempts'] {
  return attempts.filter((_, index) => requests[index]?.expect !== 'shut-out');
}

/**
 * Effects were asked for and not told: what fails whatever was processed fails, what passes does so by its status
 * alone.
 */
function judgeUntold(judge: (effects: Effects) => CaseVerdict, { requests }: TriedCase): CaseVerdict {
  const verdict = judge(null);
  if (verdict.status === 'pass') return { ...verdict, detail: `${verdict.detail} (by status alone: ${NOT_KNOWN})` };
  const asHoped = new Map(
    requests.flatMap(({ expect, key }) => (expect === 'accepted' && key !== null ? [[key, 1] as const] : [])),
  );
  if (verdict.status !== 'skip' && judge(asHoped).status === verdict.status) return verdict;
  return { ...verdict, status: 'skip', detail: `cannot be told by the status alone, and ${NOT_KNOWN}` };
}

function isSeenByStatus(byStatus: CaseVerdict, { index }: CaseVerdict): boolean {
  return (byStatus.status === 'fail' || byStatus.status === 'warn') && byStatus.index === index;
}

/** The event was processed, although its answer was wrong: who knows it by now may answer it otherwise. */
function isSpent({ requests }: TriedCase, { index }: CaseVerdict, told: Effects): boolean {
  const request = requests[index];
  return request !== undefined && !forbidsEffect(request) && request.key !== null && told?.has(request.key) === true;
}

function whatToDo(
  { group, mistake, fix }: ConformanceCase,
  { index }: CaseVerdict,
  { attempts }: TriedCase,
  tried: SuiteRun['tried'],
): Pick<Finding, 'mistake' | 'fix'> {
  const attempt = attempts[index];
  const isSilent = attempt !== undefined && statusOf(attempt) === null;
  return isSilent && (group === 'refuse' || whyUnanswered(tried) !== null) ? SILENCE : { mistake, fix: fix };
}

function blank({
  id,
  group,
  title,
  reference,
}: ConformanceCase): Omit<Finding, 'status' | 'detail' | 'severity' | 'durationMs'> {
  return {
    id,
    title,
    group,
    expected: null,
    observed: null,
    mistake: null,
    fix: null,
    serverFixes: [],
    reproduce: null,
    reference,
  };
}
