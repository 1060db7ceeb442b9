import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import type { OwnCertificate } from '../../certs/file/own-certificate.ts';
import type { CertificateSigningRequest } from '../../certs/file/read-request.ts';
import { splitFile, type SplitFile } from '../../certs/file/split-file.ts';
import { isWrongPassphrase, trustedCertificate } from '../../deliver/refuse-tls-file.ts';
import type { TlsFile } from '../../deliver/tls-files.ts';
import type { KnownFile } from '../../model/file-kinds/file-kind.ts';
import { findOddities } from '../../model/file-kinds/find-oddities.ts';
import { openKey, readPfx } from './read-client-certificate.ts';

export interface OpenedKey {
  path: string;
  /** PEM, as it stands in the file. */
  pem: string;
  encryption: string | null;
  /** Both null for a key that is encrypted, with no passphrase given. */
  key: KeyObject | null;
  publicKey: KeyObject | null;
}

/** A file of certificates and keys, with what could be opened opened. */
export interface OpenedFile {
  path: string;
  format: SplitFile['format'];
  certificates: readonly X509Certificate[];
  requests: readonly CertificateSigningRequest[];
  keys: readonly OpenedKey[];
  publicKeys: readonly KeyObject[];
  /** Labels of what is none of these. */
  others: readonly string[];
  /** What OpenSSL reads and other programs do not. */
  oddities: readonly KnownFile[];
  /** Of a PKCS#12 file that was opened. */
  own: OwnCertificate | null;
}

/** Throws AppError `input`: unreadable, damaged, a wrong passphrase. One that is missing is no error. */
export async function openFile(file: TlsFile, passphrase: string | undefined): Promise<OpenedFile> {
  const { format, parts } = splitFile(file);
  const of = <Kind extends (typeof parts)[number]['kind']>(kind: Kind) =>
    parts.filter((part): part is Extract<typeof part, { kind: Kind }> => part.kind === kind);
  const trusted = of('certificate').findIndex(({ isTrusted }) => isTrusted);
  if (trusted !== -1) throw trustedCertificate(file, trusted + 1);
  const pfx = of('pkcs12')[0];
  const own = pfx === undefined ? null : await openPfx(file, passphrase);
  const keys: OpenedKey[] =
    own === null && pfx !== undefined ? [lockedKey(file.path, '', pfx.schemes.join('; ') || null)] : [];
  for (const { pem, encryption } of of('private-key')) {
    keys.push(
      encryption !== null && passphrase === undefined
        ? lockedKey(file.path, pem, encryption)
        : await openedKey(file.path, pem, encryption, passphrase),
    );
  }
  return {
    path: file.path,
    format,
    certificates: own?.certificates ?? of('certificate').map(({ certificate }) => certificate),
    requests: of('request').map(({ request }) => request),
    keys,
    publicKeys: of('public-key').map(({ key }) => key),
    others: of('other').map(({ label }) => label),
    oddities: findOddities(file),
    own,
  };
}

async function openPfx(file: TlsFile, passphrase: string | undefined): Promise<OwnCertificate | null> {
  try {
    return await readPfx(file, passphrase);
  } catch (error) {
    if (passphrase === undefined && isWrongPassphrase(error)) return null;
    throw error;
  }
}

const lockedKey = (path: string, pem: string, encryption: string | null): OpenedKey => ({
  path,
  pem,
  encryption,
  key: null,
  publicKey: null,
});

async function openedKey(
  path: string,
  pem: string,
  encryption: string | null,
  passphrase: string | undefined,
): Promise<OpenedKey> {
  const key = await openKey({ path, bytes: Buffer.from(pem) }, passphrase);
  return { path, pem, encryption, key, publicKey: createPublicKey(key) };
}
