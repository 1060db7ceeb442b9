import { type Server, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePost } from '../../../src/certs/probe/http-post.ts';
import type { ProbeResult } from '../../../src/certs/probe/probe.ts';
import type { TlsVersion } from '../../../src/certs/probe/tls-messages.ts';
import { APACHE_ANSWER, apacheTls, hasApache, startApache } from '../../helpers/apache.ts';
import { hasCaddy, startCaddy } from '../../helpers/caddy.ts';
import { CLIENT_CASES, type ClientCase, type ClientCases, makeClientCases } from '../../helpers/client-cases.ts';
import { hasHaproxy, startHaproxy } from '../../helpers/haproxy.ts';
import { hasNginx, startNginx } from '../../helpers/nginx.ts';
import { BAD_CERTIFICATE, type Call, NO_CERTIFICATE, postAs, readReaction } from '../../helpers/reaction.ts';
import { type RunningServer, titleOf } from '../../helpers/server-process.ts';
import tls from 'node:tls';

/** What a client sees, as `readReaction` writes it. What verify-cert judges by stands on these rows. */
const COLUMNS = [
  'nginx on',
  'nginx on, depth 2',
  'Apache require',
  'Apache require, depth 2',
  'Apache require, depth 3',
  'HAProxy required',
  'Caddy require_and_verify',
  'Node requestCert',
] as const;
type Column = (typeof COLUMNS)[number];
type Row = readonly [
  nginx: string,
  nginxDepth2: string,
  apache: string,
  apacheDepth2: string,
  apacheDepth3: string,
  haproxy: string,
  caddy: string,
  node: string,
];

const EVERYWHERE_GOOD: Row = ['200', '200', '200', '200', '200', '200', '200', '200'];
const refused = (alert: string, caddy = 'A42', node = 'silent'): Row => [
  BAD_CERTIFICATE,
  BAD_CERTIFICATE,
  alert,
  alert,
  alert,
  alert,
  caddy,
  node,
];

/** From Node 24 on, OpenSSL's security level is 2: Node's own server, too, then wants more than RSA-1024. */
const nodeWantsStrongKeys = Number(process.versions.node.split('.')[0]) >= 24;

const ROWS: Record<ClientCase, Row> = {
  none: [NO_CERTIFICATE, NO_CERTIFICATE, 'A40 / A116', 'A40 / A116', 'A40 / A116', 'A40 / A116', 'A42', 'A40 / A116'],
  'good-rsa': EVERYWHERE_GOOD,
  'good-ec': EVERYWHERE_GOOD,
  'good-ed25519': EVERYWHERE_GOOD,
  v1: EVERYWHERE_GOOD,
  'wrong-ca': refused('A48'),
  impostor: refused('A48'),
  // Nothing tells the two CAs apart but the signature: decrypt_error.
  'impostor-v1': refused('A51'),
  'missing-intermediate': refused('A48'),
  'self-signed': refused('A48'),
  expired: refused('A45'),
  'not-yet-valid': refused('A42'),
  'server-usage': refused('A43'),
  'any-usage': refused('A43', '200'),
  'no-signature-usage': refused('A43', '200'),
  'one-intermediate': ['200', '200', 'A80', '200', '200', '200', '200', '200'],
  'two-intermediates': [BAD_CERTIFICATE, '200', 'A80', 'A80', '200', '200', '200', '200'],
  'name-of-ca': refused('A48', '200'),
  'rsa-1024': refused('A42', '200', nodeWantsStrongKeys ? 'silent' : '200'),
};

let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const serverFiles = (): { cert: string; key: string } => ({
  cert: cases.path('server.pem'),
  key: cases.path('server.key'),
});

const post = (port: number, version: TlsVersion, name: ClientCase, call?: Call): Promise<ProbeResult> =>
  postAs(cases, port, version, name, call);
const reaction = (port: number, name: ClientCase, call?: Call): Promise<string> =>
  readReaction(cases, port, name, call);

function expectRows(column: Column, port: () => number): void {
  test.each(CLIENT_CASES)(`${column}: %s`, async (name) => {
    expect(await reaction(port(), name)).toBe(ROWS[name][COLUMNS.indexOf(column)]);
  });
}

