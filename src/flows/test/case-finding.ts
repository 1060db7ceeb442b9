import type { ConformanceCase, SentRequest, Severity } from '../../conform/conformance-case.ts';
import { isRateLimited, isSuccess, statusOf, type CaseVerdict, type Effects } from '../../conform/case-verdict.ts';
import { assumptionsOf } from '../../conform/severity.ts';
import { isGood } from '../../conform/causes/judged-case.ts';
import { successRule } from '../../vendors/decisive-facts.ts';
import { forbidsEffect, judgeCase } from '../../conform/judge-case.ts';
import type { Attempt } from '../../model/attempt.ts';
import { makeFinding, type Finding } from '../../model/finding.ts';
import type { OpenTarget } from '../session/open-target.ts';
import type { EffectsSource } from '../session/read-effects.ts';
import { reproduceCase } from './reproduce-case.ts';
import type { TriedCase, SuiteRun } from './try-cases.ts';

export interface FindingOptions {
  severity: Severity;
  /** Where it is read what was processed; null: nowhere. */
  effects: EffectsSource | null;
  rerun: (id: string) => string;
  /** The endpoint is gone after the run. */
  endsWithRun?: boolean;
  /** Whether an attempt was kept in the history. */
  isRecorded?: (attempt: Attempt) => boolean;
}

const NOT_KNOWN = 'what was processed could not be read';
/** What a case looks for is not what is wrong with a request that nobody answers. */
const SILENCE = {
  mistake: 'the handler waits for something that never comes, or dies before it answers',
  fix: "check the endpoint's log for this request, and make the handler answer in every case",
};
/** Nor is it what is wrong where the endpoint fails before it refuses. */
const CRASH = 'the handler fails with an error instead of refusing it';
const AFTER_CRASH = "check the endpoint's log for the error; then  ";

/** How one case was judged that was tried. */
export function verdictOf(
  { one, requests, attempts }: TriedCase,
  run: SuiteRun,
  { vendor }: OpenTarget,
  { effects: source }: Pick<FindingOptions, 'effects'>,
): CaseVerdict {
  const effects = run.effects.get(one.group) ?? null;
  const judge = (known: Effects): CaseVerdict => judgeCase(one, requests, attempts, known, vendor);
  return effects === null && source !== null ? judgeUnread(judge, requests) : judge(effects);
}

/** The good requests of all that must be accepted, with their answers. */
const goodOf = ({ tried }: SuiteRun): SentRequest[] =>
  [...tried.values()]
    .filter(({ one }) => one.group === 'accept')
    .flatMap(({ one, requests, attempts }) =>
      requests.flatMap((request, index) => {
        const attempt = attempts[index];
        return attempt === undefined || !isGood({ request }) ? [] : [{ of: one.id, request, attempt }];
      }),
    );

/** Of a case that judges what the others have sent. */
function findingOfRun(
  one: ConformanceCase,
  judge: NonNullable<ConformanceCase['ofRun']>,
  run: SuiteRun,
  { vendor }: OpenTarget,
  options: FindingOptions,
): Finding {
  const sent = goodOf(run);
  const { status, detail, expected, observed, index } = judge(sent, vendor);
  const isLenient = status === 'fail' && one.severity === 'should' && options.severity === 'must';
  const conclusion = { ...blank(one), status: isLenient ? 'warn' : status, detail, severity: one.severity } as const;
  if (status === 'pass' || status === 'skip') return makeFinding(one, { ...conclusion, durationMs: 0 });
  const { mistake, fix } = one;
  const reproduce = options.rerun(sent[index]?.of ?? one.id);
  return makeFinding(one, { ...conclusion, expected, observed, mistake, fix, reproduce, durationMs: 0 });
}

