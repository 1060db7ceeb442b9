import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { madeOnce } from './made-once.ts';

/** Certificates made by the openssl command line, in a folder of the caller's own. */
export interface TestCertificates {
  /** Path of a file by its name: `ca.pem`, `server.pem`, `server.key`, … */
  path(name: string): string;
  read(name: string): Buffer;
  remove(): void;
}

export const hasOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/**
 * ca · server (localhost, 127.0.0.1, ::1) · expired, othername (servers) · selfsigned · client (EC), and
 * client-rsa.pem with client-rsa.key (passphrase `open sesame`), client.pfx (`open sesame`), client.der, client.csr,
 * chain.pem (the leaf after the CA), selfsigned.
 */
export function makeTestCertificates(): TestCertificates {
  const certificates = madeOnce('openssl-certificates');
  if (certificates.toMake !== null) makeEveryCertificate(certificates.toMake);
  const folder = certificates.copy();
  const path = (name: string): string => join(folder, name);
  return {
    path,
    read: (name) => readFileSync(path(name)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function makeEveryCertificate(folder: string): void {
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const ecKey = (name: string): void =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  const issue = (
    name: string,
    extensions: string,
    days: readonly string[] = ['-days', '30'],
    keyArgs: readonly string[] = [],
  ): void => {
    writeFileSync(path(`${name}.ext`), extensions);
    openssl('req', '-new', '-key', `${name}.key`, ...keyArgs, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      ...days,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };
  const forServers = 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nextendedKeyUsage=serverAuth\n';
  const forClients = 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\n';

  for (const name of ['ca', 'server', 'expired', 'othername', 'selfsigned', 'client']) ecKey(name);
  openssl('req', '-x509', '-key', 'ca.key', '-subj', '/CN=Test CA', '-days', '30', '-out', 'ca.pem');
  openssl(
    'req',
    '-x509',
    '-key',
    'selfsigned.key',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,IP:127.0.0.1',
    '-days',
    '30',
    '-out',
    'selfsigned.pem',
  );
  issue('server', forServers);
  issue('othername', 'subjectAltName=DNS:other.example\n');
  issue('client', forClients);
  try {
    issue('expired', forServers, ['-days', '-1']);
  } catch {
    issue('expired', forServers, ['-not_before', '20200101000000Z', '-not_after', '20200201000000Z']);
  }
  const pass = ['-passin', 'pass:open sesame'];
  openssl(
    'genpkey',
    '-algorithm',
    'RSA',
    '-pkeyopt',
    'rsa_keygen_bits:2048',
    '-aes256',
    '-pass',
    'pass:open sesame',
    '-out',
    'client-rsa.key',
  );
  issue('client-rsa', forClients, ['-days', '30'], pass);
  openssl(
    'pkcs12',
    '-export',
    '-in',
    'client.pem',
    '-inkey',
    'client.key',
    '-passout',
    'pass:open sesame',
    '-out',
    'client.pfx',
  );
  openssl('x509', '-in', 'client.pem', '-outform', 'DER', '-out', 'client.der');
  writeFileSync(path('chain.pem'), Buffer.concat([readFileSync(path('ca.pem')), readFileSync(path('client.pem'))]));
  writeFileSync(path('both.pem'), Buffer.concat([readFileSync(path('client.pem')), readFileSync(path('client.key'))]));
}