describe.skipIf(!hasNginx)(titleOf('nginx', hasNginx), () => {
  const ANSWER = 'location / { return 200; }';
  let nginx: RunningServer<'on' | 'on2' | 'optional' | 'no_ca' | 'disguised' | 'names' | 'namesOptional'>;
  beforeAll(async () => {
    const verify = (how: string): string =>
      `ssl_verify_client ${how}; ssl_client_certificate ${cases.path('ca.pem')}; ${ANSWER}`;
    const { cert, key } = serverFiles();
    const another = (port: number, how: string): string =>
      `server { listen 127.0.0.1:${port} ssl; server_name guarded.test; ssl_certificate ${cert}; ` +
      `ssl_certificate_key ${key}; ${verify(how)} }`;
    nginx = await startNginx(
      { cert, key },
      {
        on: verify('on'),
        on2: `${verify('on')} ssl_verify_depth 2;`,
        optional: verify('optional'),
        no_ca: verify('optional_no_ca'),
        disguised: `${verify('on')} error_page 495 496 =200 /;`,
        names: `server_name open.test; ${ANSWER}`,
        namesOptional: `server_name open.test; ${ANSWER}`,
      },
      (port) => `${another(port('names'), 'on')}\n${another(port('namesOptional'), 'optional')}`,
    );
  });
  afterAll(() => nginx?.stop());

  expectRows('nginx on', () => nginx.port('on'));
  expectRows('nginx on, depth 2', () => nginx.port('on2'));

  test.each([
    ['optional', 'none', '200'],
    ['optional', 'good-ec', '200'],
    ['optional', 'wrong-ca', BAD_CERTIFICATE],
    ['optional', 'self-signed', BAD_CERTIFICATE],
    ['optional', 'expired', BAD_CERTIFICATE],
    ['no_ca', 'none', '200'],
    ['no_ca', 'wrong-ca', '200'],
    ['no_ca', 'self-signed', '200'],
    ['disguised', 'none', '200'],
    ['disguised', 'wrong-ca', '200'],
  ] as const)('%s: %s gets %s', async (site, name, expected) => {
    expect(await reaction(nginx.port(site), name)).toBe(expected);
  });

  test.each([
    ['names', 'open.test', 'guarded.test', '421'],
    ['names', 'guarded.test', 'guarded.test', NO_CERTIFICATE],
    ['names', 'open.test', 'open.test', '200'],
    ['names', null, 'guarded.test', NO_CERTIFICATE],
    ['names', 'unknown.test', 'guarded.test', NO_CERTIFICATE],
    ['namesOptional', 'open.test', 'guarded.test', '421'],
    // An unknown name in the handshake gets the first virtual host; its Host is then what decides.
    ['on', 'unknown.test', 'unknown.test', NO_CERTIFICATE],
    ['optional', 'unknown.test', 'unknown.test', '200'],
  ] as const)('%s: SNI %s with Host %s gets %s', async (site, servername, host, expected) => {
    expect(await reaction(nginx.port(site), 'none', { servername, host })).toBe(expected);
  });
});

describe.skipIf(!hasApache)(titleOf('Apache', hasApache), () => {
  let apache: RunningServer<'require' | 'require2' | 'require3' | 'optional' | 'no_ca' | 'location' | 'names'>;
  beforeAll(async () => {
    const ca = `SSLCACertificateFile ${cases.path('ca.pem')}\n${APACHE_ANSWER}`;
    const verify = (how: string, depth = 1): string => `SSLVerifyClient ${how}\nSSLVerifyDepth ${depth}\n${ca}`;
    apache = await startApache(
      serverFiles(),
      {
        require: verify('require'),
        require2: verify('require', 2),
        require3: verify('require', 3),
        optional: verify('optional'),
        no_ca: verify('optional_no_ca'),
        location: `${ca}\n<Location "/hook">\nSSLVerifyClient require\nSSLVerifyDepth 1\n</Location>`,
        names: `ServerAlias open.test\n${APACHE_ANSWER}`,
      },
      (port) =>
        `<VirtualHost 127.0.0.1:${port('names')}>\nServerName guarded.test\n${apacheTls(serverFiles())}\n` +
        `${verify('require')}\n</VirtualHost>`,
    );
  });
  afterAll(() => apache?.stop());

  expectRows('Apache require', () => apache.port('require'));
  expectRows('Apache require, depth 2', () => apache.port('require2'));
  expectRows('Apache require, depth 3', () => apache.port('require3'));

  test.each([
    ['optional', 'none', '200'],
    ['optional', 'good-ec', '200'],
    ['optional', 'wrong-ca', 'A48'],
    ['optional', 'expired', 'A45'],
    ['no_ca', 'none', '200'],
    ['no_ca', 'wrong-ca', '200'],
    ['no_ca', 'self-signed', '200'],
    // Node cannot show a certificate after the handshake (RFC 8446 §4.6.2): on TLS 1.3 everybody is refused.
    ['location', 'good-ec', '200 / 403'],
    ['location', 'good-rsa', '200 / 403'],
    ['location', 'none', 'A40 / 403'],
    ['location', 'wrong-ca', 'A48 / 403'],
  ] as const)('%s: %s gets %s', async (site, name, expected) => {
    expect(await reaction(apache.port(site), name)).toBe(expected);
  });

  test('location: TLS 1.2 shakes hands a second time, where it asks for the certificate', async () => {
    const [first, second] = await Promise.all([
      post(apache.port('location'), 'TLSv1.2', 'good-ec'),
      post(apache.port('require'), 'TLSv1.2', 'good-ec'),
    ]);
    expect([first, second].map(({ requested, renegotiated, status }) => ({ requested, renegotiated, status }))).toEqual(
      [
        { requested: false, renegotiated: true, status: 200 },
        { requested: true, renegotiated: false, status: 200 },
      ],
    );
    expect(await countHandshakes(apache.port('location'))).toBe(2);
  });

  test('location: a body of 300 KB does not fit the buffer that a second handshake needs', async () => {
    expect(await reaction(apache.port('location'), 'good-ec', { bodyBytes: 300_000 })).toBe('413');
    expect(await reaction(apache.port('require'), 'good-ec', { bodyBytes: 300_000 })).toBe('200');
  });

  test.each([
    ['open.test', 'guarded.test', '421'],
    ['guarded.test', 'guarded.test', 'A40 / A116'],
    ['open.test', 'open.test', '200'],
    [null, 'guarded.test', '421'],
    ['unknown.test', 'guarded.test', '421'],
  ])('SNI %s with Host %s gets %s', async (servername, host, expected) => {
    expect(await reaction(apache.port('names'), 'none', { servername, host })).toBe(expected);
  });
});

