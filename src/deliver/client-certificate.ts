import type { SecureContext } from 'node:tls';
import { AppError } from '../model/error.ts';
import type { WantedPart } from '../model/file-kinds/file-kind.ts';
import { isCertificate, isEncryptedKey, readPem } from '../model/pem.ts';
import type { TlsFile, TlsOptions } from './tls-files.ts';

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY-----/;
/** No program of TLS reads such a block. */
const OPENSSH_LABEL = 'OPENSSH PRIVATE KEY';
/** What a file of certificates is for. */
type Role = Extract<WantedPart, 'own' | 'ca'>;

/**
 * Makes what every TLS connection of a transport uses, so that a wrong file is found before anything is sent.
 * Node itself is silent about some mistakes (an RSA certificate with an EC key, a certificate without key: an
 * empty Certificate message goes out) and terse about the others. Throws AppError `input`, naming the file.
 * @param ciphers OpenSSL's list instead of Node's; it sets the security level that certificates must meet
 */
export async function makeSecureContext(options: TlsOptions, ciphers?: string): Promise<SecureContext> {
  const [tls, crypto] = await Promise.all([import('node:tls'), import('node:crypto')]);
  const { cert, pfx, ca, passphrase } = options;
  const key = options.key ?? (cert !== undefined && holdsPrivateKey(cert) ? cert : undefined);
  if (ca !== undefined) await certificatesIn(ca, 'ca', crypto);
  await checkPair(cert, key, passphrase, crypto);
  try {
    return tls.createSecureContext({
      cert: cert && Buffer.from(cert.bytes),
      key: key && Buffer.from(key.bytes),
      pfx: pfx && Buffer.from(pfx.bytes),
      ca: ca && Buffer.from(ca.bytes),
      passphrase,
      ciphers,
    });
  } catch (cause) {
    const { explainContext, explainPfx } = await refusals();
    throw pfx === undefined ? explainContext(cause, cert ?? key ?? ca) : explainPfx(cause, pfx, passphrase);
  }
}

/** What is known of files that cannot be used; a good one does without. */
const refusals = () => import('./refuse-tls-file.ts');

type Crypto = typeof import('node:crypto');
type X509 = InstanceType<Crypto['X509Certificate']>;
type PrivateKey = ReturnType<Crypto['createPrivateKey']>;

/** A PEM private key stands in the file. */
export const holdsPrivateKey = (file: TlsFile): boolean => PRIVATE_KEY.test(textOf(file));

/** The certificates of a PEM file in their order, at least one. Throws AppError `input`. */
export async function readCertificates(file: TlsFile, role: Role = 'ca'): Promise<X509[]> {
  return certificatesIn(file, role, await import('node:crypto'));
}

/**
 * Opens a PEM private key. Throws AppError `input`: damaged, encrypted in an outdated way, a missing or wrong
 * passphrase.
 */
export async function openPrivateKey(file: TlsFile, passphrase: string | undefined): Promise<PrivateKey> {
  return readPrivateKey(file, passphrase, await import('node:crypto'));
}

async function checkPair(
  cert: TlsFile | undefined,
  key: TlsFile | undefined,
  passphrase: string | undefined,
  crypto: Crypto,
): Promise<void> {
  const certificates = cert === undefined ? [] : await certificatesIn(cert, 'own', crypto);
  if (cert === undefined && key === undefined) return;
  if (cert === undefined || key === undefined) throw (await refusals()).halfPair(cert, key);
  const privateKey = await readPrivateKey(key, passphrase, crypto);
  const owner = certificates.findIndex((one) => one.checkPrivateKey(privateKey));
  if (owner === 0) return;
  throw owner > 0
    ? new AppError(
        'input',
        `the certificate that belongs to ${key.path} is number ${owner + 1} in ${cert.path}; it must be the first`,
        {
          hint: 'put the leaf certificate first, then its intermediates',
        },
      )
    : new AppError('input', `the certificate ${cert.path} and the private key ${key.path} do not match`, {
        hint: 'compare: openssl x509 -in CERT -noout -pubkey; openssl pkey -in KEY -pubout',
      });
}

async function certificatesIn(file: TlsFile, role: Role, crypto: Crypto): Promise<X509[]> {
  const { blocks, fault, missedAt } = readPem(textOf(file));
  const certificates = blocks.filter(isCertificate);
  if (fault !== null) throw (await refusals()).faultyPem(file, fault, role, certificates.length);
  if (certificates.length === 0) throw (await refusals()).otherFile(file, 'certificate', role, missedAt);
  const trusted = certificates.findIndex(({ label }) => label === 'TRUSTED CERTIFICATE');
  if (trusted !== -1) throw (await refusals()).trustedCertificate(file, trusted + 1);
  const read: X509[] = [];
  for (const [index, block] of certificates.entries()) {
    try {
      read.push(new crypto.X509Certificate(block.text));
    } catch (cause) {
      const { damagedBlock } = await import('../model/file-kinds/recognise-file.ts');
      throw damagedBlock(file, `certificate ${index + 1} in ${file.path}`, block, role, cause);
    }
  }
  return read;
}

async function readPrivateKey(file: TlsFile, passphrase: string | undefined, crypto: Crypto): Promise<PrivateKey> {
  const { blocks, fault, missedAt } = readPem(textOf(file));
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY') && label !== OPENSSH_LABEL);
  if (block === undefined) {
    const { faultyPem, otherFile } = await refusals();
    throw fault !== null && holdsPrivateKey(file)
      ? faultyPem(file, fault, 'key', blocks.filter(isCertificate).length)
      : otherFile(file, 'private key', 'key', missedAt);
  }
  if (isEncryptedKey(block) && (passphrase === undefined || passphrase === '')) {
    throw (await refusals()).closedKey(file);
  }
  try {
    return crypto.createPrivateKey({ key: Buffer.from(file.bytes), passphrase });
  } catch (cause) {
    throw (await refusals()).explainKey(cause, file, block);
  }
}

const textOf = (file: TlsFile): string => Buffer.from(file.bytes).toString('latin1');
