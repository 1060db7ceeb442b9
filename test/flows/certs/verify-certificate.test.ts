import { spawn } from 'node:child_process';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/cli/terminal/environment.ts';
import type { Report } from '../../../src/model/report.ts';
import { diagnose, type DiagnoseFlags } from '../../helpers/diagnose.ts';
import { hasNginx, startNginx, type Nginx } from '../../helpers/nginx.ts';
import { makeTestCertificates, type TestCertificates } from '../../helpers/openssl-certificates.ts';
import { openRaw, openServer } from '../../helpers/raw-server.ts';

let files: TestCertificates;
beforeAll(() => {
  files = makeTestCertificates();
});
afterAll(() => files.remove());

/** The test certificates are made for 30 days, which S1 would warn of: by this clock they have an hour more. */
const anHourAgo = { ...systemClock, now: () => systemClock.now() - 3_600_000 };
const verify = async (url: string, flags: DiagnoseFlags = {}, clock = anHourAgo): Promise<Diagnosed> => {
  const { report, answered } = await diagnose(
    url,
    { cacert: files.path('ca.pem'), daysWarning: 30, ...flags },
    { env: { PASS: 'open sesame' }, clock },
  );
  return { ...report, answered, verdict: report.facts['verdict'] };
};
type Diagnosed = Report & { answered: boolean; verdict: unknown };
const good = (): DiagnoseFlags => ({
  cert: files.path('client-rsa.pem'),
  key: files.path('client-rsa.key'),
  passphraseEnv: 'PASS',
});

/** `P1 pass, P1 fail, …` of the checks named. */
const statuses = ({ findings }: Diagnosed, ...ids: string[]): string[] =>
  findings.filter(({ id }) => ids.includes(id)).map(({ id, status }) => `${id} ${status}`);
const details = ({ findings }: Diagnosed, id: string): string[] =>
  findings.filter((finding) => finding.id === id).map(({ detail }) => detail);

interface Visitor {
  shown: boolean;
  authorized: boolean;
  request: IncomingMessage;
}

const REQUIRED: TlsOptions = { requestCert: true, rejectUnauthorized: true };
const ASKED: TlsOptions = { requestCert: true, rejectUnauthorized: false };

/** An https endpoint that trusts the test CA for clients; `answer` is what its application says. */
async function open(
  options: TlsOptions,
  answer: (visitor: Visitor) => number = () => 200,
  server = 'server',
): Promise<string> {
  const application = createServer(
    { cert: files.read(`${server}.pem`), key: files.read(`${server}.key`), ca: files.read('ca.pem'), ...options },
    (request, response) => {
      const socket = request.socket as TLSSocket;
      const visitor = {
        shown: Object.keys(socket.getPeerCertificate()).length > 0,
        authorized: socket.authorized,
        request,
      };
      request.resume().on('end', () => response.writeHead(answer(visitor)).end());
    },
  );
  return `https://127.0.0.1:${await openServer(application)}/hook`;
}

/** OpenSSL's own server: unlike Node's it sends an alert for every bad certificate. */
async function startOpensslServer(args: readonly string[]): Promise<string> {
  const child = spawn(
    'openssl',
    [
      's_server',
      '-accept',
      '127.0.0.1:0',
      '-cert',
      files.path('server.pem'),
      '-key',
      files.path('server.key'),
      '-www',
      ...args,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  onTestFinished(() => void child.kill());
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error(`openssl s_server did not start: ${said}`)));
  });
  return `https://127.0.0.1:${port}/hook`;
}

test('a server that never asks: every POST gets in, and the given certificate is not sent', async () => {
  const diagnosis = await verify(await open({}), good());
  expect(diagnosis.verdict).toBe('never-asks');
  expect(statuses(diagnosis, 'S1', 'N1', 'P1', 'P2', 'P5', 'R1')).toEqual([
    'S1 pass',
    'N1 fail',
    'N1 fail',
    'P1 fail',
    'P1 fail',
    'P2 skip',
    'P2 skip',
    'P5 warn',
    'P5 warn',
    'R1 skip',
  ]);
});

