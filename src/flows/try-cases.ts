import { setTimeout } from 'node:timers/promises';
import type { ConformanceCase, Group, Kit } from '../conform/conformance-case.ts';
import type { Effects } from '../conform/judge-case.ts';
import { joinEffects, readEffects, readSettledEffects, type EffectsSource } from './read-effects.ts';
import { runCase, type TriedCase } from './run-case.ts';
import type { SuiteSender } from './suite-sender.ts';

/** Everything that was tried in one run. */
export interface SuiteRun {
  tried: ReadonlyMap<string, TriedCase>;
  /** Of each group that was tried, as told last; null where nobody told after it. */
  effects: ReadonlyMap<Group, Effects>;
  /** Why not everything was tried; null when it was. */
  stopped: string | null;
}

export interface TryOptions {
  kit: Kit;
  sender: SuiteSender;
  effects: EffectsSource | null;
  /** How long after the last forgery its effect may come, in milliseconds. */
  effectsWaitMs: number;
  signal: AbortSignal;
  whyStopped: () => string;
  waitReadyMs?: number;
  tell: (text: string) => void;
}

const AT_ONCE = 4;
/** An endpoint that restarts itself gets so long to come back. */
const COME_BACK_MS = 2000;
const KNOCK_MS = 2000;
const BETWEEN_KNOCKS_MS = 100;
/** It answers a knock, but keeps events waiting: it will not answer any more, and each costs a whole time-out. */
const SILENT_AT_MOST = 3;
/** A connection that is cut at once costs nothing. */
const LONG_SILENCE_MS = 1000;

/**
 * Tries the cases group by group: some at once where that changes nothing, one by one where they measure time or mean
 * harm. Ends early, and says why, when the endpoint is gone or the time is over.
 */
export async function tryCases(cases: readonly ConformanceCase[], options: TryOptions): Promise<SuiteRun> {
  const state: RunState = { tried: new Map(), stopped: await awaitReady(options), silent: 0 };
  // A source that cannot be read is found before anything is sent.
  if (options.effects !== null && state.stopped === null) await readEffects(options.effects, options.signal);
  const effects = new Map<Group, Effects>();
  let all: Effects = null;
  let refusedAt: number | null = null;
  for (const group of ['accept', 'refuse', 'robust'] as const) {
    const ofGroup = cases.filter((one) => one.group === group);
    const alone = ofGroup.filter((one) => one.group === 'robust' || one.isBurst || one.slowAboveMs !== undefined);
    const together = ofGroup.filter((one) => !alone.includes(one));
    options.tell(`trying what must be ${{ accept: 'accepted', refuse: 'refused', robust: 'survived' }[group]}`);
    await tryEach(together, AT_ONCE, state, options);
    await tryEach(alone, 1, state, options);
    if (!ofGroup.some(({ id }) => state.tried.has(id))) continue;
    if (group === 'refuse') refusedAt = performance.now();
    const told = await readGroup(ofGroup, state, options);
    all = join(all, told);
    effects.set(group, told === null ? null : all);
  }
  if (refusedAt !== null && all !== null && state.stopped === null) all = join(all, await readLast(refusedAt, state, options));
  for (const [group, told] of effects) if (told !== null) effects.set(group, all);
  return { tried: state.tried, effects, stopped: state.stopped };
}

/** Once more at the end: what was forged may wait in a queue, and be processed although it was refused. */
async function readLast(refusedAt: number, state: RunState, options: TryOptions): Promise<Effects> {
  const { signal, effectsWaitMs, whyStopped, tell } = options;
  tell('waiting for late effects');
  const leftMs = effectsWaitMs - (performance.now() - refusedAt);
  if (leftMs > 0) await setTimeout(leftMs, undefined, { signal }).catch(() => undefined);
  if (signal.aborted) state.stopped ??= whyStopped();
  return readGroup([], state, options);
}