/** What one case came to, tried or not. */
export function findingOf(one: ConformanceCase, run: SuiteRun, target: OpenTarget, options: FindingOptions): Finding {
  const done = run.tried.get(one.id);
  if (done === undefined) return skipped(one, `not tried: ${run.stopped ?? 'the endpoint was gone'}`, 0);
  if (one.ofRun !== undefined) return findingOfRun(one, one.ofRun, run, target, options);
  const effects = run.effects.get(one.group) ?? null;
  const verdict = verdictOf(done, run, target, options);
  if (verdict.isGrave && !acceptsSamples(run.tried))
    return skipped(one, 'inconclusive: valid requests fail even without it', done.durationMs);
  const ofAnswer = assumptionsOfAnswer(verdict, done, target);
  const severity = ofAnswer.length > 0 ? 'should' : verdict.isGrave ? 'must' : one.severity;
  const isLenient = verdict.status === 'fail' && severity === 'should' && options.severity === 'must';
  const conclusion = {
    ...blank(one),
    assumptions: [...one.assumptions, ...ofAnswer],
    status: isLenient ? 'warn' : verdict.status,
    detail: verdict.detail,
    severity,
    durationMs: done.durationMs,
  };
  if (conclusion.status === 'pass' || conclusion.status === 'skip') return makeFinding(one, conclusion);
  const byStatus = judgeCase(one, done.requests, done.attempts, null, target.vendor);
  const restsOnEffects = effects !== null && !isSeenByStatus(byStatus, verdict);
  const isSpent = !restsOnEffects && wasProcessed(done, verdict, effects);
  return makeFinding(one, {
    ...conclusion,
    expected: verdict.expected,
    observed: verdict.observed,
    ...whatToDo(one, verdict, done, run.tried),
    reproduce: options.endsWithRun
      ? options.rerun(one.id)
      : reproduceCase(done, verdict, target, { ...options, restsOnEffects, isSpent }),
    deliveries: recordedDeliveries(done, verdict, options),
  });
}

/** A 2xx to a good request that the vendor does not count as success fails by the success rule alone. */
function assumptionsOfAnswer(
  { status, index }: CaseVerdict,
  { one, attempts }: TriedCase,
  { vendor }: OpenTarget,
): string[] {
  const attempt = attempts[index];
  return one.group === 'accept' && status === 'fail' && attempt?.outcome === 'refused' && is2xx(attempt)
    ? assumptionsOf({ restsOn: [successRule] }, vendor)
    : [];
}

/** Every finding of the suite has these keys, whatever it came to. */
const blank = ({
  group,
  assumptions,
}: ConformanceCase): Pick<Finding, 'group' | 'assumptions' | 'mistake' | 'reproduce' | 'cause'> => ({
  group,
  assumptions,
  mistake: null,
  reproduce: null,
  cause: null,
});

