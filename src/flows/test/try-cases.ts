import { setTimeout } from 'node:timers/promises';
import type { ConformanceCase, EventFactory, Group, WireRequest } from '../../conform/conformance-case.ts';
import { isSuccess, statusOf, type Effects } from '../../conform/case-verdict.ts';
import { forbidsEffect } from '../../conform/judge-case.ts';
import type { Attempt } from '../../model/attempt.ts';
import { AppError } from '../../model/error.ts';
import {
  joinEffects,
  LOST,
  readEffects,
  readEffectsAgain,
  readSettledEffects,
  type EffectsSource,
} from '../session/read-effects.ts';
import { askWithEvent, awaitReady, awaitReturn, type ReadinessOptions, type Readiness } from './await-endpoint.ts';
import type { SuiteSender } from './suite-sender.ts';

/** A case that was tried: what went out, and what came of it. */
export interface TriedCase {
  one: ConformanceCase;
  requests: readonly WireRequest[];
  /** Shorter than the requests when one of them had no answer. */
  attempts: readonly Attempt[];
  durationMs: number;
}

/** Everything that was tried in one run. */
export interface SuiteRun {
  tried: ReadonlyMap<string, TriedCase>;
  /** Of each group that was tried, as last reported; null where they were not read after it. */
  effects: ReadonlyMap<Group, Effects>;
  /** Why not everything was tried; null when it was. */
  stopped: string | null;
  /** What to look at next where the endpoint gave no answer; null where that cannot be said. */
  stoppedHint: string | null;
}

export interface TryOptions extends ReadinessOptions {
  effects: EffectsSource | null;
  /** How long after the last forgery its effect may come, in milliseconds. */
  effectsWaitMs: number;
}

interface RunState extends Readiness {
  tried: Map<string, TriedCase>;
  stoppedHint: string | null;
  /** Cases without an answer, one after the other. */
  silent: number;
  /** When the last request that must have no effect was answered; null before there was one. */
  forgedAt: number | null;
  /** Every effect that was reported so far; null before any was read. */
  effects: Effects;
  /** Shows how far it is. */
  progress: CaseProgress;
}

interface CaseProgress {
  begin(stage: string): void;
  /** One more case was tried. */
  step(): void;
}

/** `12 of 62 · trying what must be refused` */
function countCases(total: number, show: (text: string) => void): CaseProgress {
  let [done, stage] = [0, ''];
  const tell = (): void => show(`${done} of ${total} · ${stage}`);
  return {
    begin(next) {
      stage = next;
      tell();
    },
    step() {
      done += 1;
      tell();
    },
  };
}

const AT_ONCE = 4;
/** It answers a probe, but keeps events waiting: it will not answer any more, and each costs a whole time-out. */
const SILENT_AT_MOST = 3;
/** A connection that is cut at once costs nothing. */
const LONG_SILENCE_MS = 1000;

/**
 * Tries the cases: some at once where that changes nothing, one by one where they measure time or mean harm. Forgeries
 * come early, so that what is slow passes while their effects may still come. Ends early, and says why, when the
 * endpoint is gone or the time is over.
 */
export async function tryCases(cases: readonly ConformanceCase[], options: TryOptions): Promise<SuiteRun> {
  const progress = countCases(cases.length, options.showProgress);
  const state: RunState = {
    tried: new Map(),
    stopped: null,
    stoppedHint: null,
    silent: 0,
    answersEventsAlone: false,
    forgedAt: null,
    effects: null,
    progress,
  };
  state.stopped = await awaitReady(options);
  // A source that cannot be read is found before anything is sent.
  if (state.stopped === null) Object.assign(state, await whyUnreadable(options));
  if (state.stopped !== null)
    return { tried: state.tried, effects: new Map(), stopped: state.stopped, stoppedHint: state.stoppedHint };
  const { ordinary, forgeries, large, alone, harmful } = sortOut(cases);
  progress.begin('sending what must be accepted');
  await tryEach(ordinary, AT_ONCE, state, options);
  // Whoever does not survive a forgery may come back without memory of what he had done.
  if (forgeries.length > 0) await noteEffects(state, options, readEffectsAgain);
  progress.begin('sending what must be refused');
  await tryEach(forgeries, AT_ONCE, state, options);
  progress.begin('sending large and simultaneous requests');
  await tryEach(large, AT_ONCE, state, options);
  await tryEach(alone, 1, state, options);
  const isReadBefore = await noteSettled([...ordinary, ...forgeries, ...large, ...alone], state, options);
  progress.begin('sending what the endpoint must survive');
  await tryEach(harmful, 1, state, options);
  const isReadAfter = await noteSettled(harmful, state, options);
  if (state.forgedAt !== null && state.stopped === null) await noteLate(state.forgedAt, state, options);
  const before = isReadBefore ? state.effects : null;
  const effects = new Map<Group, Effects>([
    ['accept', before],
    ['refuse', before],
    ['robust', isReadAfter ? state.effects : null],
  ]);
  return { tried: state.tried, effects, stopped: state.stopped, stoppedHint: state.stoppedHint };
}