test('a server that does not ask and answers 401 on every version still never asks', async () => {
  const diagnosis = await verify(await open({}, () => 401));
  expect(diagnosis.verdict).toBe('never-asks');
  expect(statuses(diagnosis, 'P1')).toEqual(['P1 warn', 'P1 warn']);
});

test('403 on TLS 1.3 alone, without being asked, can be a certificate per location: inconclusive', async () => {
  expect((await verify(await open({ minVersion: 'TLSv1.3' }, () => 403))).verdict).toBe('inconclusive');
});

test('a server that asks and lets in whoever comes admits anyone', async () => {
  const diagnosis = await verify(await open(ASKED), good());
  expect(diagnosis.verdict).toBe('admits-anyone');
  expect(statuses(diagnosis, 'N1', 'P1', 'P2', 'P5')).toEqual([
    'N1 pass',
    'N1 pass',
    'P1 fail',
    'P1 fail',
    'P2 fail',
    'P2 fail',
    'P5 pass',
    'P5 pass',
  ]);
});

test('a server that wants any certificate, whoever issued it, admits anyone', async () => {
  expect((await verify(await open(ASKED, ({ shown }) => (shown ? 200 : 403)), good())).verdict).toBe('admits-anyone');
});

test('a server that refuses bad certificates but not their absence: optional', async () => {
  expect(
    (await verify(await open(ASKED, ({ shown, authorized }) => (shown && !authorized ? 403 : 200)), good())).verdict,
  ).toBe('optional');
});

test('enforced by TLS: alerts 40 and 116, and silence for a self-signed certificate', async () => {
  const diagnosis = await verify(await open(REQUIRED), good());
  expect(diagnosis.verdict).toBe('enforced-tls');
  expect(statuses(diagnosis, 'S1', 'N1', 'P1', 'P2', 'P5', 'R1')).toEqual([
    'S1 pass',
    'N1 pass',
    'N1 pass',
    'P1 pass',
    'P1 pass',
    'P2 pass',
    'P2 pass',
    'P5 pass',
    'P5 pass',
    'R1 pass',
  ]);
  expect(details(diagnosis, 'P1')).toEqual([
    'refused: TLS alert 40 handshake_failure',
    'refused: TLS alert 116 certificate_required',
  ]);
});

test('silence alone proves nothing: without a good certificate to compare it is inconclusive', async () => {
  const diagnosis = await verify(await open(REQUIRED));
  expect(diagnosis.verdict).toBe('inconclusive');
  expect(statuses(diagnosis, 'P1', 'P2', 'P5')).toEqual(['P1 pass', 'P1 pass', 'P2 warn', 'P2 warn', 'P5 skip']);
});

