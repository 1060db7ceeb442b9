// A MailKite endpoint on Express that keeps the raw body, after the vendor's fix.
import { createHmac, timingSafeEqual } from 'node:crypto';
import express from 'express';

const processed = new Set();
const app = express();

app.get('/processed', (_request, response) => response.json([...processed]));

app.post('/hook', express.raw({ type: 'application/json', limit: '30mb' }), (request, response) => {
  if (!Buffer.isBuffer(request.body)) return response.sendStatus(415);
  if (!isSigned(request.get('x-mailkite-signature'), request.body)) return response.sendStatus(401);
  let event;
  try {
    event = JSON.parse(request.body.toString('utf8'));
  } catch {
    return response.sendStatus(400);
  }
  if (typeof event?.id !== 'string') return response.sendStatus(400);
  processed.add(event.id);
  response.sendStatus(200);
});

app.listen(0, '127.0.0.1', function tell() {
  process.stdout.write(`${this.address().port}\n`);
});

function isSigned(header, body) {
  const parts = Object.fromEntries((header ?? '').split(',').map((part) => part.trim().split('=')));
  if (!/^[0-9a-f]{64}$/.test(parts.v1 ?? '') || !(Math.abs(Date.now() - Number(parts.t)) <= 300_000)) return false;
  const expected = createHmac('sha256', process.env.HOOK_SECRET).update(`${parts.t}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(parts.v1, 'hex'));
}
