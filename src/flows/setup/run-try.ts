import type { Environment } from '../../model/environment.ts';
import type { Vendor } from '../../model/vendor.ts';
import { mistakesOf } from '../../vendors/receiver-mistakes.ts';
import { bugsOf } from '../../receive/bugs/list-bugs.ts';
import { adHocTarget } from '../session/choose-targets.ts';
import { openTarget, type OpenTarget } from '../session/open-target.ts';
import type { SentDelivery } from '../send/send-event.ts';
import { NO_BUG, openOwnReceiver, type AnsweredRequest, type OwnReceiver } from '../test/own-receiver.ts';
import { runSuite, type SuiteResult } from '../test/run-suite.ts';
import { sendSample } from './run-demo.ts';

/** Is told how far it is. */
export interface TryProgress {
  listening(url: string): void;
  sent(delivery: SentDelivery): void;
  tested(result: SuiteResult): void;
  /** The same of a receiver that gets one thing wrong. */
  testedBug(bug: string, result: SuiteResult): void;
  /** Everything was shown; from here on the receiver waits for requests of others. */
  waiting(url: string): void;
  answered(request: AnsweredRequest): void;
  working(text: string): void;
}

export interface TrialOptions {
  vendor: Vendor;
  /** Null: the vendor signs nothing. */
  secret: string | null;
  /** How long to stay when all was shown; null: until the signal. */
  stayMs: number | null;
}

/** The receiver that is right did not get everything right, or the wrong one was not found: our own fault. */
export interface TryEnd {
  isAsExpected: boolean;
}

const EFFECTS_WAIT_MS = 100;
const SUITE_MS = 60_000;

/**
 * Starts the built-in receiver on a free port, sends it an event, tests it, finds a bug that was planted in another,
 * and stays. Nothing goes on when it ends.
 */
export async function runTry(options: TrialOptions, environment: Environment, progress: TryProgress): Promise<TryEnd> {
  const { vendor, secret, stayMs } = options;
  const { clock, signal } = environment;
  const target = await openTried(vendor, secret, environment);
  const shown = { isOver: false };
  const onAnswered = (request: AnsweredRequest): void => {
    if (shown.isOver) progress.answered(request);
  };
  const receiver = await openOwnReceiver(target, { bug: NO_BUG, clock, signal, onAnswered });
  try {
    const { href } = receiver.target.url;
    progress.listening(href);
    const event = vendor.events[0]?.name ?? '';
    const transport = await target.transport();
    const { url, webhookUuid, signingSecret } = receiver.target;
    const kept = { clock, ids: environment.ids, signal, webhookUuid, history: null };
    const sent = await sendSample({ vendor, event, url, secret: signingSecret }, transport, kept);
    progress.sent(sent);
    const tested = await testReceiver(receiver, environment, progress);
    progress.tested(tested);
    const bug = chooseBug(vendor);
    const found = await testBug(target, bug, environment, progress);
    progress.testedBug(bug, found);
    const isDelivered = sent.attempts.at(-1)?.outcome === 'delivered';
    if (!signal.aborted) progress.waiting(href);
    shown.isOver = true;
    await stay(stayMs, environment);
    return { isAsExpected: isDelivered && tested.report.isGood && !found.report.isGood };
  } finally {
    await Promise.all([target.close(), receiver.close()]);
  }
}

/** Where it is, the receiver says later. */
function openTried(vendor: Vendor, secret: string | null, environment: Environment): Promise<OpenTarget> {
  const target = adHocTarget(vendor, new URL('http://127.0.0.1/hook'), {});
  const reach = { resolve: [], connectTo: [], ...(secret === null ? {} : { secret }) };
  return openTarget(target, reach, environment);
}

function testReceiver(
  { target, effectsUrl }: OwnReceiver,
  { clock, ids, signal }: Environment,
  { working }: TryProgress,
  only: readonly string[] = [],
): Promise<SuiteResult> {
  const options = {
    only,
    skip: [],
    severity: 'must' as const,
    baseline: null,
    effects: { url: effectsUrl },
    effectsWaitMs: EFFECTS_WAIT_MS,
    endsWithRun: true,
    maxTimeMs: SUITE_MS,
    rerun: () => '',
  };
  return runSuite(target, options, { clock, ids, signal, showProgress: working });
}

async function testBug(
  target: OpenTarget,
  bug: string,
  environment: Environment,
  progress: TryProgress,
): Promise<SuiteResult> {
  const receiver = await openOwnReceiver(target, { bug, clock: environment.clock, signal: environment.signal });
  try {
    return await testReceiver(receiver, environment, progress);
  } finally {
    await receiver.close();
  }
}

/** What receivers of most vendors get wrong; else of this one's, what can be planted. */
const USUAL_BUG = 'reserialised-body';

function chooseBug(vendor: Vendor): string {
  const bugs = bugsOf(vendor).map(({ id }) => id as string);
  if (bugs.includes(USUAL_BUG)) return USUAL_BUG;
  const known = mistakesOf(vendor).map(({ id }) => id as string);
  return known.find((id) => bugs.includes(id)) ?? bugs[0] ?? NO_BUG;
}

async function stay(stayMs: number | null, { clock, signal }: Environment): Promise<void> {
  if (stayMs === 0 || signal.aborted) return;
  const ended = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (stayMs === null) return ended;
  await clock.sleep(stayMs, signal).catch(() => undefined);
}