test('a server that says why it refuses needs no good certificate to compare', async () => {
  const diagnosis = await verify(
    await startOpensslServer(['-Verify', '1', '-verify_return_error', '-CAfile', files.path('ca.pem')]),
  );
  expect(diagnosis.verdict).toBe('enforced-tls');
  expect(details(diagnosis, 'P2')).toEqual(['refused: TLS alert 48 unknown_ca', 'refused: TLS alert 48 unknown_ca']);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('a server of %s alone is judged by it', async (version) => {
  const diagnosis = await verify(await open({ ...REQUIRED, minVersion: version, maxVersion: version }), good());
  expect(diagnosis.verdict).toBe('enforced-tls');
  expect(statuses(diagnosis, 'S1', 'P1', 'P2', 'P5')).toEqual(['S1 pass', 'P1 pass', 'P2 pass', 'P5 pass']);
});

test('enforced by the application: 403 for all but the good certificate', async () => {
  const diagnosis = await verify(await open(ASKED, ({ authorized }) => (authorized ? 204 : 403)), good());
  expect(diagnosis.verdict).toBe('enforced-application');
  expect(details(diagnosis, 'R1')).toEqual([
    'TLS 1.2: the application (HTTP 403); TLS 1.3: the application (HTTP 403)',
  ]);
});

test('403 without a good certificate to compare is inconclusive: it may have any reason', async () => {
  expect((await verify(await open(ASKED, ({ authorized }) => (authorized ? 204 : 403)))).verdict).toBe('inconclusive');
});

/** admission.test.ts has the same for other statuses. */
test('404 for all but the good certificate is no refusal: inconclusive', async () => {
  expect((await verify(await open(ASKED, ({ authorized }) => (authorized ? 204 : 404)), good())).verdict).toBe(
    'inconclusive',
  );
});

test('refuses everybody: the given certificate too', async () => {
  const diagnosis = await verify(await open(ASKED, () => 403), good());
  expect(diagnosis.verdict).toBe('refuses-everybody');
  expect(statuses(diagnosis, 'P5')).toEqual(['P5 fail', 'P5 fail']);
});

test('one version that lets everybody in decides, however well the other is guarded', async () => {
  const url = await open(ASKED, ({ authorized, request }) =>
    authorized || (request.socket as TLSSocket).getProtocol() === 'TLSv1.2' ? 200 : 403,
  );
  expect((await verify(url, good())).verdict).toBe('admits-anyone');
});

test.each([
  ['mailkit', 201, 'P5 fail'],
  ['mailkit', 200, 'P5 pass'],
  ['mail-plus', 201, 'P5 pass'],
  [undefined, 204, 'P5 pass'],
])('success as %s has it: %i is %s', async (vendor, status, expected) => {
  const diagnosis = await verify(await open({ ...REQUIRED, minVersion: 'TLSv1.3' }, () => status), {
    ...good(),
    ...(vendor === undefined ? {} : { vendor }),
  });
  expect([diagnosis.verdict, statuses(diagnosis, 'P5')]).toEqual(['enforced-tls', [expected]]);
});

test('what is sent is a POST of the vendor to the real path, with the credentials of the URL', async () => {
  const seen: { line: string; type: unknown; authorization: unknown; body: string }[] = [];
  const server = createServer(
    { cert: files.read('server.pem'), key: files.read('server.key'), minVersion: 'TLSv1.3' },
    (request, response) => {
      let body = '';
      request
        .setEncoding('utf8')
        .on('data', (text: string) => {
          body += text;
        })
        .on('end', () => {
          const { method, url, headers } = request;
          seen.push({
            line: `${method} ${url}`,
            type: headers['content-type'],
            authorization: headers.authorization,
            body,
          });
          response.end();
        });
    },
  );
  const diagnosis = await verify(`https://user:pass@127.0.0.1:${await openServer(server)}/a/b?c=d`, {
    vendor: 'mailkit',
  });
  expect(
    new Set(seen.map(({ line, type, body }) => JSON.stringify([line, type, body]))).size,
    'all calls carry the same event',
  ).toBe(1);
  expect(seen[0]).toMatchObject({
    line: 'POST /a/b?c=d',
    type: 'application/json',
    authorization: `Basic ${Buffer.from('user:pass').toString('base64')}`,
  });
  expect(Object.keys(JSON.parse(seen[0]?.body ?? '') as object)).toContain('URL_CODE');
  expect(JSON.stringify(diagnosis)).not.toContain('pass@');
});

test.each([
  ['server', {}, 'S1 pass'],
  ['selfsigned', {}, 'S1 fail'],
  ['expired', {}, 'S1 fail'],
  ['othername', {}, 'S1 fail'],
  ['selfsigned', { insecure: true }, 'S1 skip'],
] as const)("S1: the server's certificate %s with %o is %s", async (server, options, expected) => {
  const diagnosis = await verify(await open(REQUIRED, () => 200, server), { ...good(), ...options });
  expect([statuses(diagnosis, 'S1'), diagnosis.verdict]).toEqual([[expected], 'enforced-tls']);
});

test('S1 warns of a server certificate with less than 30 days left', async () => {
  expect(statuses(await verify(await open(REQUIRED), {}, systemClock), 'S1')).toEqual(['S1 warn']);
});

test('--connect-to leads elsewhere, the name of the URL stays', async () => {
  const port = new URL(await open(REQUIRED)).port;
  const diagnosis = await verify('https://localhost/hook', {
    ...good(),
    connectTo: [`localhost:443:127.0.0.1:${port}`],
  });
  expect([diagnosis.verdict, statuses(diagnosis, 'S1')]).toEqual(['enforced-tls', ['S1 pass']]);
});

test.each([
  ['hangs in the handshake', 1000, () => openRaw(() => undefined), 'no answer within'],
  ['closes at once', 60_000, () => openRaw((socket) => socket.end()), 'the connection was closed without an answer'],
  [
    'speaks plain http',
    60_000,
    () => openServer(createHttpServer()),
    'the answer is not TLS; this port may speak plain http',
  ],
])('an endpoint that %s answers nothing', async (_, maxTime, openIt, expected) => {
  const diagnosis = await verify(`https://127.0.0.1:${await openIt()}/`, { maxTime });
  expect([diagnosis.answered, diagnosis.verdict, statuses(diagnosis, 'N1')]).toEqual([
    false,
    'inconclusive',
    ['N1 skip', 'N1 skip'],
  ]);
  expect(details(diagnosis, 'N1')[0]).toContain(expected);
});

test('an endpoint that hangs after the handshake is inconclusive, within the time given', async () => {
  const server = createServer(
    {
      ...REQUIRED,
      cert: files.read('server.pem'),
      key: files.read('server.key'),
      ca: files.read('ca.pem'),
      rejectUnauthorized: false,
    },
    () => undefined,
  );
  const diagnosis = await verify(`https://127.0.0.1:${await openServer(server)}/`, { ...good(), maxTime: 3000 });
  expect([diagnosis.answered, diagnosis.verdict]).toEqual([false, 'inconclusive']);
  expect(diagnosis.conclusion).toContain('no HTTP response came in time');
});

test('an answer without end is not read to its end', async () => {
  const server = createServer(
    { cert: files.read('server.pem'), key: files.read('server.key') },
    (_request, response) => {
      const more = setInterval(() => response.write('x'.repeat(100_000)), 1);
      response.on('close', () => clearInterval(more));
      response.writeHead(400);
    },
  );
  expect((await verify(`https://127.0.0.1:${await openServer(server)}/`)).verdict).toBe('never-asks');
});

test.each([
  [{ cert: 'client.pem' }, 'usage'],
  [{ key: 'client.key' }, 'usage'],
  [{ cert: 'client.pem', key: 'client.key', pfx: 'client.pfx' }, 'usage'],
  [{ cert: 'client.pem', key: 'client-rsa.key' }, 'input'],
  [{ cert: 'client.csr', key: 'client.key' }, 'input'],
  [{ cert: 'missing.pem', key: 'client.key' }, 'input'],
  [{ pfx: 'client.pfx' }, 'input'],
  [{ cacert: 'client.der' }, 'input'],
])('own files %o are found wrong before anything is sent: %s', async (names, kind) => {
  const paths = Object.fromEntries(Object.entries(names).map(([flag, name]) => [flag, files.path(name)]));
  await expect(verify('https://127.0.0.1:1/', paths)).rejects.toMatchObject({ name: 'AppError', kind });
});

test('a key of another certificate is read, and found wrong: the checks without a certificate are made', async () => {
  const diagnosis = await verify(await open(REQUIRED), {
    cert: files.path('client.pem'),
    key: files.path('server.key'),
  });
  expect(statuses(diagnosis, 'L1', 'L3', 'N1', 'P1', 'P5')).toEqual([
    'L1 pass',
    'L3 fail',
    'N1 pass',
    'N1 pass',
    'P1 pass',
    'P1 pass',
    'P5 skip',
  ]);
  expect(details(diagnosis, 'P5')[0]).toContain('cannot be used');
});

test.each([
  ['certificate and key in one file', { cert: 'both.pem' }],
  ['PKCS#12', { pfx: 'client.pfx' }],
])('%s is shown like any other', async (_, names) => {
  const paths = Object.fromEntries(Object.entries(names).map(([flag, name]) => [flag, files.path(name)]));
  const diagnosis = await verify(await open({ ...REQUIRED, minVersion: 'TLSv1.3' }), {
    ...paths,
    passphraseEnv: 'PASS',
  });
  expect(diagnosis.verdict).toBe('enforced-tls');
});

describe.skipIf(!hasNginx)(`nginx${hasNginx ? '' : ' (skipped: it is not installed)'}`, () => {
  let nginx: Nginx<'on' | 'optional' | 'optional_no_ca' | 'disguised' | 'none'>;
  beforeAll(async () => {
    const answer = 'location / { return 200; }';
    const verified = `ssl_client_certificate ${files.path('ca.pem')}; ${answer}`;
    nginx = await startNginx(
      { cert: files.path('server.pem'), key: files.path('server.key') },
      {
        none: answer,
        on: `ssl_verify_client on; ${verified}`,
        optional: `ssl_verify_client optional; ${verified}`,
        optional_no_ca: `ssl_verify_client optional_no_ca; ${verified}`,
        disguised: `ssl_verify_client on; error_page 495 496 =200 /; ${verified}`,
      },
    );
  });
  afterAll(() => nginx?.stop());

  test.each([
    ['on', 'enforced-server'],
    ['none', 'never-asks'],
    ['optional', 'optional'],
    ['optional_no_ca', 'admits-anyone'],
    ['disguised', 'admits-anyone'],
  ] as const)('%s: %s', async (name, verdict) => {
    const [alone, compared] = await Promise.all([verify(nginx.url(name)), verify(nginx.url(name), good())]);
    expect([alone.verdict, compared.verdict]).toEqual([verdict, verdict]);
  });

  test.each<[string, DiagnoseFlags, isGood: boolean, conclusion: string]>([
    [
      'nothing given',
      {},
      true,
      'a client certificate is enforced by the server; your own certificate was not tried (--cert, --key); ' +
        'expired and server-only certificates were not tried (--client-ca, --client-ca-key)',
    ],
    [
      'a key that does not fit',
      { cert: 'client.pem', key: 'server.key' },
      false,
      'a client certificate is enforced by the server; the given certificate could not be tried',
    ],
    [
      'a key that does not fit, with L3 left out',
      { cert: 'client.pem', key: 'server.key', skip: ['L3'] },
      false,
      'a client certificate is enforced by the server; the given certificate could not be tried',
    ],
    [
      'a named check that cannot be made',
      { only: ['P1', 'P4'] },
      false,
      'a client certificate is enforced by the server; P4 could not be checked',
    ],
    [
      'one of two addresses where nobody listens',
      { resolve: ['127.0.0.1', '127.0.0.2'], only: ['R2', 'S3'] },
      false,
      'a client certificate is enforced by the server; S3 is inconclusive: not every address of this host answers TLS',
    ],
  ])('exit code 0 only where the given thing was proved: %s', async (_, flags, isGood, conclusion) => {
    const { port } = new URL(nginx.url('on'));
    const { cert, key, resolve } = flags;
    const given = {
      ...flags,
      ...(cert === undefined ? {} : { cert: files.path(cert), key: files.path(key ?? '') }),
      ...(resolve === undefined ? {} : { resolve: [`localhost:${port}:${resolve.join(',')}`] }),
    };
    const diagnosis = await verify(`https://localhost:${port}/`, given);
    expect([diagnosis.isGood, diagnosis.conclusion]).toEqual([isGood, conclusion]);
  });

  test('a success is not that of a certificate that nobody asked for', async () => {
    const diagnosis = await verify(nginx.url('none'), { ...good(), only: ['P5'] });
    expect([diagnosis.isGood, diagnosis.conclusion]).toEqual([
      false,
      'the server never asks for a client certificate; P5 is inconclusive: HTTP 200, but not because of the certificate: the ' +
        'server did not ask for it',
    ]);
  });
});
