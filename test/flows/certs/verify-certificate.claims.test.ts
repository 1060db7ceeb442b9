import { X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';
import type { Server as ServerName } from '../../../src/model/finding.ts';
import { hasApache, startApache } from '../../helpers/apache.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, type DiagnoseFlags, findingsOf, statusesOf, verdictOf } from '../../helpers/diagnose.ts';
import { hasHaproxy, startHaproxy } from '../../helpers/haproxy.ts';
import { hasNginx, startNginx } from '../../helpers/nginx.ts';
import { openServer } from '../../helpers/raw-server.ts';
import { type RunningServer, titleOf } from '../../helpers/server-process.ts';

/** P11: an application behind the server that believes what a header tells of the certificate. */
let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const serverFiles = () => ({ cert: cases.path('server.pem'), key: cases.path('server.key') });
const tls = (): ServerOptions => ({
  cert: cases.read('server.pem'),
  key: cases.read('server.key'),
  ca: cases.read('ca.pem'),
});
const own = (): DiagnoseFlags => ({ cert: cases.path('good-ec.pem'), key: cases.path('good-ec.key') });
const look = (url: string, flags: DiagnoseFlags = {}): Promise<CertificateDiagnosis> =>
  diagnose(url, { cacert: cases.path('server-ca.pem'), ...flags });
const claimsOf = (diagnosis: CertificateDiagnosis) => findingsOf(diagnosis, 'P11')[0];

const one = (headers: IncomingHttpHeaders, name: string): string => String(headers[name] ?? '');
/** The certificate in a header, however it is written there. */
function certificateIn(value: string): X509Certificate | null {
  const text = decodeURIComponent(value.replace(/^:|:$/g, ''));
  try {
    return new X509Certificate(text.includes('BEGIN') ? text : Buffer.from(text, 'base64'));
  } catch {
    return null;
  }
}

/** What an application takes for proof, and by which headers it is deceived. */
interface Believer {
  believes(headers: IncomingHttpHeaders): boolean;
  by: readonly string[];
  /** It wants to hear of this certificate. */
  knows?: true;
}

const BELIEVERS = {
  'X-SSL-Client-Verify of nginx': {
    believes: (headers) => one(headers, 'x-ssl-client-verify') === 'SUCCESS',
    by: ['X-SSL-Client-Verify'],
  },
  'one of two': {
    believes: (headers) => [one(headers, 'x-client-verify'), one(headers, 'x-ssl-verified')].includes('SUCCESS'),
    by: ['X-SSL-Verified', 'X-Client-Verify'],
  },
  'ingress-nginx, with the name': {
    believes: (headers) =>
      one(headers, 'ssl-client-verify') === 'SUCCESS' && one(headers, 'ssl-client-subject-dn') === 'CN=good-ec',
    by: ['ssl-client-verify', 'ssl-client-subject-dn'],
    knows: true,
  },
  'X-SSL-Client-Verify of HAProxy, over TLS': {
    believes: (headers) => one(headers, 'x-ssl-client-verify') === '0' && one(headers, 'x-ssl') === '1',
    by: ['X-SSL', 'X-SSL-Client-Verify'],
  },
  'X-Forwarded-Client-Cert, by the hash': {
    believes: (headers) => {
      const told = one(headers, 'x-forwarded-client-cert');
      const der = certificateIn(/Cert="([^"]*)"/.exec(told)?.[1] ?? '');
      return der !== null && told.includes(`Hash=${der.fingerprint256.replaceAll(':', '').toLowerCase()};`);
    },
    by: ['X-Forwarded-Client-Cert'],
  },
  'Client-Cert of RFC 9440, by the CA': {
    believes: (headers) => /^:.*:$/.test(one(headers, 'client-cert')) && isOfTheCa(one(headers, 'client-cert')),
    by: ['Client-Cert'],
    knows: true,
  },
  'X-ARR-ClientCert, by the CA': {
    believes: (headers) => isOfTheCa(one(headers, 'x-arr-clientcert')),
    by: ['X-ARR-ClientCert'],
    knows: true,
  },
  'X-Amzn-Mtls-Clientcert, by the CA': {
    believes: (headers) => isOfTheCa(one(headers, 'x-amzn-mtls-clientcert')),
    by: ['X-Amzn-Mtls-Clientcert'],
    knows: true,
  },
  'X-Client-Cert-Chain-Verified of Google Cloud': {
    believes: (headers) =>
      one(headers, 'x-client-cert-present') === 'true' && one(headers, 'x-client-cert-chain-verified') === 'true',
    by: ['X-Client-Cert-Present', 'X-Client-Cert-Chain-Verified'],
  },
} as const satisfies Record<string, Believer>;
type BelieverName = keyof typeof BELIEVERS;
const NAMES = Object.keys(BELIEVERS) as BelieverName[];
const pathOf = (name: string): string => encodeURIComponent(name);

