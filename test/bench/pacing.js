/**
 * `node pacing.js URL RATE SECONDS`: as wrk2 does, sends at fixed times whatever the answers do, each event signed when
 * it is sent, and counts the response time from the moment that it was due. Prints `{"p99Ms", "sent"}`.
 */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSignedEvent } from './signed-event.js';

const [url = '', rate = '', seconds = ''] = process.argv.slice(2);
const everyMs = 1000 / Number(rate);
const events = Number(rate) * Number(seconds);
// Fewer than the endpoint takes; what waits for one counts its time.
const agent = new Agent({ keepAlive: true, noDelay: true, maxSockets: 500 });
const responseMs = [];

function send(dueMs) {
  const { headers, body } = makeSignedEvent(process.env.BENCH_SECRET ?? '');
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    });
    sent.on('error', reject).on('response', (response) =>
      response.resume().on('end', () => {
        responseMs.push(performance.now() - dueMs);
        resolve();
      }),
    );
    sent.end(body);
  });
}

const startMs = performance.now();
const underWay = [];
for (let next = 0; next < events;) {
  const dueMs = startMs + next * everyMs;
  const leftMs = dueMs - performance.now();
  if (leftMs > 0) {
    await wait(leftMs);
    continue;
  }
  underWay.push(send(dueMs));
  next += 1;
}
await Promise.all(underWay);
const sorted = responseMs.toSorted((one, other) => one - other);
console.log(JSON.stringify({ p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1], sent: sorted.length }));
