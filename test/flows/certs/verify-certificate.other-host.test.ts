import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net';
import { writeFileSync } from 'node:fs';
import type { TlsOptions, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APACHE_ANSWER, apacheTls, hasApache, startApache } from '../../helpers/apache.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import {
  diagnose,
  findingsOf,
  openEndpoint,
  statusesOf,
  verdictOf,
  type DiagnoseFlags,
} from '../../helpers/diagnose.ts';
import { hasHaproxy, startHaproxy } from '../../helpers/haproxy.ts';
import { hasNginx, startNginx, type Nginx } from '../../helpers/nginx.ts';
import { openServer } from '../../helpers/raw-server.ts';
import { type RunningServer, titleOf } from '../../helpers/server-process.ts';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';

let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const tls = () => ({ cert: cases.read('server.pem'), key: cases.read('server.key'), ca: cases.read('ca.pem') });
const answered = (_request: unknown, response: { end(): void }): void => response.end();
const serverFiles = () => ({ cert: cases.path('server.pem'), key: cases.path('server.key') });

/** The guarded virtual host, on whichever port of this machine. */
const look = (port: number, flags: DiagnoseFlags = {}): Promise<CertificateDiagnosis> =>
  diagnose(`https://guarded.test:${port}/hook`, {
    resolve: [`guarded.test:${port}:127.0.0.1`],
    // Node takes no *.test for a name.
    insecure: true,
    cert: cases.path('good-ec.pem'),
    key: cases.path('good-ec.key'),
    ...flags,
  });

describe.skipIf(!hasNginx)(titleOf('nginx', hasNginx), () => {
  let nginx: Nginx<'names' | 'open' | 'sessionless'>;
  beforeAll(async () => {
    const answer = 'location / { return 200; }';
    const on = `ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_client on; ${answer}`;
    const none = 'ssl_session_tickets off; ssl_session_cache off;';
    nginx = await startNginx(
      serverFiles(),
      {
        names: `server_name open.test; ${answer}`,
        open: `ssl_client_certificate ${cases.path('ca.pem')}; ssl_verify_client optional; ${answer}`,
        sessionless: `${none} ${on}`,
      },
      (port) => {
        return (
          `server { listen 127.0.0.1:${port('names')} ssl; server_name guarded.test; ssl_certificate ` +
          `${cases.path('server.pem')}; ssl_certificate_key ${cases.path('server.key')}; ${on} }`
        );
      },
    );
  });
  afterAll(() => nginx?.stop());

  test('a first virtual host without certificates opens nothing: 421 for another name, 400 for none', async () => {
    const diagnosis = await look(nginx.port('names'), { otherHost: ['open.test'] });
    const [names] = findingsOf(diagnosis, 'P8');
    expect([verdictOf(diagnosis), names?.status]).toEqual(['enforced-server', 'warn']);
    expect(names?.detail).toContain('open.test answers this path with HTTP 200');
    expect(names?.observed).toContain('no name: HTTP 400');
    expect(names?.observed).toContain('open.test: HTTP 421');
    const [sessions] = findingsOf(diagnosis, 'P10');
    expect(sessions?.status).toBe('pass');
    // Otherwise the check would have proved nothing.
    expect(sessions?.observed).toContain('session resumed');
    expect(diagnosis.report.isGood).toBe(true);
  });

  test('where the door is open anyway, other names tell nothing', async () => {
    const diagnosis = await look(nginx.port('open'));
    expect(statusesOf(diagnosis, 'P8', 'P10')).toEqual(['P8 skip', 'P10 skip']);
    expect(findingsOf(diagnosis, 'P8')[0]?.detail).toContain('under the right name');
  });

  test('P10 says where no session is resumed: without tickets and cache TLS 1.3 still offers them', async () => {
    const [finding] = findingsOf(await look(nginx.port('sessionless')), 'P10');
    expect(finding?.status).toBe('pass');
    expect(finding?.observed).not.toContain('(session resumed)');
  });
});

describe.skipIf(!hasApache)(titleOf('Apache', hasApache), () => {
  let apache: RunningServer<'names'>;
  beforeAll(async () => {
    apache = await startApache(serverFiles(), { names: `ServerAlias open.test\n${APACHE_ANSWER}` }, (port) => {
      return (
        `<VirtualHost 127.0.0.1:${port('names')}>\nServerName guarded.test\n${apacheTls(serverFiles())}\n` +
        `SSLCACertificateFile ${cases.path('ca.pem')}\nSSLVerifyClient require\n${APACHE_ANSWER}\n</VirtualHost>`
      );
    });
  });
  afterAll(() => apache?.stop());

  test('a first virtual host without certificates opens nothing, nor does a session of it', async () => {
    const diagnosis = await look(apache.port('names'), { otherHost: ['open.test'] });
    expect([verdictOf(diagnosis), statusesOf(diagnosis, 'P8', 'P10'), diagnosis.report.isGood]).toEqual([
      'enforced-tls',
      ['P8 warn', 'P10 pass'],
      true,
    ]);
    expect(findingsOf(diagnosis, 'P8')[0]?.observed).toContain('open.test: HTTP 421');
    expect(findingsOf(diagnosis, 'P10')[0]?.observed).toContain('session not resumed');
  });
});

