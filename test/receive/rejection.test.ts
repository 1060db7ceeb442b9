import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ReceiverTls } from '../../src/receive/receiver.ts';
import { openReceiver } from '../../src/receive/receiver.ts';
import type { Rejection } from '../../src/receive/rejection.ts';
import { talk } from '../helpers/listening.ts';
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

describe.skipIf(!hasOpenssl)('a port that speaks TLS (certificate made by the openssl command line)', () => {
  let made: TestCertificates;
  beforeAll(() => {
    made = makeTestCertificates();
  });
  afterAll(() => made.remove());

  test.each([
    ['POST', /^plain-http$/],
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
