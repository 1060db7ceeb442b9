import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { makeSelfSigned } from '../../src/certs/create/make-strangers.ts';
import { openServer } from '../helpers/raw-server.ts';

const NOW = Date.now();

test('it is signed by its own key, for clients, and no CA', async () => {
  const { cert = '' } = await makeSelfSigned(NOW);
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.issuer).toBe(certificate.subject);
  expect(certificate.ca).toBe(false);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(Date.parse(certificate.validFrom)).toBeLessThan(NOW);
  expect(Date.parse(certificate.validTo)).toBeGreaterThan(NOW);
});

test('nothing is wrong with it but that nobody vouches: a server that trusts it accepts it', async () => {
  const [own, stranger] = await Promise.all([makeSelfSigned(NOW), makeSelfSigned(NOW)]);
  const verdictOn = async (shown: typeof own): Promise<unknown> => {
    const server = createServer({
      cert: Buffer.from(own.cert ?? ''),
      key: Buffer.from(own.key ?? ''),
      ca: Buffer.from(own.cert ?? ''),
      requestCert: true,
      rejectUnauthorized: false,
    });
    const port = await openServer(server);
    connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      cert: Buffer.from(shown.cert ?? ''),
      key: Buffer.from(shown.key ?? ''),
    }).on('error', () => undefined);
    const [socket] = (await once(server, 'secureConnection')) as [TLSSocket];
    return socket.authorizationError ?? 'accepted';
  };
  expect(await verdictOn(own)).toBe('accepted');
  expect(await verdictOn(stranger)).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
});
