import { createServer as createHttpServer, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CertificateDiagnosis } from '../../../src/flows/certs/verify-certificate.ts';
import { makeClientCases, type ClientCases } from '../../helpers/client-cases.ts';
import { diagnose, findingsOf, statusesOf, verdictOf, type DiagnoseFlags } from '../../helpers/diagnose.ts';
import { openRaw, openServer } from '../../helpers/raw-server.ts';

let cases: ClientCases;
beforeAll(async () => {
  cases = await makeClientCases();
});
afterAll(() => cases?.remove());

const tls = () => ({ cert: cases.read('server.pem'), key: cases.read('server.key'), ca: cases.read('ca.pem') });
const REQUIRED = { requestCert: true, rejectUnauthorized: true };
const look = (port: number, flags: DiagnoseFlags = {}): Promise<CertificateDiagnosis> =>
  diagnose(`https://127.0.0.1:${port}/hook`, {
    cacert: cases.path('server-ca.pem'),
    cert: cases.path('good-ec.pem'),
    key: cases.path('good-ec.key'),
    ...flags,
  });
const answering = (answer: (response: ServerResponse) => void, options = {}): Promise<number> =>
  openServer(
    createServer(
      { ...tls(), ...options },
      (request, response) => void request.resume().on('end', () => answer(response)),
    ),
  );
/** Whoever is past the handshake gets these bytes, each piece when the last one is out. */
const afterHandshake = (write: (socket: TLSSocket) => void): Promise<number> =>
  openServer(
    createTlsServer({ ...tls(), ...REQUIRED }, (socket) => {
      socket.on('error', () => undefined).resume();
      write(socket);
    }),
  );

/** Until the other side has left. */
function pour(socket: Socket, next: () => string | Buffer | null): void {
  const more = (): void => {
    while (!socket.destroyed) {
      const piece = next();
      if (piece === null) return;
      if (!socket.write(piece)) {
        socket.once('drain', more);
        return;
      }
    }
  };
  more();
}

describe('what answers no TLS is no answer: nothing is concluded', () => {
  test.each<[string, (socket: Socket) => void, string]>([
    ['hangs in the handshake', () => undefined, 'no answer within'],
    ['closes at once', (socket) => socket.end(), 'closed without an answer'],
    ['resets at once', (socket) => socket.resetAndDestroy(), 'the connection was reset'],
    ['sends garbage', (socket) => socket.end(Buffer.alloc(70_000, 0xa5)), 'the answer is not TLS'],
    ['sends garbage without end', (socket) => pour(socket, () => Buffer.alloc(65_536, 0x01)), 'the answer is not TLS'],
    ['greets as a mail server', (socket) => socket.write('220 mail.example ESMTP\r\n'), 'the answer is not TLS'],
  ])('one that %s', async (what, onConnection, words) => {
    const port = await openRaw((socket) => onConnection(socket.resume()));
    const diagnosis = await look(port, what.startsWith('hangs') ? { maxTime: 900 } : {});
    expect([diagnosis.answered, diagnosis.report.isGood, verdictOf(diagnosis), diagnosis.report.conclusion]).toEqual([
      false,
      false,
      'inconclusive',
      expect.stringMatching(/^nothing answered TLS: ./),
    ]);
    expect(findingsOf(diagnosis, 'N1').map(({ status, detail }) => [status, detail.includes(words)])).toEqual([
      ['skip', true],
      ['skip', true],
    ]);
    expect(findingsOf(diagnosis, 'P1')[0]?.detail).toBe(diagnosis.report.conclusion);
  });

  test('one that speaks plain http', async () => {
    const diagnosis = await look(await openServer(createHttpServer((_request, response) => response.end())));
    expect([diagnosis.answered, findingsOf(diagnosis, 'N1')[0]?.detail]).toEqual([
      false,
      'the handshake did not get far enough: the answer is not TLS; this port may speak plain http',
    ]);
  });

  test('what looks like TLS and is not: a record that never ends', async () => {
    const port = await openRaw((socket) => socket.resume().write(Buffer.from([22, 3, 3, 0x40, 0])));
    const diagnosis = await look(port, { maxTime: 900 });
    expect([verdictOf(diagnosis), diagnosis.report.isGood]).toEqual(['inconclusive', false]);
  });
});

