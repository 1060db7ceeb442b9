import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeProbeRequests } from '../../../src/flows/certs/plan-probes.ts';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import { surveyEndpoint } from '../../../src/certs/survey/survey-endpoint.ts';
import { makeIds, systemRandom } from '../../../src/plan/ids.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, findingsOf, statusesOf, type DiagnoseFlags } from '../../helpers/diagnose.ts';
import { openServer } from '../../helpers/raw-server.ts';

/**
 * The user and password of the URL, and the secrets of its query, go to the server that it names, and to nobody else.
 */
let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const BASIC = `Basic ${Buffer.from('user:secret').toString('base64')}`;
const REQUIRED: ServerOptions = { requestCert: true, rejectUnauthorized: true };

interface Seen {
  authorization: string | undefined;
  host: string | undefined;
  servername: string | false | null | undefined;
}

/** An endpoint that lets in whoever has the password. */
async function openGuarded(
  options: ServerOptions,
  name = 'server',
): Promise<{ port: number; seen: Seen[]; connections: () => number }> {
  const seen: Seen[] = [];
  let connections = 0;
  const server = createServer(
    { cert: cases.read(`${name}.pem`), key: cases.read(`${name}.key`), ca: cases.read('ca.pem'), ...options },
    (request, response) => {
      const { authorization, host } = request.headers;
      seen.push({
        authorization,
        host,
        servername: (request.socket as TLSSocket & { servername?: string | false | null }).servername,
      });
      request.resume().on('end', () => response.writeHead(authorization === BASIC ? 200 : 401).end());
    },
  );
  server.on('connection', () => (connections += 1));
  return { port: await openServer(server), seen, connections: () => connections };
}

const look = (port: number, flags: DiagnoseFlags = {}, user = 'user:secret@') =>
  diagnose(`https://${user}127.0.0.1:${port}/`, { cacert: cases.path('server-ca.pem'), skip: ['P9'], ...flags });
const own = (): DiagnoseFlags => ({ cert: cases.path('good-ec.pem'), key: cases.path('good-ec.key') });

test.each<[string, DiagnoseFlags, string, string]>([
  ['its chain is not right', {}, 'self-signed', 'it is not meant for TLS servers'],
  [
    'its chain is not right, and S1 alone is asked for',
    { only: ['S1'] },
    'self-signed',
    'it is not meant for TLS servers',
  ],
  ['its CA is another', { cacert: undefined }, 'server', ''],
  ['its name is another', { servername: 'other.example' }, 'server', 'it does not cover other.example'],
])('a server gets none where %s, and S1 says so', async (_, flags, name, detail) => {
  const { port, seen } = await openGuarded({}, name);
  const [finding] = findingsOf(await look(port, flags), 'S1');
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  expect(finding?.status).toBe('fail');
  expect(finding?.detail).toContain(detail);
  expect(finding?.detail).toContain('the credentials in the URL were not sent');
});

test.each<[string, ServerOptions]>([
  ['both versions', {}],
  ['TLS 1.2 alone', { maxVersion: 'TLSv1.2' }],
])('the right server gets them, also where it refuses who shows no certificate: %s', async (_, options) => {
  const { port, seen } = await openGuarded({ ...REQUIRED, ...options });
  const diagnosis = await look(port, own());
  expect([diagnosis.report.isGood, statusesOf(diagnosis)]).toEqual([true, []]);
  expect(seen.length).toBeGreaterThan(0);
  expect(JSON.stringify(diagnosis)).not.toMatch(/secret|Basic /);
});

test('requests for other hosts on the same server carry none', async () => {
  const { port, seen } = await openGuarded({});
  await look(port, { otherHost: ['shop.test'] });
  expect(seen.filter(({ host }) => host === `shop.test:${port}`).map(({ authorization }) => authorization)).toEqual([
    undefined,
    undefined,
  ]);
  expect(seen.some(({ host, authorization }) => host === `127.0.0.1:${port}` && authorization === BASIC)).toBe(true);
});

test('under another name the same server has another certificate: it is none that was proved', async () => {
  const other = createSecureContext({ cert: cases.read('self-signed.pem'), key: cases.read('self-signed.key') });
  const { port, seen } = await openGuarded({
    SNICallback: (name, done) => done(null, name === 'shop.test' ? other : undefined),
  });
  await look(port, { otherHost: ['shop.test', 'twin.test'] });
  const sentUnder = (name: string): unknown[] => [
    ...new Set(
      seen
        .filter(({ servername, host }) => servername === name && host === `127.0.0.1:${port}`)
        .map(({ authorization }) => authorization),
    ),
  ];
  expect([sentUnder('shop.test'), sentUnder('twin.test')]).toEqual([[undefined], [BASIC]]);
});

