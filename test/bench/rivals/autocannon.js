// autocannon.js URL AMOUNT CONNECTIONS: sends mail2many's event optin, a new one each time, signed by BENCH_SECRET.
import autocannon from 'autocannon';
import { makeSignedEvent } from '../signed-event.js';

const [url, amount, connections] = process.argv.slice(2);

const setupRequest = (request) => ({ ...request, ...makeSignedEvent(process.env.BENCH_SECRET) });

const result = await autocannon({
  url,
  connections: Number(connections),
  amount: Number(amount),
  // It looks whether it is done once in this time.
  sampleInt: 10,
  requests: [{ method: 'POST', setupRequest }],
});
if (result['2xx'] !== Number(amount)) throw new Error(`${result['2xx']} of ${amount} were answered by a 2xx`);