describe('what answers TLS, and then something else', () => {
  test.each<[string, (socket: TLSSocket) => void, string]>([
    ['hangs', () => undefined, 'inconclusive'],
    ['hangs up', (socket) => socket.end(), 'refuses-everybody'],
    ['speaks no HTTP', (socket) => socket.end('220 mail.example ESMTP\r\n'.repeat(2000)), 'inconclusive'],
    [
      'sends 100 KiB of headers',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\n${'X-Much: of it\r\n'.repeat(7000)}\r\n`),
      'inconclusive',
    ],
    [
      'sends a gigabyte',
      (socket) => pour(socket, pieces('HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n', 'x'.repeat(65_536))),
      'enforced-tls',
    ],
    [
      'sends a gigabyte of headers',
      (socket) => pour(socket, pieces('HTTP/1.1 200 OK\r\n', `X-Much: ${'x'.repeat(65_000)}\r\n`)),
      'inconclusive',
    ],
    [
      'sends its answer byte by byte',
      (socket) => pour(socket, bytesOf('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
      'enforced-tls',
    ],
    ['sends 1xx without end', (socket) => pour(socket, () => 'HTTP/1.1 103 Early Hints\r\n\r\n'), 'inconclusive'],
  ])('one that %s after the handshake', async (what, write, verdict) => {
    const before = process.memoryUsage().rss;
    const diagnosis = await look(await afterHandshake(write), what === 'hangs' ? { maxTime: 3000 } : {});
    expect([diagnosis.answered, verdictOf(diagnosis)]).toEqual([true, verdict]);
    expect(statusesOf(diagnosis, 'P1')).toEqual(['P1 pass', 'P1 pass']);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test.each([
    [500, 'inconclusive', 'fail'],
    [302, 'inconclusive', 'fail'],
    [404, 'inconclusive', 'fail'],
  ])('one that answers %i to everybody', async (status, verdict) => {
    const diagnosis = await look(
      await answering((response) => response.writeHead(status, { location: 'https://127.0.0.1:1/' }).end(), {
        requestCert: true,
        rejectUnauthorized: false,
      }),
    );
    expect([verdictOf(diagnosis), diagnosis.report.isGood, new Set(statusesOf(diagnosis, 'P5'))]).toEqual([
      verdict,
      false,
      new Set(['P5 fail']),
    ]);
    expect(findingsOf(diagnosis, 'P1')[0]?.detail).toBe(`neither refused nor accepted: HTTP ${status}`);
  });

  test('one that guards well and crashes for the good certificate: enforced, but not good', async () => {
    const diagnosis = await look(await answering((response) => response.writeHead(500).end(), REQUIRED));
    expect([verdictOf(diagnosis), diagnosis.report.isGood, statusesOf(diagnosis)]).toEqual([
      'enforced-tls',
      false,
      ['P5 fail', 'P5 fail'],
    ]);
  });
});

test.each([
  ['expired', 'expired', 'CERT_HAS_EXPIRED'],
  ['does not cover', 'othername', 'other names'],
])('a server certificate that is %s fails S1 and hides nothing else', async (_, name, observed) => {
  const { makeTestCertificates } = await import('../../helpers/openssl-certificates.ts');
  const files = makeTestCertificates();
  const port = await answering((response) => response.end(), {
    ...REQUIRED,
    cert: files.read(`${name}.pem`),
    key: files.read(`${name}.key`),
  });
  const diagnosis = await look(port, { cacert: files.path('ca.pem') });
  files.remove();
  expect([
    verdictOf(diagnosis),
    diagnosis.answered,
    statusesOf(diagnosis),
    findingsOf(diagnosis, 'S1')[0]?.observed,
  ]).toEqual(['enforced-tls', true, ['S1 fail'], observed]);
});

/** Counts a connection as open until the client can know that it is not. */
async function countOpen(holdMs: number): Promise<{ port: number; peak(): number; all(): number }> {
  const counts = { open: 0, peak: 0, all: 0 };
  const port = await openServer(
    createTcpServer((socket) => {
      counts.open += 1;
      counts.all += 1;
      counts.peak = Math.max(counts.peak, counts.open);
      socket.resume();
      setTimeout(() => {
        counts.open -= 1;
        // A handshake_failure, so that the next step is taken.
        socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 80]));
      }, holdMs);
    }),
  );
  return { port, peak: () => counts.peak, all: () => counts.all };
}

test('no more than 8 connections are open at once', async () => {
  const counted = await countOpen(30);
  // Twenty names for P8, and both versions.
  await look(counted.port, {
    otherHost: Array.from({ length: 20 }, (_, index) => `host-${index}.test`),
    plainPort: Array.from({ length: 30 }, () => counted.port),
  });
  expect(counted.all()).toBeGreaterThan(30);
  expect(counted.peak()).toBe(8);
});

test.each([600, 1500])('--max-time %i bounds everything together', async (maxTime) => {
  const port = await openServer(
    createServer({ ...tls(), requestCert: true, rejectUnauthorized: false }, () => undefined),
  );
  const { report } = await look(port, {
    maxTime,
    otherHost: Array.from({ length: 20 }, (_, index) => `host-${index}.test`),
  });
  // Certificates are made meanwhile, on a machine that may be busy.
  expect(report.durationMs).toBeLessThan(maxTime + 5000);
  expect([report.isGood, report.facts['verdict']]).toEqual([false, 'inconclusive']);
});

function pieces(first: string, more: string): () => string {
  let isFirst = true;
  return () => {
    const piece = isFirst ? first : more;
    isFirst = false;
    return piece;
  };
}

function bytesOf(text: string): () => string | null {
  let at = 0;
  return () => text[at++] ?? null;
}
