import { createServer, type ServerOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MOST_CONNECTIONS } from '../../../src/certs/survey/bounds.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose } from '../../helpers/diagnose.ts';
import { openServer } from '../../helpers/raw-server.ts';

/** How many connections a diagnosis opens at most, as --help says. */
let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const { forAddress, forHost, forOtherHost, forClaims } = MOST_CONNECTIONS;

test.each<[string, ServerOptions, (headers: IncomingHttpHeaders) => number, least: number, most: number]>([
  ['TLS refuses', { rejectUnauthorized: true }, () => 200, forHost, 0],
  ['an application refuses', { rejectUnauthorized: false }, () => 403, forHost + forAddress, forClaims],
  [
    'an application answers every header in another way',
    { rejectUnauthorized: false },
    (headers) => (Object.keys(headers).length > 6 ? 404 : 403),
    forClaims,
    forClaims,
  ],
])('%s', async (_, options, answer, least, more) => {
  const server = createServer(
    {
      cert: cases.read('server.pem'),
      key: cases.read('server.key'),
      ca: cases.read('ca.pem'),
      requestCert: true,
      ...options,
    },
    ({ headers }, response) => response.writeHead(answer(headers)).end(),
  );
  let connections = 0;
  server.on('connection', () => (connections += 1));
  const port = await openServer(server, '0.0.0.0');
  const everything = {
    cacert: cases.path('server-ca.pem'),
    cert: cases.path('good-ec.pem'),
    key: cases.path('good-ec.key'),
    clientCa: cases.path('ca.pem'),
    clientCaKey: cases.path('ca.key'),
    pin: cases.path('server-ca.pem'),
    resolve: [`hooks.test:${port}:127.0.0.1,127.0.0.2`],
    otherHost: ['shop.test'],
    maxTime: 120_000,
  };
  await diagnose(`https://user:secret@hooks.test:${port}/`, everything);
  const most = forHost + 2 * forAddress + forOtherHost + more;
  expect(connections).toBeLessThanOrEqual(most);
  expect(connections).toBeGreaterThan(least);
});
