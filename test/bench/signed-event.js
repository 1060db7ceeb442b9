import { createHmac, randomUUID } from 'node:crypto';

/** mail2many's event optin as `webhook sample optin` prints it, a new one each time, signed by the secret. */
export function makeSignedEvent(secret) {
  const date = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const body = JSON.stringify({
    accountId: 1,
    event: 'optin',
    date,
    email: 'mia.mueller@example.com',
    title: 'Dr.',
    firstname: 'Mia',
    lastname: 'Müller',
    genderId: 2,
    ip: '203.0.113.7',
    channelIds: [1, 2],
    newsletterId: 1,
    newsletterSubject: 'News in November / Neuigkeiten für Sie',
  });
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'mail2many-Webhook',
    'X-Mail2Many-Account-Id': '1',
    'X-Mail2Many-Event': 'optin',
    'X-Mail2Many-Event-Date': date,
    'X-Mail2Many-Event-Id': randomUUID(),
    'X-Mail2Many-Signature': createHmac('sha256', secret).update(body).digest('hex'),
  };
  return { headers, body };
}
