import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ReceiverTls } from '../../src/receive/receiver.ts';
import { openReceiver } from '../../src/receive/receiver.ts';
import type { Rejection } from '../../src/receive/rejection.ts';
import { talk } from '../helpers/listening.ts';
import { runCommandLine } from '../helpers/program.ts';
import { hasOpenssl, makeTestCertificates, type TestCertificates } from '../helpers/openssl-certificates.ts';

/** The port of a receiver, and the first one who was turned away. */
async function open(tls?: ReceiverTls): Promise<{ port: number; turnedAway: Promise<Rejection> }> {
  let tell: (rejection: Rejection) => void;
  const turnedAway = new Promise<Rejection>((resolve) => {
    tell = resolve;
  });
  const receiver = await openReceiver(
    { host: '127.0.0.1', port: 0, maxBodyBytes: 1024, tls, onRejected: (one) => tell(one) },
    () => ({ status: 200 }),
  );
  onTestFinished(() => receiver.close());
  return { port: Number(new URL(receiver.origin).port), turnedAway };
}

test('who speaks TLS to the plain port is told apart from who speaks nonsense', async () => {
  const { port, turnedAway } = await open();
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'error');
  expect(await turnedAway).toMatchObject({
    cause: 'tls-to-plain-http',
    reason: expect.stringMatching(/spoke TLS to a port that speaks plain http: .*http:\/\/.*--tls/),
    remoteAddress: '127.0.0.1',
  });
  const other = await open();
  await talk(other.port, '\u0016hello\r\n\r\n');
  expect(await other.turnedAway).toMatchObject({ cause: 'malformed', status: 400 });
});

const BODY = '{}';
const post = (headers: string, rest = ''): string => `POST /hook HTTP/1.1\r\n${headers}\r\n${rest}`;
const PROXY_2 = '\r\n\r\n\0\r\nQUIT\n\u0021\u0011\0\u000c\u007f\0\0\u0001\u007f\0\0\u0001\u0030\u0039\0\u0050';