/** How often `secureConnect` fires until the answer is there. */
async function countHandshakes(port: number): Promise<number> {
  const { cert, key } = cases.identity('good-ec') as { cert: Buffer; key: Buffer };
  const socket = tls.connect({ port, host: '127.0.0.1', cert, key, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  let handshakes = 0;
  socket.on('secureConnect', () => {
    handshakes += 1;
  });
  socket.once('secureConnect', () =>
    socket.write(writePost({ path: '/hook', host: 'localhost', headers: [], body: Buffer.from('{}') })),
  );
  await new Promise((answered, failed) => socket.once('data', answered).once('error', failed));
  socket.destroy();
  return handshakes;
}

describe.skipIf(!hasHaproxy)(titleOf('HAProxy', hasHaproxy), () => {
  let haproxy: RunningServer<'required' | 'optional' | 'denied' | 'ignored'>;
  beforeAll(async () => {
    const ca = `ca-file ${cases.path('ca.pem')}`;
    haproxy = await startHaproxy(serverFiles(), {
      required: { bind: `${ca} verify required` },
      optional: { bind: `${ca} verify optional` },
      denied: {
        bind: `${ca} verify optional crt-ignore-err all ca-ignore-err all`,
        rules: '  http-request deny deny_status 403 unless { ssl_c_used } { ssl_c_verify 0 }',
      },
      ignored: { bind: `${ca} verify optional crt-ignore-err all ca-ignore-err all` },
    });
  });
  afterAll(() => haproxy?.stop());

  expectRows('HAProxy required', () => haproxy.port('required'));

  test.each([
    ['optional', 'none', '200'],
    ['optional', 'wrong-ca', 'A48'],
    ['denied', 'good-ec', '200'],
    ['denied', 'none', '403'],
    ['denied', 'wrong-ca', '403'],
    ['denied', 'expired', '403'],
    ['ignored', 'none', '200'],
    ['ignored', 'self-signed', '200'],
  ] as const)('%s: %s gets %s', async (site, name, expected) => {
    expect(await reaction(haproxy.port(site), name)).toBe(expected);
  });
});

const auth = (mode: string, ca = ''): string => `client_auth {\nmode ${mode}\n${ca}\n}`;

describe.skipIf(!hasCaddy)(titleOf('Caddy', hasCaddy), () => {
  let caddy: RunningServer<'verified' | 'required' | 'given'>;
  beforeAll(async () => {
    const ca = `trusted_ca_cert_file ${cases.path('ca.pem')}`;
    caddy = await startCaddy(serverFiles(), {
      verified: auth('require_and_verify', ca),
      required: auth('require'),
      given: auth('verify_if_given', ca),
    });
  });
  afterAll(() => caddy?.stop());

  expectRows('Caddy require_and_verify', () => caddy.port('verified'));

  test.each([
    ['required', 'none', 'A42'],
    ['required', 'wrong-ca', '200'],
    ['required', 'self-signed', '200'],
    ['required', 'expired', '200'],
    ['given', 'none', '200'],
    ['given', 'wrong-ca', 'A42'],
  ] as const)('%s: %s gets %s', async (site, name, expected) => {
    expect(await reaction(caddy.port(site), name)).toBe(expected);
  });

  test('SNI and Host that differ get 421, also within one site', async () => {
    expect(await reaction(caddy.port('verified'), 'good-ec', { servername: 'a.test', host: 'b.test' })).toBe('421');
  });
});

describe('Node', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer(
      {
        cert: cases.read('server.pem'),
        key: cases.read('server.key'),
        ca: cases.read('ca.pem'),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (request, response) => {
        request.resume().on('end', () => response.end());
      },
    );
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((ready) => {
      server.listen(0, '127.0.0.1', ready);
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  expectRows('Node requestCert', () => (server.address() as AddressInfo).port);
});

test('every row has a cell for every column', () => {
  for (const row of Object.values(ROWS)) expect(row).toHaveLength(COLUMNS.length);
});
