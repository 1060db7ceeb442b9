import type { Attempt, Delivery } from '../../src/model/attempt.ts';

export const WEBHOOK = '123e4567-e89b-12d3-a456-426614174000';

export interface RecordParts {
  delivery?: Partial<Delivery>;
  attempt?: Partial<Attempt>;
}

/** The `index`-th delivery of a webhook, a second after the one before, with one attempt. */
export function makeRecord(index: number, { delivery, attempt }: RecordParts = {}): [Delivery, Attempt] {
  const createdAt = delivery?.createdAt ?? Date.parse('2026-11-01T10:00:00.000Z') + index * 1000;
  const time = createdAt.toString(16).padStart(12, '0');
  const tail = index.toString(16).padStart(12, '0');
  const made: Delivery = {
    id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${tail}`,
    webhookUuid: WEBHOOK,
    vendor: 'mail2many',
    event: 'optin',
    eventId: `evt_${index}`,
    direction: 'out',
    purpose: 'event',
    url: 'https://example.test/hook',
    method: 'POST',
    createdAt,
    body: new TextEncoder().encode(`{"n":${index}}`),
    ...delivery,
  };
  return [made, makeAttempt(made, attempt)];
}

/** An attempt of `delivery`: delivered with 200 unless told otherwise. */
export function makeAttempt(delivery: Delivery, parts: Partial<Attempt> = {}): Attempt {
  const number = parts.number ?? 1;
  return {
    id: delivery.id.replace('-7000-', `-7${number.toString(16).padStart(3, '0')}-`),
    deliveryId: delivery.id,
    number,
    startedAt: delivery.createdAt + (number - 1) * 60_000,
    requestHeaders: [['content-type', 'application/json']],
    outcome: 'delivered',
    status: 200,
    errorCode: null,
    error: null,
    hint: null,
    responseHeaders: [['content-type', 'text/plain']],
    responseBody: new TextEncoder().encode('ok'),
    responseBytes: 2,
    responseTruncated: false,
    timings: { dnsMs: null, connectMs: 0.5, tlsMs: null, firstByteMs: 3, totalMs: 12.5 },
    remoteAddress: '127.0.0.1',
    tls: null,
    control: [],
    ...parts,
  };
}

/** What an attempt is when the endpoint said no. */
export const REFUSED: Partial<Attempt> = {
  outcome: 'refused',
  status: 500,
  errorCode: 'HTTP_500',
  error: 'the endpoint answered 500',
};
