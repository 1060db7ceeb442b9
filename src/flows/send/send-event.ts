import { deliver } from '../../deliver/deliver.ts';
import { runLadder, type LadderEnd, scaledClock, type WaitOf } from '../../deliver/retry-ladder.ts';
import { displayUrl } from '../../model/http-url.ts';
import { signsWithin } from '../../vendors/facts.ts';
import { addressOf, eventQueryOf } from '../../plan/encode-body.ts';
import type { Transport } from '../../deliver/transport.ts';
import type { Attempt, Delivery, Purpose } from '../../model/attempt.ts';
import type { Clock } from '../../model/clock.ts';
import type { Environment } from '../../model/environment.ts';
import type { NextAttempt } from '../../model/queued-delivery.ts';
import { AppError } from '../../model/error.ts';
import type { Header, Plan, SignedRequest } from '../../model/plan.ts';
import type { AckMode } from '../../model/vendor.ts';
import { signRequest } from '../../sign/signature.ts';
import { readHeader } from '../../vendors/event-key.ts';
import { decideRetry, delaysOf } from '../../vendors/retry-rule.ts';
import type { OpenTarget } from '../session/open-target.ts';
import { withoutStaticSecret } from '../session/static-secret.ts';

/** What sending needs: its part of the environment, the transport, and where attempts are kept. */
export interface SendEnvironment extends Pick<Environment, 'clock' | 'recordClock' | 'recordIds'> {
  transport: Transport;
  /** Where attempts are kept; null keeps none (`--no-history`). */
  history: { append(delivery: Delivery, attempt: Attempt): Promise<void> | undefined } | null;
  signal?: AbortSignal;
}

/** The environment for sending to `target`. Opens its transport. */
export async function sendEnvironmentOf(
  target: Pick<OpenTarget, 'transport'>,
  history: SendEnvironment['history'],
  { clock, recordClock, recordIds, signal }: Pick<Environment, 'clock' | 'recordClock' | 'recordIds' | 'signal'>,
): Promise<SendEnvironment> {
  return { transport: await target.transport(), history, clock, recordClock, recordIds, signal };
}

export interface SendOptions {
  secret: string | null;
  /** The others that are good while it is being replaced. */
  moreSecrets?: readonly string[];
  ackMode?: AckMode;
  /** Follow the vendor's retry ladder until it is delivered. */
  retry?: boolean;
  /** Wait this many times shorter between retries. Signatures keep the true time: a receiver would refuse another. */
  timeScale?: number;
  onAttempt?: (attempt: Attempt) => void;
  /** Before each wait of the ladder: how long the vendor waits, and for which attempt. */
  onWait?: (waitMs: number, nextNumber: number) => void;
  /** Sends these bytes and headers as they are, unsigned by us (`replay --exact`). */
  exactly?: SignedRequest;
  /** Of the delivery; default: `event`. */
  purpose?: Purpose;
  /** When the delivery was made, where that was before now. Milliseconds since the epoch. */
  createdAt?: number;
}

export interface SentDelivery {
  delivery: Delivery;
  attempts: readonly Attempt[];
  ended: LadderEnd;
  /** The next attempt, which is left to a worker. */
  queued?: NextAttempt;
}

/** A planned event on its way: what is recorded of it, and how it is tried. */
export interface OpenDelivery {
  delivery: Delivery;
  /** Signs, sends and records it once more; the first attempt has the number 1. */
  attempt(number: number, waitOf?: WaitOf): Promise<Attempt>;
}

export function openDelivery(plan: Plan, options: SendOptions, environment: SendEnvironment): OpenDelivery {
  const { secret, moreSecrets = [] } = options;
  const sign = (number: number): SignedRequest =>
    options.exactly ?? signRequest(withAttempt(plan, number), secret, environment.clock, moreSecrets);
  // The record of a body that holds its signature is what goes out first.
  const first = signsWithin(plan.vendor) ? sign(1) : null;
  const delivery = deliveryOf(plan, first, options, environment.recordClock);
  const attempt = async (number: number, waitOf: WaitOf = neverAgain): Promise<Attempt> => {
    const request = (number === 1 ? first : null) ?? sign(number);
    const sent = await deliver(request, {
      transport: environment.transport,
      clock: environment.recordClock,
      ids: environment.recordIds,
      deliveryId: plan.deliveryId,
      number,
      vendor: plan.vendor,
      ackMode: options.ackMode,
      secret,
      moreSecrets,
      signal: environment.signal,
    });
    const made = withRetry(sent, waitOf(sent));
    options.onAttempt?.(made);
    const stored = environment.history?.append(delivery, made);
    if (stored !== undefined) await orUnrecorded(stored, delivery, made);
    return made;
  };
  return { delivery, attempt };
}

