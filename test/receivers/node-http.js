// A MailKite endpoint on node:http alone, as a careful developer writes one.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const secret = process.env.HOOK_SECRET;
const processed = [];

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/processed') return response.end(JSON.stringify(processed));
    const { status, allow } = receive(request, Buffer.concat(chunks));
    response.writeHead(status, allow ? { allow } : {}).end();
  });
}).listen(0, '127.0.0.1', function tell() {
  process.stdout.write(`${this.address().port}\n`);
});

function receive({ method, headers }, body) {
  if (method !== 'POST') return { status: 405, allow: 'POST' };
  if (headers['content-type']?.split(';')[0].trim() !== 'application/json') return { status: 415 };
  if (!isSigned(headers['x-mailkite-signature'], body)) return { status: 401 };
  let event;
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { status: 400 };
  }
  if (typeof event?.id !== 'string') return { status: 400 };
  if (!processed.includes(event.id)) processed.push(event.id);
  return { status: 200 };
}

function isSigned(header, body) {
  const [, t, v1] = /^t=(\d{1,16}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? [];
  if (v1 === undefined || Math.abs(Date.now() - Number(t)) > 300_000) return false;
  const expected = createHmac('sha256', secret).update(`${t}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(v1, 'hex'));
}