test('without credentials there is no handshake more', async () => {
  const [plain, secret] = [await openGuarded({}), await openGuarded({})];
  await look(plain.port, { skip: ['P8', 'P9', 'P10', 'P11', 'R2'] }, '');
  await look(secret.port, { skip: ['P8', 'P9', 'P10', 'P11', 'R2'] });
  expect(secret.connections() - plain.connections()).toBe(2);
});

test('--insecure sends them to any server', async () => {
  const { port, seen } = await openGuarded({}, 'self-signed');
  const url = new URL(`https://user:secret@127.0.0.1:${port}/`);
  const calls = await makeProbeRequests(url, null, systemClock, makeIds(systemRandom()));
  await surveyEndpoint({
    name: '127.0.0.1',
    port,
    addresses: ['127.0.0.1'],
    isLocalhost: false,
    otherHosts: [],
    postTo: calls.toHost,
    plainPorts: [],
    post: calls.post,
    large: calls.large,
    insecure: true,
    identity: null,
    certificates: [],
    ca: undefined,
    pin: null,
    clientCa: [],
    clientCaKey: null,
    steps: new Set(),
    nowMs: Date.now(),
    maxTimeMs: 60_000,
    isSuccess: () => true,
    showProgress: () => undefined,
  });
  expect(seen.map(({ authorization }) => authorization)).toEqual([BASIC, BASIC]);
});

test('-k sends them to any server', async () => {
  const { port, seen } = await openGuarded({}, 'self-signed');
  const diagnosis = await look(port, { insecure: true, skip: ['P9'] });
  expect([
    ...new Set(seen.filter(({ host }) => host === `127.0.0.1:${port}`).map(({ authorization }) => authorization)),
  ]).toEqual([BASIC]);
  expect(findingsOf(diagnosis, 'S1')[0]?.status).toBe('skip');
});

const QUERY = '/hook?list=7&token=s3cr3t-of-the-query';
const HIDDEN = '/hook?list=7&token=***';

/** The request targets that an https endpoint and its plain twin are asked for. */
async function openTwins(name = 'server'): Promise<{
  port: number;
  plainPort: number;
  targets: Record<'tls' | 'plain', { host: string | undefined; target: string | undefined }[]>;
}> {
  const targets = { tls: [], plain: [] } as {
    tls: { host: string | undefined; target: string | undefined }[];
    plain: { host: string | undefined; target: string | undefined }[];
  };
  const noteIn =
    (list: typeof targets.tls): RequestListener =>
    ({ headers: { host }, url: target }, response) => {
      list.push({ host, target });
      response.end();
    };
  const port = await openServer(
    createServer(
      { cert: cases.read(`${name}.pem`), key: cases.read(`${name}.key`), ca: cases.read('ca.pem') },
      noteIn(targets.tls),
    ),
  );
  return { port, plainPort: await openServer(createPlainServer(noteIn(targets.plain))), targets };
}

test('the secrets of a query go neither to plain http nor to other hosts', async () => {
  const { port, plainPort, targets } = await openTwins();
  const diagnosis = await diagnose(`https://127.0.0.1:${port}${QUERY}`, {
    cacert: cases.path('server-ca.pem'),
    otherHost: ['shop.test'],
    plainPort: [plainPort],
    ...own(),
  });
  expect(targets.plain.map(({ target }) => target)).toEqual([HIDDEN]);
  expect(
    [...new Set(targets.tls.map(({ host, target }) => `${host?.replace(/:.*/, '')} ${target}`))].toSorted(),
  ).toEqual([`127.0.0.1 ${QUERY}`, `another-host.invalid ${HIDDEN}`, `shop.test ${HIDDEN}`]);
  expect(JSON.stringify(diagnosis)).not.toContain('s3cr3t');
});

test('nor to a server whose certificate is not right, and S1 says so', async () => {
  const { port, targets } = await openTwins('self-signed');
  const [finding] = findingsOf(await diagnose(`https://127.0.0.1:${port}${QUERY}`, { skip: ['P9'] }), 'S1');
  expect([...new Set(targets.tls.map(({ target }) => target))]).toEqual([HIDDEN]);
  expect(finding?.detail).toContain('the credentials in the URL were not sent');
});