const neverAgain: WaitOf = () => null;

const withRetry = (attempt: Attempt, retryInMs: number | null): Attempt =>
  retryInMs === null ? attempt : { ...attempt, timings: { ...attempt.timings, retryInMs } };

/** Signs, sends and records one planned event, as often as the options say. */
export async function sendEvent(plan: Plan, options: SendOptions, environment: SendEnvironment): Promise<SentDelivery> {
  const { delivery, attempt: attemptOnce } = openDelivery(plan, options, environment);
  if (options.retry) {
    const run = await runLadder(
      plan.vendor.retries,
      attemptOnce,
      scaledClock(environment.clock, options.timeScale ?? 1),
      { signal: environment.signal, onWait: options.onWait, event: plan.event.name },
    );
    return { delivery, ...run };
  }
  const attempt = await attemptOnce(1);
  if (attempt.outcome === 'delivered') return { delivery, attempts: [attempt], ended: 'delivered' };
  const ended = decideRetry(plan.vendor.retries, attempt) === 'drop' ? 'dropped' : 'exhausted';
  return { delivery, attempts: [attempt], ended };
}

/** With the headers that say which attempt it is. What the user gave with `-H` stays. */
function withAttempt(plan: Plan, number: number): Plan {
  const { vendor, event, headers } = plan;
  const { attemptHeaders = [] } = vendor.retries;
  if (attemptHeaders.length === 0) return plan;
  const left = delaysOf(vendor.retries, event.name).length + 1 - number;
  const values = { attempt: number, retry: number - 1, left };
  const own = attemptHeaders
    .filter(({ name, isOfRetries }) => !(isOfRetries && number === 1) && readHeader(headers, name) === null)
    .map(({ name, value }): Header => [name, String(values[value])]);
  return own.length === 0 ? plan : { ...plan, headers: [...headers, ...own] };
}

/** An attempt was made and is not recorded, for the history failed. */
export class UnrecordedError extends AppError {
  readonly attempt: Attempt;

  constructor(delivery: Delivery, attempt: Attempt, cause: AppError) {
    const answer = attempt.status ?? attempt.errorCode;
    super(
      cause.kind,
      `${cause.message}; attempt ${attempt.number} of ${delivery.event} to ${delivery.url} was ` +
        `${attempt.outcome} (${answer}) and was not recorded`,
      // What was delivered is not sent again for the sake of its record.
      {
        cause,
        hint: cause.hint,
        withoutIt: cause.withoutIt,
        thenAgain: cause.thenAgain && attempt.outcome !== 'delivered',
      },
    );
    this.attempt = attempt;
  }
}

/** A verdict is not lost with its record: when history fails, the error says what became of the event. */
async function orUnrecorded(stored: Promise<void>, delivery: Delivery, attempt: Attempt): Promise<void> {
  try {
    await stored;
  } catch (error) {
    throw error instanceof AppError ? new UnrecordedError(delivery, attempt, error) : error;
  }
}

function deliveryOf(
  plan: Plan,
  first: SignedRequest | null,
  { exactly, purpose = 'event', createdAt }: SendOptions,
  clock: Clock,
): Delivery {
  const address = addressOf(plan);
  const sentQuery = plan.query === undefined ? null : eventQueryOf(first?.url ?? plan.url, address);
  return {
    id: plan.deliveryId,
    webhookUuid: plan.webhookUuid,
    vendor: plan.vendor.id,
    event: plan.event.name,
    eventId: plan.eventId,
    direction: 'out',
    purpose,
    url: displayUrl(address),
    method: exactly?.method ?? plan.method,
    createdAt: createdAt ?? clock.now(),
    body: withoutStaticSecret(
      plan.vendor,
      sentQuery === null ? (first?.body ?? plan.body) : Buffer.from(sentQuery, 'utf8'),
    ),
  };
}
