import type { TransportOptions } from '../../src/deliver/transport.ts';
import { makeEvent } from '../../src/flows/send/make-event.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { AckMode } from '../../src/model/vendor.ts';
import { makeIds, webhookUuidFor, seededRandom, systemRandom } from '../../src/plan/ids.ts';
import type { Overrides } from '../../src/plan/overrides.ts';
import { signRequest } from '../../src/sign/signature.ts';
import { findVendor } from './vendors.ts';
import { attemptTo } from './send-once.ts';

export interface SampleOptions {
  secret?: string;
  /** As curl's -H. */
  headers?: readonly string[];
  overrides?: Partial<Overrides>;
  /** When it is signed; the present without it. */
  nowMs?: number;
  seed?: string;
  ackMode?: AckMode;
  transport?: Partial<TransportOptions>;
}

/** Sends a vendor's sample event as `webhook send` does, from this process: starting the program takes much longer. */
export async function sendSample(
  url: string,
  vendorId: string,
  event: string,
  options: SampleOptions = {},
): Promise<Attempt> {
  const { secret = null, nowMs = Date.now() } = options;
  const vendor = findVendor(vendorId);
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  const ids = makeIds(options.seed === undefined ? systemRandom() : seededRandom(options.seed));
  const plan = await makeEvent(
    {
      event,
      url: new URL(url),
      webhookUuid: webhookUuidFor(vendorId, url),
      deliveryId: ids.uuidV7(nowMs),
      headers: options.headers ?? [],
      overrides: { set: [], add: [], remove: [], ...options.overrides },
    },
    vendor,
    secret,
    clock,
    ids,
  );
  const { url: called, method, headers, body } = signRequest(plan, secret, clock);
  return attemptTo(called.href, {
    request: { method, headers, body },
    vendor,
    ...(options.ackMode === undefined ? {} : { ackMode: options.ackMode }),
    ...options.transport,
  });
}
