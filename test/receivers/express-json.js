// A MailKite endpoint on Express as it is often written first: express.json(), and the HMAC over the re-serialised JSON.
import { createHmac } from 'node:crypto';
import express from 'express';

const processed = [];
const app = express();
app.use(express.json());

app.get('/processed', (_request, response) => response.json(processed));

app.post('/hook', (request, response) => {
  const [t, v1] = request
    .get('x-mailkite-signature')
    .split(',')
    .map((part) => part.split('=')[1]);
  const expected = createHmac('sha256', process.env.HOOK_SECRET)
    .update(`${t}.${JSON.stringify(request.body)}`)
    .digest('hex');
  if (v1 !== expected) return response.status(401).end();
  processed.push(request.body.id);
  response.status(201).json({ received: request.body.from.address });
});

app.listen(0, '127.0.0.1', function tell() {
  process.stdout.write(`${this.address().port}\n`);
});