function join(one: Effects, other: Effects): Effects {
  return one === null || other === null ? (one ?? other) : joinEffects(one, other);
}

interface RunState {
  tried: Map<string, TriedCase>;
  stopped: string | null;
  /** Cases without an answer, one after the other. */
  silent: number;
}

async function tryEach(cases: readonly ConformanceCase[], atOnce: number, state: RunState, options: TryOptions): Promise<void> {
  const queue = [...cases];
  const work = async (): Promise<void> => {
    for (let one = queue.shift(); one !== undefined && state.stopped === null; one = queue.shift()) await tryOne(one, state, options);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function tryOne(one: ConformanceCase, state: RunState, options: TryOptions): Promise<void> {
  const { kit, sender, signal, whyStopped } = options;
  const tried = await runCase(one, kit, sender.send);
  if (signal.aborted) {
    state.stopped ??= whyStopped();
    return;
  }
  if (!lacksAnswer(tried)) {
    state.silent = 0;
    state.tried.set(one.id, tried);
    return;
  }
  const why = await awaitAnswer(state.tried.size === 0 ? 0 : COME_BACK_MS, options);
  const isUnreached = tried.outcomes.every((outcome) => outcome.isUnreached === true);
  if (why !== null) state.stopped ??= signal.aborted ? whyStopped() : `the endpoint stopped answering: ${why}`;
  // It was down before this case came, which says nothing of the case.
  if (isUnreached && why === null) state.tried.set(one.id, await runCase(one, kit, sender.send));
  else if (!isUnreached) state.tried.set(one.id, tried);
  if ((tried.outcomes.at(-1)?.durationMs ?? 0) < LONG_SILENCE_MS) return;
  state.silent += 1;
  if (state.silent >= SILENT_AT_MOST) state.stopped ??= `the endpoint does not answer: ${tried.outcomes.at(-1)?.error ?? 'no answer'}`;
}

function lacksAnswer({ requests, outcomes }: TriedCase): boolean {
  return outcomes.some(({ status }, index) => status === null && requests[index]?.expect !== 'shut-out');
}

/** With `--wait-ready`: until it answers. Null when it does. */
async function awaitReady(options: TryOptions): Promise<string | null> {
  const { waitReadyMs, signal, whyStopped, tell } = options;
  if (waitReadyMs === undefined) return null;
  tell('waiting for the endpoint');
  const why = await awaitAnswer(waitReadyMs, options);
  if (why === null) return null;
  return signal.aborted ? whyStopped() : `the endpoint was not ready within ${waitReadyMs / 1000} s: ${why}`;
}

async function awaitAnswer(withinMs: number, { sender, signal }: TryOptions): Promise<string | null> {
  const beganAt = performance.now();
  for (;;) {
    const leftMs = withinMs - (performance.now() - beganAt);
    const why = await sender.knock(Math.max(BETWEEN_KNOCKS_MS, Math.min(KNOCK_MS, leftMs)));
    if (why === null || signal.aborted || performance.now() - beganAt + BETWEEN_KNOCKS_MS > withinMs) return why;
    await setTimeout(BETWEEN_KNOCKS_MS);
  }
}

/** Of the events that were answered with success: they should show among the effects. */
function acceptedKeys(tried: TriedCase | undefined): string[] {
  return (tried?.requests ?? []).flatMap(({ expect, key }, index) => (expect === 'accepted' && key !== null && tried?.outcomes[index]?.isSuccess ? [key] : []));
}

async function readGroup(cases: readonly ConformanceCase[], state: RunState, { effects, signal }: TryOptions): Promise<Effects> {
  if (effects === null) return null;
  const wanted = cases.flatMap(({ id }) => acceptedKeys(state.tried.get(id)));
  try {
    return await readSettledEffects(effects, wanted, signal);
  } catch (error) {
    // Who is gone cannot tell what he did; the report is partial anyway.
    if (state.stopped !== null || signal.aborted) return null;
    throw error;
  }
}