interface SortedCases {
  ordinary: ConformanceCase[];
  forgeries: ConformanceCase[];
  large: ConformanceCase[];
  /** They measure time, or take all the connections there are. */
  alone: ConformanceCase[];
  harmful: ConformanceCase[];
}

function sortOut(cases: readonly ConformanceCase[]): SortedCases {
  const order: SortedCases = { ordinary: [], forgeries: [], large: [], alone: [], harmful: [] };
  for (const one of cases) {
    if (one.group === 'robust') order.harmful.push(one);
    else if (one.group === 'refuse') order.forgeries.push(one);
    else if (one.isBurst || one.slowAboveMs !== undefined) order.alone.push(one);
    else (one.isLarge ? order.large : order.ordinary).push(one);
  }
  return order;
}

async function tryEach(
  cases: readonly ConformanceCase[],
  atOnce: number,
  state: RunState,
  options: TryOptions,
): Promise<void> {
  const queue = [...cases];
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined && state.stopped === null; one = queue.shift())
      await tryOne(one, state, options).finally(state.progress.step);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function tryOne(one: ConformanceCase, state: RunState, options: TryOptions): Promise<void> {
  const { signal, whyStopped } = options;
  const tried = await runNoted(one, state, options);
  if (signal.aborted) {
    state.stopped ??= whyStopped();
    return;
  }
  if (!lacksAnswer(tried)) {
    state.silent = 0;
    state.tried.set(one.id, tried);
    return;
  }
  const why = await awaitReturn(state, options);
  const wasDown = tried.requests.every((request, index) => {
    const attempt = tried.attempts[index];
    return attempt === undefined || options.sender.isUnreached(request, attempt);
  });
  const last = tried.attempts.at(-1);
  if (why !== null && state.stopped === null) {
    state.stopped = signal.aborted
      ? whyStopped()
      : `the endpoint ${state.tried.size === 0 ? 'does not answer' : 'stopped answering'}: ${why}`;
    state.stoppedHint = signal.aborted ? null : (last?.hint ?? null);
  }
  // It was down before this case came, which says nothing of the case.
  if (wasDown && why === null) state.tried.set(one.id, await runNoted(one, state, options));
  else if (!wasDown) state.tried.set(one.id, tried);
  if ((last?.timings.totalMs ?? 0) < LONG_SILENCE_MS) return;
  state.silent += 1;
  if (state.silent < SILENT_AT_MOST || state.stopped !== null) return;
  const isUp = (await askWithEvent(options)) === null;
  if (signal.aborted) {
    state.stopped ??= whyStopped();
    return;
  }
  const what = isUp ? 'answers valid events, but leaves others waiting' : 'does not answer';
  state.stopped ??= `the endpoint ${what}: ${last?.error ?? 'no answer'}`;
  state.stoppedHint ??= last?.hint ?? null;
}

async function runNoted(one: ConformanceCase, state: RunState, { factory, sender }: TryOptions): Promise<TriedCase> {
  const tried = await runCase(one, factory, sender.send);
  if (tried.requests.some(forbidsEffect)) state.forgedAt = performance.now();
  return tried;
}

