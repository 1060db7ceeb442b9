import { setTimeout } from 'node:timers/promises';
import { listCases, selectCases } from '../../conform/cases/list-cases.ts';
import { AppError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import { findBug, type Bug } from '../../receive/bugs/list-bugs.ts';
import { casesOfMistake } from '../../vendors/receiver-mistakes.ts';
import { settingOf } from './suite-choice.ts';
import type { Clock } from '../../model/clock.ts';
import type { Answer, ReceivedOver, ReceivedRequest } from '../../receive/received-request.ts';
import type { ReceiverSetup } from '../../receive/receiver-behaviour.ts';
import { openReceiver } from '../../receive/receiver.ts';
import { makeMemory, receiveRequest, toStep } from '../../receive/reference-receiver.ts';
import { callBack, fetchKey } from '../receive/call-address.ts';
import { makeSigning } from '../session/make-signing.ts';
import type { Vendor } from '../../model/vendor.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { makeSecret } from '../../sign/scheme/compute.ts';

/** The built-in receiver, running in this process for one run of the suite. */
export interface OwnReceiver {
  /** The target that was meant, with this receiver in its place. */
  target: OpenTarget;
  /** Where it tells what it processed. */
  effectsUrl: string;
  /**
   * The cases that found its bug; none where it has none. Throws AppError `refused` when none did: the report would be
   * taken for praise.
   */
  findersOf(found: readonly Finding[]): string[];
  close(): Promise<void>;
}

export interface OwnReceiverOptions {
  /** What it gets wrong; `none` for the correct one. */
  bug: string;
  /** Where it calls addresses, beside the vendor's hosts. */
  callbackOrigin?: string;
  clock: Clock;
  signal: AbortSignal;
  /** Is told of each request that was answered. */
  onAnswered?: (answered: AnsweredRequest) => void;
}

/** A request and what became of it. */
export interface AnsweredRequest extends Pick<ReceivedRequest, 'method' | 'path'> {
  status: number;
  /** The text of the answer. */
  body: string;
}

export const NO_BUG = 'none';

const MAX_BODY_BYTES = 32 * 1024 * 1024;
const PROCESSED = '/processed';
const HOST = '127.0.0.1';

/**
 * Listens on a free port, with a secret of its own where none was given. Throws AppError `usage` for a bug that is
 * none, or that a receiver of this vendor cannot have.
 */
export async function openOwnReceiver(target: OpenTarget, options: OwnReceiverOptions): Promise<OwnReceiver> {
  const { bug, callbackOrigin, clock, signal, onAnswered } = options;
  const { vendor } = target;
  if (bug !== NO_BUG) requireVisible(findBug(bug, vendor), target);
  const spec = vendor.signature.value;
  const secret = target.signingSecret ?? (spec === null ? '' : makeSecret(spec));
  const setup = { ...setUp(vendor, secret, bug), callbackOrigin };
  const memory = makeMemory();
  const processed: string[] = [];
  const answerOf = async (request: ReceivedRequest, over: ReceivedOver): Promise<Answer> => {
    if (request.method === 'GET' && request.path === PROCESSED) return { status: 200, body: JSON.stringify(processed) };
    const step = toStep(request, over, clock.now());
    const handled = receiveRequest(step, setup, memory);
    const { fetchesKey } = handled.answer;
    const { answer, effects } =
      fetchesKey === undefined
        ? handled
        : receiveRequest({ ...step, fetchedKey: await fetchKey(fetchesKey, signal) }, setup, memory);
    processed.push(...effects);
    if (answer.calls !== undefined) await callBack(answer.calls, signal);
    await pause(answer.delayMs, signal);
    onAnswered?.(describeAnswered(request, answer));
    return answer;
  };
  const receiver = await openReceiver({ host: HOST, port: 0, maxBodyBytes: MAX_BODY_BYTES }, answerOf);
  return {
    target: {
      ...target,
      signingSecret: spec === null ? null : secret,
      url: new URL(`${receiver.origin}/hook`),
      shownUrl: describeReceiver(bug),
    },
    effectsUrl: receiver.origin + PROCESSED,
    findersOf: (found) => findersOf(bug, found),
    close: () => receiver.close(),
  };
}

const setUp = (vendor: Vendor, secret: string, bug: string): ReceiverSetup => ({
  vendor,
  signing: vendor.signature.value === null ? null : makeSigning(vendor, vendor.signature.value, secret),
  bug: bug === NO_BUG ? undefined : findBug(bug, vendor),
  // Mistakes in who may call show only where not everybody may.
  allow: [HOST],
});

const describeReceiver = (bug: string): string =>
  bug === NO_BUG ? 'the built-in, correct receiver' : `the built-in receiver with the bug ${bug}`;

async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (ms !== undefined) await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}

const describeAnswered = ({ method, path }: ReceivedRequest, { status, body = '' }: Answer): AnsweredRequest => ({
  method,
  path,
  status,
  body: String(body),
});

/** A report without a failure would say that there is none. */
function requireVisible({ id }: Bug, target: OpenTarget): void {
  if (selectCases(listCases(settingOf(target)), { only: casesOfMistake(id), skip: [] }).length > 0) return;
  throw new AppError('usage', `the bug ${id} shows only over https, but --against-bug uses plain http`, {
    hint: `run webhook listen --tls --bug ${id}, then webhook test --url https://… -k`,
  });
}

function findersOf(bug: string, found: readonly Finding[]): string[] {
  const finders = found.filter(({ status }) => status === 'fail' || status === 'warn').map(({ id }) => id);
  if (bug === NO_BUG || finders.length > 0) return bug === NO_BUG ? [] : finders;
  throw new AppError('refused', `the bug ${bug} was planted, but none of the cases that were tried found it`, {
    hint: `leave out --only and --skip, or run it as a separate server: webhook listen --bug ${bug}`,
  });
}
