/**
 * A process that appends `count` attempts of deliveries of its own to a history and writes a line after each.
 * node append-attempts.js WRITER_MODULE HISTORY_FILE WRITER COUNT
 * With GATED=1 it waits behind the first for a line of standard input.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';

const [module, file, writer, count] = process.argv.slice(2);
const { openWriter } = await import(pathToFileURL(module).href);
const history = await openWriter(file);
const body = new TextEncoder().encode('{"event":"optin"}'.repeat(100));

for (let index = 0; index < Number(count); index++) {
  const createdAt = Date.now();
  const delivery = {
    id: randomUUID(),
    webhookUuid: '123e4567-e89b-12d3-a456-426614174000',
    vendor: 'mail2many',
    event: 'optin',
    eventId: `${writer}-${index}`,
    direction: 'out',
    purpose: 'event',
    url: 'https://example.test/hook',
    method: 'POST',
    createdAt,
    body,
  };
  await history.append(delivery, {
    id: randomUUID(),
    deliveryId: delivery.id,
    number: 1,
    startedAt: createdAt,
    requestHeaders: [],
    outcome: 'delivered',
    status: 200,
    errorCode: null,
    error: null,
    hint: null,
    responseHeaders: [],
    responseBody: body,
    responseBytes: body.length,
    responseTruncated: false,
    timings: { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, totalMs: 1 },
    remoteAddress: null,
    tls: null,
    control: [],
  });
  process.stdout.write(`${delivery.id}\n`);
  if (index === 0 && process.env.GATED === '1') {
    await once(process.stdin, 'data');
    process.stdin.destroy();
  }
}