/** Makes the requests of a case and sends them: one after the other, or all at once. */
export async function runCase(
  one: ConformanceCase,
  factory: EventFactory,
  send: SuiteSender['send'],
): Promise<TriedCase> {
  const beganAt = performance.now();
  const requests = one.change(factory);
  const attempts = one.isBurst ? await Promise.all(requests.map(send)) : await sendInTurn(requests, send);
  await Promise.all(requests.map(awaitCall));
  return { one, requests, attempts, durationMs: performance.now() - beganAt };
}

const CALL_MS = 1000;
/** It may first fetch the vendor's key. */
const SURE_CALL_MS = 5000;

/** The endpoint may call after it has answered. */
const awaitCall = async ({ expect, callback }: WireRequest): Promise<void> =>
  callback?.settle(expect === 'called-back' && callback.isTrusted ? SURE_CALL_MS : CALL_MS);

/** Ends where an answer is missing that there should be. */
async function sendInTurn(requests: readonly WireRequest[], send: SuiteSender['send']): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const request of requests) {
    const attempt = await send(request);
    attempts.push(attempt);
    if (statusOf(attempt) === null && request.expect !== 'shut-out') break;
  }
  return attempts;
}

function lacksAnswer({ requests, attempts }: TriedCase): boolean {
  return attempts.some((attempt, index) => statusOf(attempt) === null && requests[index]?.expect !== 'shut-out');
}

/**
 * Null when the effects can be read, or there is no source of them. Throws AppError `input` for what is no list of ids,
 * and for a command that fails.
 */
async function whyUnreadable({
  effects,
  signal,
  whyStopped,
}: TryOptions): Promise<Pick<RunState, 'stopped' | 'stoppedHint'>> {
  if (effects === null) return GOES_ON;
  try {
    await readEffects(effects, signal);
    return GOES_ON;
  } catch (error) {
    if (signal.aborted) return { stopped: whyStopped(), stoppedHint: null };
    if (!(error instanceof AppError) || error.kind === 'input') throw error;
    // No reason to lose what was found at the other webhooks of the same run.
    const stoppedHint = error.hint ?? isRight(effects);
    return { stopped: `the effects could not be read: ${error.message}`, stoppedHint };
  }
}

const GOES_ON = { stopped: null, stoppedHint: null };
const isRight = ({ url }: EffectsSource): string => `check ${url === undefined ? '--effects-cmd' : '--effects-url'}`;

/**
 * Notes the effects when those of the accepted events are there; false when they cannot be read, or none of the cases
 * was tried.
 */
async function noteSettled(cases: readonly ConformanceCase[], state: RunState, options: TryOptions): Promise<boolean> {
  if (!cases.some(({ id }) => state.tried.has(id))) return false;
  const wanted = cases.flatMap(({ id }) => acceptedKeys(state.tried.get(id)));
  return noteEffects(state, options, (source, signal) => readSettledEffects(source, wanted, signal));
}

/** Of the events that were answered with success: they should show among the effects. */
function acceptedKeys(tried: TriedCase | undefined): string[] {
  return (tried?.requests ?? []).flatMap(({ expect, key, moreKeys = [] }, index) => {
    const attempt = tried?.attempts[index];
    const isWanted = expect === 'accepted' && key !== null && attempt !== undefined && isSuccess(attempt);
    return isWanted ? [key, ...moreKeys] : [];
  });
}

/** Once more at the end: what was forged may wait in a queue, and be processed although it was refused. */
async function noteLate(forgedAt: number, state: RunState, options: TryOptions): Promise<void> {
  const { effects, signal, effectsWaitMs, whyStopped } = options;
  if (effects === null) return;
  state.progress.begin('waiting for late effects');
  const leftMs = effectsWaitMs - (performance.now() - forgedAt);
  if (leftMs > 0) await setTimeout(leftMs, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) state.stopped ??= whyStopped();
  await noteEffects(state, options, readEffectsAgain);
}

async function noteEffects(
  state: RunState,
  { effects, signal }: TryOptions,
  read: typeof readEffects,
): Promise<boolean> {
  if (effects === null || state.stopped?.startsWith(LOST) === true) return false;
  try {
    const reported = await read(effects, signal);
    state.effects = state.effects === null ? reported : joinEffects(state.effects, reported);
    return true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // An endpoint that is gone cannot report what it processed; the report is partial anyway.
    if (!signal.aborted) state.stopped ??= `${LOST}: ${error.message}`;
    return false;
  }
}
