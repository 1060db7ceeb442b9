import { createServer, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, findingsOf, openEndpoint, type DiagnoseFlags } from '../../helpers/diagnose.ts';
import { freePorts } from '../../helpers/free-ports.ts';
import { hasNginx, startNginx } from '../../helpers/nginx.ts';
import { openRaw, openServer } from '../../helpers/raw-server.ts';

/** P9: the same path in plain http. */
let cases: ClientCases;
let endpoint: () => Promise<number>;
beforeAll(async () => {
  cases = await makeClientCases();
  endpoint = () =>
    openEndpoint({
      cert: cases.read('server.pem'),
      key: cases.read('server.key'),
      ca: cases.read('ca.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    });
});
afterAll(() => cases?.remove());

const look = (url: string, flags: DiagnoseFlags = {}): Promise<CertificateDiagnosis> =>
  diagnose(url, { cacert: cases.path('server-ca.pem'), only: ['P9'], ...flags });
const told = (diagnosis: CertificateDiagnosis): unknown[] =>
  findingsOf(diagnosis, 'P9').flatMap(({ status, detail }) => [status, detail]);

/** What plain http servers were asked: `POST host:port/path`. */
async function openPlain(
  answer: (response: ServerResponse) => void,
  host = '127.0.0.1',
): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  const port = await openServer(
    createServer((request, response) => {
      seen.push(`${request.method} ${request.headers.host}${request.url}`);
      request.resume().on('end', () => answer(response));
    }),
    host,
  );
  return { port, seen };
}

test.each<[string, (response: ServerResponse) => void, string]>([
  ['answers 200', (response) => response.end(), 'fail'],
  ['redirects to https', (response) => response.writeHead(301, { location: 'https://localhost/' }).end(), 'pass'],
  ['answers 404', (response) => response.writeHead(404).end(), 'pass'],
])('a port that %s', async (_, answer, status) => {
  const plain = await openPlain(answer);
  const diagnosis = await look(`https://127.0.0.1:${await endpoint()}/hook?a=b`, { plainPort: [plain.port] });
  const [finding] = findingsOf(diagnosis, 'P9');
  expect([finding?.status, diagnosis.report.isGood, finding?.serverFixes.length]).toEqual([
    status,
    status === 'pass',
    status === 'pass' ? 0 : 5,
  ]);
  expect(plain.seen).toEqual([`POST 127.0.0.1:${plain.port}/hook?a=b`]);
});

test('a port where nobody listens, and one that hangs up, serve nothing', async () => {
  const [dead] = await freePorts(1);
  const shy = await openRaw((socket) => socket.end());
  const [finding] = findingsOf(
    await look(`https://127.0.0.1:${await endpoint()}/`, { plainPort: [dead as number, shy] }),
    'P9',
  );
  expect([finding?.status, finding?.detail]).toEqual([
    'pass',
    `port ${dead}: no connection; port ${shy}: no HTTP answer`,
  ]);
});

test('one of several ports that serves it is enough to fail', async () => {
  const [dead] = await freePorts(1);
  const plain = await openPlain((response) => response.writeHead(204).end());
  expect(
    told(await look(`https://127.0.0.1:${await endpoint()}/`, { plainPort: [dead as number, plain.port] })),
  ).toEqual(['fail', `port ${plain.port} accepts the POST without TLS: HTTP 204`]);
});

test.skipIf(!hasNginx)(
  `nginx answers 400 to plain http on its https port${hasNginx ? '' : ' (skipped: it is not installed)'}`,
  async () => {
    const nginx = await startNginx(
      { cert: cases.path('server.pem'), key: cases.path('server.key') },
      { on: `ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_client on; location / { return 200; }` },
    );
    onTestFinished(() => nginx.stop());
    expect(told(await look(nginx.url('on')))).toEqual(['pass', `port ${nginx.port('on')}: HTTP 400`]);
  },
);

test('--connect-to leads https elsewhere: nothing is sent to a port 80 that no rule names', async () => {
  const port = await endpoint();
  expect(told(await look('https://hooks.test/', { connectTo: [`hooks.test:443:127.0.0.1:${port}`] }))).toEqual([
    'skip',
    'a rule redirects the connection: give the port with --plain-port',
  ]);
});

test('--connect-to with a rule for port 80: there', async () => {
  const plain = await openPlain((response) => response.end());
  const connectTo = [`hooks.test:443:127.0.0.1:${await endpoint()}`, `hooks.test:80:127.0.0.1:${plain.port}`];
  expect(told(await look('https://hooks.test/x', { connectTo }))).toEqual([
    'fail',
    `port ${plain.port} accepts the POST without TLS: HTTP 200`,
  ]);
  expect(plain.seen).toEqual(['POST hooks.test/x']);
});

test('--connect-to and --plain-port: the port of the host of the rule, never of the one in DNS', async () => {
  const plain = await openPlain((response) => response.end());
  expect(
    told(
      await look('https://hooks.test/x', {
        connectTo: [`hooks.test:443:127.0.0.1:${await endpoint()}`],
        plainPort: [plain.port],
      }),
    )[0],
  ).toBe('fail');
  expect(plain.seen).toEqual([`POST hooks.test:${plain.port}/x`]);
});

test('--resolve of the plain port alone leads there', async () => {
  const plain = await openPlain((response) => response.end());
  const port = await endpoint();
  expect(
    told(
      await look(`https://hooks.test:${port}/`, {
        resolve: [`hooks.test:${port}:127.0.0.1`, `hooks.test:${plain.port}:127.0.0.1`],
        plainPort: [plain.port],
      }),
    )[0],
  ).toBe('fail');
});

test('credentials of the URL never go out in clear text', async () => {
  let authorization: string | undefined;
  const port = await openServer(
    createServer((request, response) => {
      ({ authorization } = request.headers);
      request.resume().on('end', () => response.end());
    }),
  );
  const diagnosis = await look(`https://user:secret@127.0.0.1:${await endpoint()}/`, { plainPort: [port] });
  expect(findingsOf(diagnosis, 'P9')[0]?.status).toBe('fail');
  expect(authorization).toBeUndefined();
  expect(JSON.stringify(diagnosis)).not.toMatch(/secret|Basic /);
});