describe.skipIf(!hasHaproxy)(titleOf('HAProxy', hasHaproxy), () => {
  let haproxy: RunningServer<'names' | 'required'>;
  beforeAll(async () => {
    const both = cases.path('both.pem');
    writeFileSync(both, Buffer.concat([cases.read('server.pem'), cases.read('server.key')]));
    const list = cases.path('crt-list.txt');
    writeFileSync(
      list,
      `${both} [verify required ca-file ${cases.path('ca.pem')}] guarded.test\n${both} [verify none] open.test\n`,
    );
    haproxy = await startHaproxy(serverFiles(), {
      names: { bind: `crt-list ${list}` },
      required: { bind: `ca-file ${cases.path('ca.pem')} verify required` },
    });
  });
  afterAll(() => haproxy?.stop());

  test('a certificate by name alone: P8 fails, though the right name is guarded', async () => {
    const diagnosis = await look(haproxy.port('names'));
    expect([verdictOf(diagnosis), diagnosis.report.isGood, statusesOf(diagnosis, 'P1', 'P8')]).toEqual([
      'admits-anyone',
      false,
      ['P1 pass', 'P1 pass', 'P8 fail'],
    ]);
    const [finding] = findingsOf(diagnosis, 'P8');
    expect(finding?.detail).toBe('a request with no name in the handshake is accepted: HTTP 200');
    expect(finding?.serverFixes.map(({ server }) => server)).toEqual(['nginx', 'apache', 'caddy', 'haproxy']);
    expect(finding?.serverFixes.at(-1)?.change).toContain('strict-sni');
  });

  test('one bind for all names: nothing opens, and who shows no good certificate is offered no session', async () => {
    const diagnosis = await look(haproxy.port('required'));
    expect(statusesOf(diagnosis, 'P8', 'P10')).toEqual(['P8 pass', 'P10 skip']);
    expect(findingsOf(diagnosis, 'P10')[0]?.detail).toBe('the server issued no session to an unauthorised caller');
  });
});

/** Two servers behind one port; the name in the handshake says which one answers. */
async function openByName(
  isOpen: (hello: Buffer) => boolean,
  guard: RequestListener = answered,
  options: TlsOptions = { rejectUnauthorized: true },
): Promise<number> {
  const guarded = await openServer(createHttpsServer({ ...tls(), requestCert: true, ...options }, guard));
  const open = await openServer(createHttpsServer({ ...tls(), ...options }, answered));
  return openServer(
    createTcpServer((socket: Socket) => {
      socket.once('data', (hello: Buffer) => {
        const onward = connectTcp(isOpen(hello) ? open : guarded, '127.0.0.1');
        onward.on('error', () => socket.destroy()).write(hello);
        socket
          .on('error', () => onward.destroy())
          .pipe(onward)
          .pipe(socket);
      });
    }),
  );
}

/** Thinks that whoever has a session has shown a certificate before. */
const trustSession: RequestListener = ({ socket }, response) => {
  const guest = socket as TLSSocket;
  response.writeHead(guest.authorized || guest.isSessionReused() ? 200 : 403).end();
};

describe('Node', () => {
  test('P8 fails where the name in the handshake alone decides; --other-host names the one that opens', async () => {
    const port = await openByName((hello) => hello.includes('open.test'));
    const [silent, named] = await Promise.all([look(port), look(port, { otherHost: ['open.test'] })]);
    expect([statusesOf(silent, 'P8'), statusesOf(named, 'P8')]).toEqual([['P8 pass'], ['P8 fail']]);
    expect(findingsOf(named, 'P8')[0]?.detail).toBe('a request with open.test in the handshake is accepted: HTTP 200');
  });

  test('P10 fails where virtual hosts share their ticket keys, and a session stands for a certificate', async () => {
    const port = await openByName((hello) => !hello.includes('guarded.test'), trustSession, {
      ticketKeys: randomBytes(48),
      rejectUnauthorized: false,
    });
    const diagnosis = await look(port);
    const [finding] = findingsOf(diagnosis, 'P10');
    expect([finding?.status, verdictOf(diagnosis), diagnosis.report.isGood]).toEqual(['fail', 'admits-anyone', false]);
    expect(finding?.observed).toContain('HTTP 200 (session resumed)');
    expect(finding?.detail).toContain('a session started with no name in the handshake is accepted');
    expect(finding?.fix).toContain('CVE-2025-23419');
  });

  test('P10 passes where they do not, and says that no session was taken up', async () => {
    const [finding] = findingsOf(await look(await openByName((hello) => !hello.includes('guarded.test'))), 'P10');
    expect(finding?.status).toBe('pass');
    expect(finding?.observed).not.toContain('(session resumed)');
  });

  test('an address has no name: another one is tried all the same', async () => {
    const port = await openEndpoint({ ...tls(), requestCert: true, rejectUnauthorized: true });
    const diagnosis = await diagnose(`https://127.0.0.1:${port}/`, {
      cacert: cases.path('server-ca.pem'),
      cert: cases.path('good-ec.pem'),
      key: cases.path('good-ec.key'),
    });
    const [finding] = findingsOf(diagnosis, 'P8');
    expect(finding?.status).toBe('pass');
    expect(finding?.observed).toMatch(/^another-host\.invalid: TLS alert 40/);
  });
});
