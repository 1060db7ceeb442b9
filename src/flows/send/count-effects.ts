import { setTimeout } from 'node:timers/promises';
import type { RetryRun, SentCall } from '../../deliver/retry-run.ts';
import { AppError } from '../../model/error.ts';
import type { Plan } from '../../model/plan.ts';
import { readEventKey } from '../../vendors/event-key.ts';
import { readPayload } from '../../vendors/read-body.ts';
import type { OpenTarget } from '../session/open-target.ts';
import {
  joinEffects,
  LOST,
  reachEffects,
  readEffects,
  readEffectsAgain,
  readSettledEffects,
  type EffectsSource,
} from '../session/read-effects.ts';

/** Counts the effects after a retry run, from what it sent. */
export type CountEffects = (calls: readonly SentCall[]) => Promise<RetryRun['effects']>;

export interface EffectsOptions {
  /** What reports the events that the endpoint processed; null: nothing does. */
  effects: EffectsSource | null;
  /**
   * How long after its answer an event may still be processed, in milliseconds; default: once three seconds, again one.
   */
  effectsWait?: number;
}

/** An event that was processed once already may wait in a queue for the second time. */
const REPEATED_WAIT_MS = 1000;

/**
 * Counts the effects that the event has from now on. Reads the source before the run too: an event without an id has
 * the key of earlier ones. Throws AppError when the source cannot be read.
 */
export async function openEffectsCounter(
  plan: Plan,
  target: OpenTarget,
  { effects: source, effectsWait }: EffectsOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<CountEffects> {
  if (source === null)
    return async () => ({ unknown: 'nothing reports what was processed: add --effects-url or --effects-cmd' });
  const key = readEventKey(plan.vendor, plan.headers, readPayload(plan.vendor, plan));
  if (key === null) return async () => ({ unknown: 'nothing in this event distinguishes it from another' });
  const effects = await reachEffects(effectsWait === undefined ? source : { ...source, waitMs: effectsWait }, target);
  const before = (await readEffects(effects, signal)).get(key) ?? 0;
  return async (calls) => {
    const reached = calls.filter(({ fate }) => fate !== 'withheld');
    const isExpected = reached.some(({ isAccepted }) => isAccepted);
    const isRepeated = reached.length > 1;
    try {
      const once = await readSettledEffects(effects, isExpected ? [key] : [], signal);
      if (isRepeated) await setTimeout(effectsWait ?? REPEATED_WAIT_MS, undefined, { signal }).catch(() => undefined);
      const all = isRepeated ? joinEffects(once, await readEffectsAgain(effects, signal)) : once;
      return { count: (all.get(key) ?? 0) - before };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { unknown: `${LOST}: ${error.message}`, isLost: true };
    }
  };
}
