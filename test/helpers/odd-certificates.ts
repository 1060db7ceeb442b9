import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { madeOnce } from './made-once.ts';

/**
 * Files that are unusual or wrong in one way each, made by the openssl command line, in a folder of the caller's own.
 */
export interface OddCertificates {
  path(name: string): string;
  read(name: string): Buffer;
  /** Runs openssl in the folder. */
  openssl(...args: string[]): void;
  /** Writes a file of these parts, one after the other. */
  join(name: string, ...parts: string[]): string;
  remove(): void;
}

const CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n';
const LEAF = 'extendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\n';
export const PASSPHRASE = 'open sesame';

/**
 * ca (a root) · leaf (EC), rsa (RSA 2048), sha1 (so signed), agreement (key usage keyAgreement alone) · twin-ca (the
 * name of ca, another key) · no-ca (CA:FALSE) with below-no-ca · no-sign (without keyCertSign) with below-no-sign ·
 * short (pathlen 0) with short-2 below it and below-short · server-ca (limited to serverAuth) with below-server-ca ·
 * v1-ca (a root of version 1) with below-v1-ca · each .pem and .key. leaf.der, leaf-key.der, leaf.csr, leaf.csr.der,
 * leaf.pub, leaf.p7b · legacy.pfx (RC2), modern.pfx, open.pfx (empty passphrase), trust.pfx (no key), sha1.pfx ·
 * des.key (PBE-MD5-DES), old.key (traditional, AES), aes.key: the key of rsa under PASSPHRASE.
 */
export function makeOddCertificates(): OddCertificates {
  const certificates = madeOnce('odd-certificates');
  if (certificates.toMake !== null) makeEveryFile(certificates.toMake);
  const folder = certificates.copy();
  const path = (name: string): string => join(folder, name);
  return {
    path,
    read: (name) => readFileSync(path(name)),
    openssl: (...args) => runOpenssl(folder, args),
    join: (name, ...parts) => {
      writeFileSync(path(name), Buffer.concat(parts.map((part) => readFileSync(path(part)))));
      return path(name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const runOpenssl = (folder: string, args: readonly string[]): void =>
  void execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });

function makeEveryFile(folder: string): void {
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => runOpenssl(folder, args);
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const root = (name: string, subject: string): void =>
    openssl(
      'req',
      '-x509',
      ...ec,
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-subj',
      subject,
      '-days',
      '90',
      '-addext',
      'keyUsage=critical,keyCertSign',
      '-out',
      `${name}.pem`,
    );
  const issue = (name: string, by: string, extensions: string, more: string[] = [], key: string[] = ec): void => {
    writeFileSync(path(`${name}.ext`), extensions);
    openssl('req', '-new', ...key, '-nodes', '-keyout', `${name}.key`, '-subj', `/CN=${name}`, '-out', `${name}.csr`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${by}.pem`,
      '-CAkey',
      `${by}.key`,
      '-CAcreateserial',
      '-days',
      '60',
      '-extfile',
      `${name}.ext`,
      ...more,
      '-out',
      `${name}.pem`,
    );
  };
  const rsa = ['-newkey', 'rsa:2048'];
  const pass = ['-passout', `pass:${PASSPHRASE}`];

  root('ca', '/CN=Odd CA');
  root('twin-ca', '/CN=Odd CA');
  issue('leaf', 'ca', LEAF);
  issue('rsa', 'ca', LEAF, [], rsa);
  issue('sha1', 'ca', LEAF, ['-sha1'], rsa);
  issue('agreement', 'ca', 'extendedKeyUsage=clientAuth\nkeyUsage=keyAgreement\n');
  issue('no-ca', 'ca', 'basicConstraints=CA:FALSE\n');
  issue('below-no-ca', 'no-ca', LEAF);
  issue('no-sign', 'ca', 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n');
  issue('below-no-sign', 'no-sign', LEAF);
  issue('short', 'ca', 'basicConstraints=critical,CA:TRUE,pathlen:0\n');
  issue('short-2', 'short', CA);
  issue('below-short', 'short-2', LEAF);
  issue('server-ca', 'ca', `${CA}extendedKeyUsage=serverAuth\n`);
  issue('below-server-ca', 'server-ca', LEAF);
  writeFileSync(path('bare.cnf'), '[req]\ndistinguished_name=name\n[name]\n');
  openssl(
    'req',
    '-new',
    '-config',
    'bare.cnf',
    ...ec,
    '-nodes',
    '-keyout',
    'v1-ca.key',
    '-subj',
    '/CN=v1-ca',
    '-out',
    'v1-ca.csr',
  );
  openssl('x509', '-req', '-in', 'v1-ca.csr', '-signkey', 'v1-ca.key', '-days', '90', '-out', 'v1-ca.pem');
  issue('below-v1-ca', 'v1-ca', LEAF);

  openssl('x509', '-in', 'leaf.pem', '-outform', 'DER', '-out', 'leaf.der');
  openssl('pkey', '-in', 'leaf.key', '-outform', 'DER', '-out', 'leaf-key.der');
  openssl('req', '-in', 'leaf.csr', '-outform', 'DER', '-out', 'leaf.csr.der');
  openssl('pkey', '-in', 'leaf.key', '-pubout', '-out', 'leaf.pub');
  openssl('crl2pkcs7', '-nocrl', '-certfile', 'leaf.pem', '-out', 'leaf.p7b');
  openssl('pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'leaf.key', ...pass, '-out', 'modern.pfx');
  openssl('pkcs12', '-export', '-in', 'sha1.pem', '-inkey', 'sha1.key', ...pass, '-out', 'sha1.pfx');
  openssl('pkcs12', '-export', '-in', 'leaf.pem', '-inkey', 'leaf.key', '-passout', 'pass:', '-out', 'open.pfx');
  openssl('pkcs12', '-export', '-nokeys', '-in', 'ca.pem', ...pass, '-out', 'trust.pfx');
  openssl('pkcs12', '-export', '-legacy', '-in', 'leaf.pem', '-inkey', 'leaf.key', ...pass, '-out', 'legacy.pfx');
  openssl(
    'pkcs8',
    '-topk8',
    '-provider',
    'legacy',
    '-provider',
    'default',
    '-v1',
    'PBE-MD5-DES',
    '-in',
    'rsa.key',
    ...pass,
    '-out',
    'des.key',
  );
  openssl('rsa', '-in', 'rsa.key', '-aes128', '-traditional', ...pass, '-out', 'old.key');
  openssl('pkey', '-in', 'rsa.key', '-aes256', ...pass, '-out', 'aes.key');
}
