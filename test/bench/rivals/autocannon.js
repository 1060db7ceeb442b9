// autocannon.js URL AMOUNT CONNECTIONS: sends mail2many's event optin, a new one each time, signed by BENCH_SECRET.
import { createHmac, randomUUID } from 'node:crypto';
import autocannon from 'autocannon';

const [url, amount, connections] = process.argv.slice(2);

/** As `webhook sample optin` prints it. */
const optin = (date) => ({
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

function setupRequest(request) {
  const date = new Date().toISOString().slice(0, 19).replace('T', ' ');
  const body = JSON.stringify(optin(date));
  return {
    ...request,
    body,
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': 'mail2many-Webhook',
      'X-Mail2Many-Account-Id': '1',
      'X-Mail2Many-Event': 'optin',
      'X-Mail2Many-Event-Date': date,
      'X-Mail2Many-Event-Id': randomUUID(),
      'X-Mail2Many-Signature': createHmac('sha256', process.env.BENCH_SECRET).update(body).digest('hex'),
    },
  };
}

const result = await autocannon({
  url,
  connections: Number(connections),
  amount: Number(amount),
  // It looks whether it is done once in this time.
  sampleInt: 10,
  requests: [{ method: 'POST', setupRequest }],
});
if (result['2xx'] !== Number(amount)) throw new Error(`${result['2xx']} of ${amount} were answered by a 2xx`);
