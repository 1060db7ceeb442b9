import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseListenTls, type ListenTlsOptions } from '../../../src/flows/receive/listen-tls.ts';
import { makeOddCertificates, PASSPHRASE, type OddCertificates } from '../../helpers/odd-certificates.ts';
import { hasOpenssl } from '../../helpers/openssl-certificates.ts';

describe.skipIf(!hasOpenssl)('a certificate that cannot be used is refused in the words of listen', () => {
  let odd: OddCertificates;
  beforeAll(() => {
    odd = makeOddCertificates();
  });
  afterAll(() => odd.remove());

  const choose = ({ tlsCert, tlsKey, ...more }: ListenTlsOptions): ReturnType<typeof chooseListenTls> =>
    chooseListenTls(
      {
        ...more,
        ...(tlsCert === undefined ? {} : { tlsCert: odd.path(tlsCert) }),
        ...(tlsKey === undefined ? {} : { tlsKey: odd.path(tlsKey) }),
      },
      'localhost',
      { workingDirectory: odd.path('.'), env: { PASS: PASSPHRASE }, stdin: process.stdin },
      Date.now(),
    );

  test.each<[string, ListenTlsOptions, RegExp, RegExp]>([
    ['PKCS#12', { tlsCert: 'modern.pfx' }, /PKCS#12/, /^write it again: openssl pkcs12 -in \S+ -out modern-new\.pem$/],
    ['swapped', { tlsCert: 'leaf.key', tlsKey: 'leaf.pem' }, /PRIVATE KEY/, /--tls-cert takes .* --tls-key its/],
    ['a certificate for a key', { tlsCert: 'leaf.pem', tlsKey: 'ca.pem' }, /CERTIFICATE/, /swapped\? --tls-cert/],
    ['no key', { tlsCert: 'leaf.pem' }, /leaf\.pem comes without its private key/, /^add --tls-key FILE$/],
    ['a closed key', { tlsCert: 'rsa.pem', tlsKey: 'aes.key' }, /no passphrase was given/, /--passphrase-env/],
  ])('%s', async (_, options, message, hint) => {
    await expect(choose(options)).rejects.toMatchObject({
      kind: 'input',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test('certificate and key in one file', async () => {
    odd.join('both.pem', 'rsa.pem', 'aes.key');
    expect(await choose({ tlsCert: 'both.pem', passphraseEnv: 'PASS' })).toMatchObject({ made: null });
  });
});