/** What a caller sends, what it is answered, and what is told of it. */
test.each<[name: string, bytes: string, status: number, cause: string, reason: RegExp]>([
  ['no Host', post('Content-Length: 2\r\n', BODY), 400, 'no-host', /no Host header/],
  ['two Hosts', post('Host: a\r\nHost: b\r\nContent-Length: 2\r\n', BODY), 400, 'several-hosts', /RFC 9112/],
  ['one Host twice', post('Host: a\r\nhOST: a\r\nContent-Length: 2\r\n', BODY), 400, 'several-hosts', /adds one/],
  ['two Hosts in HTTP/1.0', 'POST / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'several-hosts', /RFC 9112/],
  [
    'an unknown Expect',
    post('Host: a\r\nExpect: gold\r\nContent-Length: 2\r\n', BODY),
    417,
    'expectation',
    /100-continue/,
  ],
  ['CONNECT', 'CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n', 405, 'connect', /proxy settings/],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, 'http2', /HTTP\/2.*--http1\.1/],
  ['PROXY 1', `PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n${post('Host: a\r\n')}`, 400, 'proxy-protocol', /version 1/],
  ['PROXY 1 of nobody', `PROXY UNKNOWN\r\n${post('Host: a\r\n')}`, 400, 'proxy-protocol', /version 1/],
  ['PROXY 2', `${PROXY_2}${post('Host: a\r\n')}`, 400, 'proxy-protocol', /version 2/],
  ['two lengths', post('Host: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n', BODY), 400, 'malformed', /smuggling/],
  [
    'one length twice',
    post('Host: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n', BODY),
    400,
    'malformed',
    /only one/,
  ],
  [
    'a length beside chunks',
    post('Host: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    400,
    'malformed',
    /smuggling/,
  ],
  ['chunked that is not', post('Host: a\r\nTransfer-Encoding: xchunked\r\n', BODY), 400, 'malformed', /not chunked/],
  [
    'a chunk without size',
    post('Host: a\r\nTransfer-Encoding: chunked\r\n', 'ZZ\r\n'),
    400,
    'malformed',
    /size in hex/,
  ],
  ['a negative length', post('Host: a\r\nContent-Length: -1\r\n'), 400, 'malformed', /not a valid number/],
  [
    'an endless length',
    post(`Host: a\r\nContent-Length: ${'9'.repeat(30)}\r\n`),
    400,
    'malformed',
    /not a valid number/,
  ],
  ['an unknown method', `FOO / HTTP/1.1\r\nHost: a\r\n\r\n`, 400, 'malformed', /its method FOO is not an HTTP method/],
  ['no path', 'GET  HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed', /path.*%20/],
  ['HTTP/3.0', 'GET / HTTP/3.0\r\nHost: a\r\n\r\n', 400, 'malformed', /does not end with HTTP\/1\.1/],
  ['a blank before the colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400, 'malformed', /space before the colon/],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n', 400, 'malformed', /folded line/],
  ['a control in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: \u0007\r\n\r\n', 400, 'malformed', /control character/],
  ['long headers', post(`Host: a\r\nX: ${'x'.repeat(70_000)}\r\n`), 431, 'header-too-large', /larger than/],
  [
    'hostile bytes',
    '\u001b[2J\u001b]0;owned\u0007 token=abc',
    400,
    'malformed',
    /^it sent bytes that do not start a request[ -~]*$/,
  ],
])('%s is told in words', async (_, bytes, status, cause, reason) => {
  const { port, turnedAway } = await open();
  expect(await talk(port, bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  const told = await turnedAway;
  expect(told).toEqual({ remoteAddress: '127.0.0.1', status, cause, reason: expect.stringMatching(reason) });
  expect(told.reason.length).toBeLessThan(250);
  expect(told.reason).not.toContain('token');
});

test('the rest of a body that is longer than its Content-Length is named, and not shown', async () => {
  const { port, turnedAway } = await open();
  await talk(port, post('Host: a\r\nContent-Length: 2\r\n', '{}SECRET /x'));
  const { reason } = await turnedAway;
  expect(reason).toMatch(/longer than its Content-Length/);
  expect(reason).not.toContain('SECRET');
});

test.each([
  ['HTTP/1.0 without Host', 'POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}'],
  [
    'an upgrade to HTTP/2, which may be ignored',
    post('Host: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nContent-Length: 2\r\n', BODY),
  ],
])('%s is a request like any other', async (_, bytes) => {
  const { port } = await open();
  expect(await talk(port, bytes)).toMatch(/^HTTP\/1\.1 200 /);
});

test.skipIf(spawnSync('curl', ['--version']).status !== 0).each([
  ['--http2-prior-knowledge', 'http2', 505],
  ['--haproxy-protocol', 'proxy-protocol', 400],
  ['--proxytunnel', 'connect', 405],
])('curl %s is told as %s', async (flag, cause, status) => {
  const { port, turnedAway } = await open();
  const args =
    flag === '--proxytunnel'
      ? [flag, '-x', `http://127.0.0.1:${port}`, 'http://a.invalid/']
      : [flag, `http://127.0.0.1:${port}/`];
  await runCommandLine('curl', ['-s', '--max-time', '5', '-d', BODY, ...args], { cwd: '.' }).catch(() => undefined);
  expect(await turnedAway).toMatchObject({ cause, status });
});

describe.skipIf(!hasOpenssl)('a port that speaks TLS (certificate made by the openssl command line)', () => {
  let made: TestCertificates;
  beforeAll(() => {
    made = makeTestCertificates();
  });
  afterAll(() => made.remove());

  test('HTTP/2 alone in the handshake (openssl s_client -alpn h2)', async () => {
    const { port, turnedAway } = await open({ cert: made.read('server.pem'), key: made.read('server.key') });
    spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-alpn', 'h2'], { stdio: 'ignore' });
    expect(await turnedAway).toMatchObject({ cause: 'http2', status: null, reason: expect.stringContaining('ALPN') });
  });

  test('the PROXY protocol ahead of TLS', async () => {
    const { port, turnedAway } = await open({ cert: made.read('server.pem'), key: made.read('server.key') });
    await talk(port, 'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n\u0016\u0003\u0001');
    expect(await turnedAway).toMatchObject({ cause: 'tls', reason: expect.stringContaining('PROXY protocol') });
  });

  test.each([
    ['POST', /^plain-http$/],
    ['CONNECT', /^plain-http$/],
    // Node 22 and 24 know it, Node 20 says only that it is no TLS.
    ['PATCH', /^(plain-http|tls)$/],
    ['HELLO', /^tls$/],
  ])('a %s in plain http is turned away with a hint at the URL', async (method, cause) => {
    const { port, turnedAway } = await open({ cert: made.read('server.pem'), key: made.read('server.key') });
    await talk(port, `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
    expect(await turnedAway).toMatchObject({
      cause: expect.stringMatching(cause),
      status: null,
      reason: expect.stringContaining('https://'),
    });
  });
});