function skipped(one: ConformanceCase, detail: string, durationMs: number): Finding {
  return makeFinding(one, { ...blank(one), status: 'skip', detail, severity: one.severity, durationMs });
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
export function acceptsGoodRequests(tried: SuiteRun['tried']): boolean {
  return isSomeAccepted([...tried.values()].filter((each) => each.one.group === 'accept' && !isUnsure(each)));
}

/** Its question had to be refused where the endpoint does not take our host for the vendor's. */
const isUnsure = ({ requests }: TriedCase): boolean =>
  requests.every(({ callback }) => callback !== undefined && !callback.isTrusted && !callback.isCalled());

/** The endpoint did answer a good request with a 2xx, whatever the vendor makes of it. */
export function answersGoodRequests(tried: SuiteRun['tried']): boolean {
  return [...tried.values()].some(({ one, attempts }) => one.group === 'accept' && attempts.some(is2xx));
}

/** Whether something odd did harm shows only where requests as the vendor sends them were accepted before it. */
function acceptsSamples(tried: SuiteRun['tried']): boolean {
  const samples = [...tried.values()].filter(({ one }) => one.isSample);
  return samples.length === 0 ? acceptsGoodRequests(tried) : isSomeAccepted(samples);
}

function isSomeAccepted(tried: readonly TriedCase[]): boolean {
  return tried.length === 0 || tried.some(({ attempts }) => attempts.some(isSuccess));
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
  const observed = effects.get('refuse') ?? null;
  // Without effects each of them is a failure.
  if (observed === null) return { welcomed: 0, processesRefused: false };
  const warned = findings.flatMap(({ id, group, status }) =>
    group === 'refuse' && status === 'warn' ? (tried.get(id) ?? []) : [],
  );
  const welcomed = warned.filter(({ requests, attempts }) =>
    requests.some(({ expect }, index) => expect === 'refused' && is2xx(attempts[index])),
  );
  const processed = ({ expect, key }: TriedCase['requests'][number]): boolean =>
    expect === 'refused' && key !== null && observed.has(key);
  return { welcomed: welcomed.length, processesRefused: warned.some(({ requests }) => requests.some(processed)) };
}

/** How many cases failed by the answer they rest on, and not for want of one. */
export function countFailedByAnswer(
  findings: readonly Finding[],
  run: SuiteRun,
  target: OpenTarget,
  options: Pick<FindingOptions, 'effects'>,
): number {
  return findings.filter(({ id, status }) => {
    const done = run.tried.get(id);
    if (status !== 'fail' || done === undefined) return false;
    if (done.one.ofRun !== undefined) return true;
    const decisive = done.attempts[verdictOf(done, run, target, options).index];
    return decisive !== undefined && statusOf(decisive) !== null;
  }).length;
}

/** How many cases of severity must were turned away by a limit on the rate of requests alone. */
export function countUnproved(findings: readonly Finding[], { tried }: SuiteRun): number {
  return findings.filter(
    ({ id, severity, status }) =>
      severity === 'must' && status === 'warn' && tried.get(id)?.attempts.some(isRateLimited) === true,
  ).length;
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
 * Effects were asked for and could not be read: what fails whatever was processed fails, what passes does so by its
 * status alone.
 */
function judgeUnread(judge: (effects: Effects) => CaseVerdict, requests: TriedCase['requests']): CaseVerdict {
  const verdict = judge(null);
  if (verdict.status === 'pass') return { ...verdict, detail: `${verdict.detail} (by status alone: ${NOT_KNOWN})` };
  const asHoped = new Map(
    requests.flatMap(({ expect, key }) => (expect === 'accepted' && key !== null ? [[key, 1] as const] : [])),
  );
  if (verdict.status !== 'skip' && judge(asHoped).status === verdict.status) return verdict;
  return { ...verdict, status: 'skip', detail: `inconclusive by status alone, and ${NOT_KNOWN}` };
}

function isSeenByStatus(byStatus: CaseVerdict, { index }: CaseVerdict): boolean {
  return (byStatus.status === 'fail' || byStatus.status === 'warn') && byStatus.index === index;
}

/** The event was processed, although its answer was wrong: who knows it by now may answer it otherwise. */
function wasProcessed({ requests }: TriedCase, { index }: CaseVerdict, effects: Effects): boolean {
  const request = requests[index];
  return request !== undefined && !forbidsEffect(request) && request.key !== null && effects?.has(request.key) === true;
}

function whatToDo(
  { group, mistake, fix }: ConformanceCase,
  { index }: CaseVerdict,
  { requests, attempts }: TriedCase,
  tried: SuiteRun['tried'],
): Pick<Finding, 'mistake' | 'fix'> {
  const attempt = attempts[index];
  const status = attempt === undefined ? undefined : statusOf(attempt);
  if (status === null && (group === 'refuse' || whyUnanswered(tried) !== null)) return SILENCE;
  const expect = requests[index]?.expect;
  // A case that asks for a 4xx alone knows of the error in its own mistake.
  const isCrash = (status ?? 0) >= 500 && (expect === 'refused' || expect === 'no-effect');
  return isCrash ? { mistake: CRASH, fix: AFTER_CRASH + fix } : { mistake, fix };
}
