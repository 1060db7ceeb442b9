import { setTimeout } from 'node:timers/promises';
import { goodRequest } from '../../conform/change-request.ts';
import type { EventFactory } from '../../conform/conformance-case.ts';
import type { SuiteSender } from './suite-sender.ts';

/** How the endpoint is reached, and how long. */
export interface ReadinessOptions {
  factory: EventFactory;
  sender: SuiteSender;
  signal: AbortSignal;
  whyStopped: () => string;
  waitReadyMs?: number;
  showProgress: (text: string) => void;
}

/** What a run knows of the endpoint so far. */
export interface Readiness {
  tried: ReadonlyMap<string, unknown>;
  /** Why not everything was tried; null when it was. */
  stopped: string | null;
  /** It cut off a probe that carries no event, and answered a good one. */
  answersEventsAlone: boolean;
}

/** An endpoint that restarts itself gets so long to come back. */
const COME_BACK_MS = 2000;
const PROBE_MS = 2000;
const BETWEEN_PROBES_MS = 100;
/** It may do the whole work before it answers. */
const GOOD_EVENT_MS = 10_000;

/** With `--wait-ready`: until it answers. Null when it does. */
export async function awaitReady(options: ReadinessOptions): Promise<string | null> {
  const { waitReadyMs, signal, whyStopped, showProgress } = options;
  if (waitReadyMs === undefined) return null;
  showProgress('waiting for the endpoint');
  const why = await awaitAnswer(waitReadyMs, options);
  if (why === null) return null;
  return signal.aborted ? whyStopped() : `the endpoint was not ready within ${waitReadyMs / 1000} s: ${why}`;
}

async function awaitAnswer(withinMs: number, { sender, signal }: ReadinessOptions): Promise<string | null> {
  const beganAt = performance.now();
  for (;;) {
    const leftMs = withinMs - (performance.now() - beganAt);
    const why = await sender.probe(Math.max(BETWEEN_PROBES_MS, Math.min(PROBE_MS, leftMs)));
    if (why === null || signal.aborted || performance.now() - beganAt + BETWEEN_PROBES_MS > withinMs) return why;
    await setTimeout(BETWEEN_PROBES_MS);
  }
}

/** Null when it answers, or comes back in time. Whoever drops what carries no signature drops a probe, too. */
export async function awaitReturn(state: Readiness, options: ReadinessOptions): Promise<string | null> {
  if (state.answersEventsAlone && (await askWithEvent(options)) === null) return null;
  const why = await awaitAnswer(state.tried.size === 0 ? 0 : COME_BACK_MS, options);
  if (why === null || options.signal.aborted || state.stopped !== null) return why;
  if ((await askWithEvent(options)) !== null) return why;
  state.answersEventsAlone = true;
  return null;
}

export const askWithEvent = ({ sender, factory }: ReadinessOptions): Promise<string | null> =>
  sender.probe(GOOD_EVENT_MS, goodRequest(factory));