function isOfTheCa(value: string): boolean {
  return certificateIn(value)?.verify(new X509Certificate(cases.read('ca.pem')).publicKey) === true;
}

/** Believes, under the path of each, what that one does; and Apache's own names. */
async function startBackend(): Promise<{ port: number; stop: () => void }> {
  const server: Server = createServer((request, response) => {
    const name = decodeURIComponent(/^\/([^/]*)/.exec(request.url ?? '')?.[1] ?? '');
    const believer = BELIEVERS[name as BelieverName] as Believer | undefined;
    const isBelieved =
      believer === undefined
        ? one(request.headers, 'ssl_client_verify') === 'SUCCESS'
        : believer.believes(request.headers);
    request.resume().on('end', () => response.writeHead(isBelieved ? 200 : 403).end());
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

let backend: Awaited<ReturnType<typeof startBackend>>;
beforeAll(async () => {
  backend = await startBackend();
});
afterAll(() => backend?.stop());

/** The lines that P11 names for this server. */
const linesFor = (diagnosis: CertificateDiagnosis, server: ServerName): string =>
  claimsOf(diagnosis)?.serverFixes.find((fix) => fix.server === server)?.change ?? '';

const nginxSite = (name: string, lines = ''): string =>
  `ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_client optional; ` +
  `location / { ${lines} proxy_pass http://127.0.0.1:${backend.port}/${pathOf(name)}/; }`;

describe.skipIf(!hasNginx)(titleOf('nginx, which asks and passes everything on', hasNginx), () => {
  let nginx: RunningServer<string>;
  beforeAll(async () => {
    const sites = Object.fromEntries(NAMES.map((name) => [name, nginxSite(name)]));
    nginx = await startNginx(serverFiles(), { ...sites, underscores: nginxSite('underscores') });
  });
  afterAll(() => nginx?.stop());

  test.each(NAMES)('%s', async (name) => {
    const { by, ...believer } = BELIEVERS[name];
    const diagnosis = await look(nginx.url(name), 'knows' in believer ? own() : {});
    const finding = claimsOf(diagnosis);
    expect([finding?.status, verdictOf(diagnosis), diagnosis.report.isGood]).toEqual(['fail', 'admits-anyone', false]);
    expect(statusesOf(diagnosis, 'R2')).toEqual(['R2 fail']);
    const told = [...(finding?.detail ?? '').matchAll(/"([\w-]+): /g)].map((match) => match[1]);
    expect(told).toEqual(by);
    expect(finding?.fix).toContain(`(${by.join(', ')})`);
  });

  test('with the lines that it names, nothing gets in, and a name with underscores never did', async () => {
    const name = 'ingress-nginx, with the name';
    const lines = linesFor(await look(nginx.url(name), own()), 'nginx');
    expect(lines).toContain('proxy_set_header ssl-client-verify $ssl_client_verify;');
    const mended = await startNginx(serverFiles(), { mended: nginxSite(name, `\n${lines}\n`) });
    onTestFinished(() => mended.stop());
    for (const url of [mended.url('mended'), nginx.url('underscores')]) {
      const diagnosis = await look(url, own());
      expect(statusesOf(diagnosis, 'P11')).toEqual(['P11 pass']);
    }
    const healed = await look(mended.url('mended'), own());
    expect([verdictOf(healed), healed.report.isGood]).toEqual(['enforced-application', true]);
  });
});

const apacheSite = (lines: string): string =>
  `SSLCACertificateFile ${cases.path('ca.pem')}\nSSLVerifyClient optional\n${lines}\n` +
  `ProxyPass "/" "http://127.0.0.1:${backend.port}/underscores/"`;

test.skipIf(!hasApache)(
  titleOf('Apache passes names with underscores on, until its lines are there', hasApache),
  async () => {
    const apache = await startApache(serverFiles(), { open: apacheSite('') });
    onTestFinished(() => apache.stop());
    const diagnosis = await look(apache.url('open'), own());
    expect([claimsOf(diagnosis)?.detail, verdictOf(diagnosis)]).toEqual([
      'without a certificate, a request is accepted because of "SSL_CLIENT_VERIFY: SUCCESS": HTTP 200',
      'admits-anyone',
    ]);
    const mended = await startApache(serverFiles(), { mended: apacheSite(linesFor(diagnosis, 'apache')) });
    onTestFinished(() => mended.stop());
    const healed = await look(mended.url('mended'), own());
    expect([statusesOf(healed, 'P11'), verdictOf(healed), healed.report.isGood]).toEqual([
      ['P11 pass'],
      'enforced-application',
      true,
    ]);
  },
);

test.skipIf(!hasHaproxy)(titleOf('HAProxy believes its own header, until its line is there', hasHaproxy), async () => {
  const tell = '  http-request set-header X-SSL-Client-Verify %[ssl_c_verify] if { ssl_c_used }\n';
  const rule = '  http-request deny deny_status 403 unless { req.hdr(X-SSL-Client-Verify) 0 }';
  const bind = `ca-file ${cases.path('ca.pem')} verify optional`;
  const haproxy = await startHaproxy(serverFiles(), { open: { bind, rules: tell + rule } });
  onTestFinished(() => haproxy.stop());
  const diagnosis = await look(haproxy.url('open'), own());
  expect([claimsOf(diagnosis)?.detail, verdictOf(diagnosis)]).toEqual([
    'without a certificate, a request is accepted because of "X-SSL-Client-Verify: 0": HTTP 200',
    'admits-anyone',
  ]);
  const mended = await startHaproxy(serverFiles(), {
    mended: { bind, rules: `${linesFor(diagnosis, 'haproxy')}\n${tell}${rule}` },
  });
  onTestFinished(() => mended.stop());
  const healed = await look(mended.url('mended'), own());
  expect([statusesOf(healed, 'P11'), healed.report.isGood]).toEqual([['P11 pass'], true]);
});

/** An https application: what it answers to a caller, by whether a certificate was shown and is good. */
interface Caller {
  shown: boolean;
  isGood: boolean;
  servername: unknown;
  headers: IncomingHttpHeaders;
}

async function openApplication(
  answer: (caller: Caller) => number,
  options: ServerOptions = {},
): Promise<{ url: string; seen: IncomingHttpHeaders[] }> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createHttpsServer(
    { ...tls(), requestCert: true, rejectUnauthorized: false, ...options },
    ({ socket, headers, ...request }, response) => {
      void request;
      const guest = socket as TLSSocket & { servername?: unknown };
      seen.push(headers);
      const shown = Object.keys(guest.getPeerCertificate()).length > 0;
      response.writeHead(answer({ shown, isGood: guest.authorized, servername: guest.servername, headers })).end();
    },
  );
  return { url: `https://127.0.0.1:${await openServer(server)}/hook`, seen };
}

const isClaimed = ({ headers }: Caller): boolean => one(headers, 'x-client-verify') === 'SUCCESS';

test.each<[string, (caller: Caller) => number, ServerOptions, string, string, string]>([
  [
    'no header is looked at',
    ({ isGood }) => (isGood ? 200 : 403),
    {},
    'pass',
    'tried, no change',
    'enforced-application',
  ],
  [
    'TLS refuses: nobody gets as far as a header',
    (caller) => (caller.isGood || isClaimed(caller) ? 200 : 403),
    { rejectUnauthorized: true, minVersion: 'TLSv1.3' },
    'pass',
    'callers without a valid certificate are refused before any header is read:',
    'enforced-tls',
  ],
  [
    'any certificate is wanted, and the header is believed',
    (caller) => (caller.isGood || (caller.shown && isClaimed(caller)) ? 200 : 403),
    {},
    'fail',
    'with a self-signed certificate, a request is accepted because of "X-Client-Verify: SUCCESS": HTTP 200',
    'admits-anyone',
  ],
  [
    'the head may have 4 KiB',
    (caller) => (caller.isGood || isClaimed(caller) ? 200 : 403),
    { maxHeaderSize: 4096 },
    'fail',
    'without a certificate, a request is accepted because of "X-Client-Verify: SUCCESS": HTTP 200',
    'admits-anyone',
  ],
  [
    'not found for all others',
    (caller) => (caller.isGood || isClaimed(caller) ? 200 : 404),
    {},
    'fail',
    ', a request is accepted because of "X-Client-Verify: SUCCESS"',
    'admits-anyone',
  ],
  [
    'the header is looked at, and something more is wanted',
    (caller) => (caller.isGood ? 200 : isClaimed(caller) ? 401 : 403),
    {},
    'warn',
    'without a certificate, "X-Client-Verify: SUCCESS" gets HTTP 401 instead of HTTP 403',
    'enforced-application',
  ],
  [
    'every address is admitted',
    () => 200,
    {},
    'skip',
    'the endpoint already accepts callers without a valid certificate and without any header',
    'admits-anyone',
  ],
  [
    'the server wants a certificate, whoever issued it',
    ({ shown }) => (shown ? 200 : 496),
    {},
    'skip',
    'the endpoint already accepts callers without a valid certificate and without any header',
    'admits-anyone',
  ],
])('an application: %s', async (_, answer, options, status, detail, verdict) => {
  const { url } = await openApplication(answer, options);
  const diagnosis = await look(url, own());
  expect([claimsOf(diagnosis)?.status, verdictOf(diagnosis), diagnosis.report.isGood]).toEqual([
    status,
    verdict,
    status === 'pass',
  ]);
  expect(claimsOf(diagnosis)?.detail).toContain(detail);
});

test('who is too busy for a self-signed certificate has not refused it', async () => {
  const { url } = await openApplication(({ shown, isGood }) => (isGood ? 200 : shown ? 503 : 496));
  expect(statusesOf(await look(url, own()), 'P11')).toEqual(['P11 skip']);
});

test('under another name in the handshake no certificate is asked for, and the header is believed', async () => {
  const { url } = await openApplication(
    (caller) => (caller.isGood || (caller.servername === false && isClaimed(caller)) ? 200 : 403),
    {},
  );
  const diagnosis = await look(url.replace('127.0.0.1', 'localhost'), own());
  expect([claimsOf(diagnosis)?.status, verdictOf(diagnosis)]).toEqual(['fail', 'admits-anyone']);
  expect(claimsOf(diagnosis)?.detail).toContain(
    'with no name in the handshake, a request is accepted because of "X-Client-Verify: SUCCESS"',
  );
});

test('plain http believes the header of a proxy that ends TLS', async () => {
  const { url } = await openApplication(({ isGood }) => (isGood ? 200 : 403), { rejectUnauthorized: true });
  const plainPort = await openServer(
    createServer(({ headers }, response) => {
      const isTold = one(headers, 'x-forwarded-proto') === 'https' && one(headers, 'x-client-verify') === 'SUCCESS';
      response.writeHead(isTold ? 200 : 301, { location: url }).end();
    }),
  );
  const diagnosis = await look(url, { ...own(), plainPort: [plainPort] });
  expect(statusesOf(diagnosis, 'P9', 'P11', 'R2')).toEqual(['P9 pass', 'P11 fail', 'R2 fail']);
  expect(claimsOf(diagnosis)?.detail).toBe(
    `in plain http on port ${plainPort}, a request is accepted because of "X-Forwarded-Proto: https" and "X-Client-Verify: SUCCESS": HTTP 200`,
  );
});

test('a server that is busy with so many says nothing of them', async () => {
  let asked = 0;
  const { url } = await openApplication(({ isGood, headers }) => {
    if (isGood) return 200;
    if (one(headers, 'x-client-verify') !== '') asked += 1;
    return asked === 0 ? 403 : 429;
  });
  const diagnosis = await look(url, own());
  expect([claimsOf(diagnosis)?.status, diagnosis.report.isGood]).toEqual(['warn', false]);
  expect(claimsOf(diagnosis)?.detail).toMatch(/get HTTP 429 instead of HTTP 403$/);
});

test('--only P11 makes it alone; without P11 and R2 nothing is told', async () => {
  const application = await openApplication(({ isGood }) => (isGood ? 200 : 403));
  const diagnosis = await look(application.url, { only: ['P11'] });
  expect([diagnosis.report.findings.map(({ id }) => id), diagnosis.report.isGood]).toEqual([['P11'], true]);
  application.seen.length = 0;
  await look(application.url, { skip: ['P11', 'R2'] });
  expect(application.seen.filter((headers) => 'x-client-verify' in headers)).toEqual([]);
});
