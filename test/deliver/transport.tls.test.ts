import { createSecureServer as createHttp2 } from 'node:http2';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { X509Certificate } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { createServer as createTls, type TlsOptions as ServerOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTlsFiles, type TlsFile, type TlsOptions } from '../../src/deliver/tls-files.ts';
import { openTransport } from '../../src/deliver/transport.ts';
import { hasOpenssl, makeTestCertificates, type TestCertificates } from '../helpers/openssl-certificates.ts';
import { openRaw, openServer } from '../helpers/raw-server.ts';
import { attemptTo } from '../helpers/send-once.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describe.skipIf(!hasOpenssl)('TLS (certificates made by the openssl command line)', () => {
  let made: TestCertificates;
  beforeAll(() => {
    made = makeTestCertificates();
  });
  afterAll(() => made.remove());

  const file = (name: string): { path: string; bytes: Buffer } => ({ path: made.path(name), bytes: made.read(name) });
  const serve = (name: string, options: ServerOptions = {}): Promise<number> =>
    openServer(
      createHttps(
        {
          key: made.read(`${name}.key`),
          cert: made.read(`${name}.pem`),
          ...(options.requestCert ? { ca: made.read('ca.pem') } : {}),
          ...options,
        },
        (request, response) => {
          response.end(`${(request.socket as unknown as { authorized: boolean }).authorized}`);
        },
      ),
    );

  test('records protocol, fingerprint and timing', async () => {
    const port = await serve('server');
    const attempt = await attemptTo(`https://127.0.0.1:${port}/`, { tls: { ca: file('ca.pem') } });
    expect(attempt).toMatchObject({
      outcome: 'delivered',
      tls: { protocol: 'TLSv1.3', peerFingerprint: new X509Certificate(made.read('server.pem')).fingerprint256 },
      timings: { dnsMs: null, tlsMs: expect.any(Number) },
    });
  });

  test('the name in the URL is asked for and checked, wherever the connection goes', async () => {
    const asked: string[] = [];
    const port = await serve('server', {
      SNICallback: (name, done) => {
        asked.push(name);
        done(null);
      },
    });
    const connectTo = [{ fromHost: null, fromPort: null, toHost: '127.0.0.1', toPort: port }];
    const tls = { ca: file('ca.pem') };
    expect(await attemptTo('https://localhost/', { tls, connectTo })).toMatchObject({ outcome: 'delivered' });
    expect(await attemptTo('https://other.example/', { tls, connectTo })).toMatchObject({
      outcome: 'unreachable',
      errorCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(asked).toEqual(['localhost', 'other.example']);
  });

  const serveOn = (name: string): Promise<number> =>
    openServer(
      createHttps({ key: made.read(`${name}.key`), cert: made.read(`${name}.pem`) }, (_, response) => response.end()),
      '::1',
    );

  test.skipIf(!hasIpv6)(
    'the address in an https URL is checked, an IPv6 address too (skipped without ::1 on this machine)',
    async () => {
      const tls = { ca: file('ca.pem') };
      const [named, other] = [await serveOn('server'), await serveOn('othername')];
      expect(await attemptTo(`https://[::1]:${named}/`, { tls })).toMatchObject({
        outcome: 'delivered',
        errorCode: null,
        remoteAddress: '::1',
      });
      expect(await attemptTo(`https://[0:0:0:0:0:0:0:1]:${named}/`, { tls })).toMatchObject({ outcome: 'delivered' });
      expect(await attemptTo(`https://[::1]:${other}/`, { tls })).toMatchObject({
        outcome: 'unreachable',
        errorCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
      const connectTo = [{ fromHost: null, fromPort: null, toHost: '::1', toPort: named }];
      expect(await attemptTo('https://[::2]/', { tls, connectTo })).toMatchObject({
        outcome: 'unreachable',
        errorCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
    },
  );

  test.each([
    ['selfsigned', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['server', {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['expired', { ca: 'ca.pem' }, 'CERT_HAS_EXPIRED'],
    ['othername', { ca: 'ca.pem' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('a server certificate that is %s', async (name, { ca }: { ca?: string }, errorCode) => {
    const port = await serve(name);
    const url = `https://127.0.0.1:${port}/`;
    const attempt = await attemptTo(url, { tls: { ca: ca === undefined ? undefined : file(ca) } });
    expect(attempt).toMatchObject({ outcome: 'unreachable', status: null, errorCode, hint: expect.any(String) });
    expect(await attemptTo(url, { tls: { insecure: true } })).toMatchObject({ outcome: 'delivered' });
  });

  test.each([
    ['PEM', () => ({ cert: file('client.pem'), key: file('client.key') })],
    ['PEM, both in one file', () => ({ cert: file('both.pem') })],
    [
      'PEM with an encrypted RSA key',
      () => ({ cert: file('client-rsa.pem'), key: file('client-rsa.key'), passphrase: 'open sesame' }),
    ],
    ['PKCS#12', () => ({ pfx: file('client.pfx'), passphrase: 'open sesame' })],
  ] as [string, () => TlsOptions][])('sends a client certificate from %s', async (_form, tls) => {
    const port = await serve('server', { requestCert: true, rejectUnauthorized: true });
    const attempt = await attemptTo(`https://127.0.0.1:${port}/`, { tls: { ca: file('ca.pem'), ...tls() } });
    expect(attempt).toMatchObject({ outcome: 'delivered' });
    expect(Buffer.from(attempt.responseBody).toString()).toBe('true');
  });

  // On TLS 1.3 the alert comes after the handshake, and Node turns a stranger's certificate away without a word.
  test.each([
    ['TLSv1.2', 'none', 'TLS_ALERT_40'],
    ['TLSv1.3', 'none', 'TLS_ALERT_116'],
    ['TLSv1.2', 'a self-signed one', 'ECONNRESET'],
    ['TLSv1.3', 'a self-signed one', 'CLOSED'],
  ] as const)('%s, a client certificate is required and there is %s', async (version, which, errorCode) => {
    const port = await serve('server', { requestCert: true, rejectUnauthorized: true, maxVersion: version });
    const own: TlsOptions = which === 'none' ? {} : { cert: file('selfsigned.pem'), key: file('selfsigned.key') };
    expect(await attemptTo(`https://127.0.0.1:${port}/`, { tls: { insecure: true, ...own } })).toMatchObject({
      outcome: 'unreachable',
      status: null,
      errorCode,
      hint: expect.stringContaining(which === 'none' ? '--cert' : 'client certificate'),
    });
  });

  test('an HTTP/2-only server is called that', async () => {
    const port = await openServer(createHttp2({ key: made.read('server.key'), cert: made.read('server.pem') }));
    expect(await attemptTo(`https://127.0.0.1:${port}/`, { tls: { insecure: true } })).toMatchObject({
      outcome: 'unreachable',
      errorCode: 'TLS_ALERT_120',
      error: expect.stringContaining('only speaks HTTP/2'),
    });
  });

  test('http:// to a TLS port, https:// to a plain one', async () => {
    const secure = await serve('server');
    const plain = await openServer(createHttp((_request, response) => response.end()));
    expect(await attemptTo(`http://127.0.0.1:${secure}/`)).toMatchObject({
      outcome: 'unreachable',
      errorCode: 'CLOSED',
      hint: expect.stringContaining('https://'),
    });
    expect(await attemptTo(`https://127.0.0.1:${plain}/`)).toMatchObject({
      outcome: 'unreachable',
      errorCode: 'NOT_TLS',
      hint: expect.stringContaining('http://'),
    });
  });

  test.each([
    [
      'a TLS version of the past',
      () =>
        openServer(
          createTls({
            key: made.read('server.key'),
            cert: made.read('server.pem'),
            minVersion: 'TLSv1.1',
            maxVersion: 'TLSv1.1',
            ciphers: 'DEFAULT@SECLEVEL=0',
          }),
        ),
      'TLS_ALERT_70',
    ],
    ['a handshake that never ends', () => openRaw(() => undefined), 'TIMEOUT'],
  ])('%s', async (_what, open, errorCode) => {
    const port = await open();
    expect(
      await attemptTo(`https://127.0.0.1:${port}/`, { timeoutMs: errorCode === 'TIMEOUT' ? 1000 : 60_000 }),
    ).toMatchObject({ outcome: 'unreachable', errorCode, tls: null, error: expect.stringContaining('TLS') });
  });

  test.each([
    ['a certificate without key', () => ({ cert: file('client.pem') }), 'client.pem', 'without its private key'],
    ['a key without certificate', () => ({ key: file('client.key') }), 'client.key', 'without its certificate'],
    [
      'a key of another certificate',
      () => ({ cert: file('client.pem'), key: file('server.key') }),
      'server.key',
      'do not match',
    ],
    [
      'an RSA certificate with an EC key',
      () => ({ cert: file('client-rsa.pem'), key: file('client.key') }),
      'client-rsa.pem',
      'do not match',
    ],
    [
      'the CA before the leaf',
      () => ({ cert: file('chain.pem'), key: file('client.key') }),
      'chain.pem',
      'must be the first',
    ],
    [
      'an encrypted key without passphrase',
      () => ({ cert: file('client-rsa.pem'), key: file('client-rsa.key') }),
      'client-rsa.key',
      'no passphrase was given',
    ],
    [
      'an encrypted key with a wrong passphrase',
      () => ({ cert: file('client-rsa.pem'), key: file('client-rsa.key'), passphrase: 'wrong one' }),
      'client-rsa.key',
      'does not open',
    ],
    [
      'a PKCS#12 file with a wrong passphrase',
      () => ({ pfx: file('client.pfx'), passphrase: 'wrong one' }),
      'client.pfx',
      'does not open',
    ],
    ['a PKCS#12 file without passphrase', () => ({ pfx: file('client.pfx') }), 'client.pfx', 'needs a passphrase'],
    ['a DER certificate', () => ({ cert: file('client.der'), key: file('client.key') }), 'client.der', 'DER'],
    [
      'a request instead of a certificate',
      () => ({ cert: file('client.csr'), key: file('client.key') }),
      'client.csr',
      'CERTIFICATE REQUEST',
    ],
    [
      'a certificate instead of a key',
      () => ({ cert: file('client.pem'), key: file('ca.pem') }),
      'ca.pem',
      'not a PEM private key',
    ],
    [
      'a damaged certificate',
      () => ({
        cert: { path: 'cut.pem', bytes: Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n') },
        key: file('client.key'),
      }),
      'cut.pem',
      'damaged',
    ],
    [
      'a damaged key',
      () => ({
        cert: file('client.pem'),
        key: { path: 'cut.key', bytes: Buffer.from('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n') },
      }),
      'cut.key',
      'damaged',
    ],
    ['an empty CA file', () => ({ ca: { path: 'empty.pem', bytes: Buffer.alloc(0) } }), 'empty.pem', 'it is empty'],
  ] as [string, () => TlsOptions, string, string][])(
    '%s is found when the transport opens',
    async (_what, tls, name, words) => {
      await expect(openTransport({ timeoutMs: 1000, tls: tls() })).rejects.toMatchObject({
        name: 'AppError',
        kind: 'input',
        message: expect.stringContaining(words),
      });
      await expect(openTransport({ timeoutMs: 1000, tls: tls() })).rejects.toThrow(name);
      await expect(openTransport({ timeoutMs: 1000, tls: tls() })).rejects.not.toThrow(/sesame|wrong one/);
    },
  );

  const cut = (name: string): TlsFile => ({ path: name, bytes: made.read(name).subarray(0, -40) });
  test.each([
    [
      'PKCS#12 as --cert',
      () => ({ cert: file('client.pfx'), key: file('client.key') }),
      'it looks like PKCS#12',
      '--pfx ',
    ],
    ['PKCS#12 as --cert, without a key', () => ({ cert: file('client.pfx') }), 'it looks like PKCS#12', '--pfx '],
    ['PKCS#12 as --cacert', () => ({ ca: file('client.pfx') }), 'it looks like PKCS#12', '-nokeys'],
    [
      'PKCS#12 as --key',
      () => ({ cert: file('client.pem'), key: file('client.pfx') }),
      'it looks like PKCS#12',
      '--pfx ',
    ],
    ['PEM as PKCS#12', () => ({ pfx: file('both.pem') }), 'both.pem cannot be read as PKCS#12', 'use --cert and --key'],
    [
      '--cert and --key swapped',
      () => ({ cert: file('client-rsa.key'), key: file('client-rsa.pem') }),
      'it contains an ENCRYPTED PRIVATE KEY',
      'swapped? --cert',
    ],
    [
      'a certificate as --key',
      () => ({ cert: file('client.pem'), key: file('ca.pem') }),
      'it contains a CERTIFICATE',
      'swapped? --cert',
    ],
    [
      'a key as --cacert',
      () => ({ ca: file('client.key') }),
      'it contains a PRIVATE KEY',
      'starts with -----BEGIN CERTIFICATE-----',
    ],
    [
      'a certificate that is cut off',
      () => ({ ca: cut('ca.pem') }),
      'certificate 1 in ca.pem has no -----END CERTIFICATE----- line',
      'copy it again',
    ],
    ['a chain that is cut off', () => ({ ca: cut('chain.pem') }), 'certificate 2 in chain.pem has no', 'copy it again'],
    [
      'a key that is cut off',
      () => ({ cert: file('client.pem'), key: cut('client.key') }),
      'the private key in client.key has no',
      'copy it again',
    ],
    [
      'a file of beginnings alone',
      () => ({ ca: { path: 'many.pem', bytes: Buffer.from('-----BEGIN CERTIFICATE-----\n'.repeat(140_000)) } }),
      'certificate 1 in many.pem has no',
      'copy it again',
    ],
    [
      'a line of beginnings alone',
      () => ({ ca: { path: 'many.pem', bytes: Buffer.from(' -----BEGIN CERTIFICATE-----'.repeat(140_000)) } }),
      'is not a PEM certificate',
      'starts with',
    ],
  ] as [string, () => TlsOptions, string, string][])(
    '%s: what it is, and what to do',
    async (_what, tls, words, hint) => {
      await expect(openTransport({ timeoutMs: 1000, tls: tls() })).rejects.toMatchObject({
        kind: 'input',
        message: expect.stringContaining(words),
        hint: expect.stringContaining(hint),
      });
    },
  );

  test('files are read by path, and a missing one is named', async () => {
    const { cert, key } = await readTlsFiles({ cert: made.path('client.pem') });
    expect(cert).toEqual(file('client.pem'));
    expect(key).toBeUndefined();
    await expect(readTlsFiles({ pfx: '/nowhere/x.pfx' })).rejects.toMatchObject({
      kind: 'input',
      message: 'the file /nowhere/x.pfx does not exist',
    });
  });
});
