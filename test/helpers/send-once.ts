import { onTestFinished } from 'vitest';
import { deliver, type DeliverOptions } from '../../src/deliver/deliver.ts';
import { openTransport, type Transport, type TransportOptions } from '../../src/deliver/transport.ts';
import type { Attempt } from '../../src/model/attempt.ts';
import type { SignedRequest } from '../../src/model/plan.ts';
import { findVendor } from './vendors.ts';

export function requestTo(url: string, differing: Partial<SignedRequest> = {}): SignedRequest {
  return {
    url: new URL(url),
    method: 'POST',
    headers: [['Content-Type', 'application/json']],
    body: Buffer.from('{"n":1}'),
    signedAt: 0,
    ...differing,
  };
}

/** A transport that is closed when the test ends. */
export async function openTestTransport(options: Partial<TransportOptions> = {}): Promise<Transport> {
  // Far above what a loopback answer takes: tests of the time-out itself set their own.
  const transport = await openTransport({ timeoutMs: 60_000, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

/** One attempt, over a transport of its own unless one is given. */
export async function attemptTo(
  url: string,
  options: Partial<TransportOptions> & Partial<DeliverOptions> & { request?: Partial<SignedRequest> } = {},
): Promise<Attempt> {
  return deliver(requestTo(url, options.request), {
    transport: options.transport ?? (await openTestTransport(options)),
    clock: { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() },
    ids: { uuidV7: (timeMs) => `id-${timeMs}`, uuidV4: () => 'uuid', token: () => 'token' },
    deliveryId: 'delivery',
    number: 1,
    vendor: findVendor('mail2many'),
    secret: null,
    ...options,
  });
}
