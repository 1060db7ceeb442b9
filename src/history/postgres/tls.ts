import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { AppError } from '../../model/error.ts';
import { readReason } from '../../model/file-error.ts';
import type { ServerAddress } from './address.ts';

/** One way to connect: with TLS by these options, or without. */
export type TlsChoice = ConnectionOptions | false;

/**
 * The ways to connect that `sslmode` allows, the first to be tried first, as libpq does it:
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 */
export function tlsChoices(address: ServerAddress): TlsChoice[] {
  const { sslMode, host } = address;
  // A socket of this machine has no TLS.
  if (sslMode === 'disable' || host.startsWith('/')) return [false];
  const options = tlsOptions(address);
  if (sslMode === 'prefer') return [options, false];
  return sslMode === 'allow' ? [false, options] : [options];
}

function tlsOptions(address: ServerAddress): ConnectionOptions {
  const { sslMode, host, keyPassword, oldestTls } = address;
  const roots = rootCertificates(address);
  const client = clientCertificate(address);
  const revoked = revocationList(address);
  const verifies = sslMode.startsWith('verify') || (sslMode === 'require' && roots !== undefined);
  return {
    ...client,
    ...(keyPassword === null ? {} : { passphrase: keyPassword }),
    ...(roots === undefined ? {} : { ca: roots }),
    ...(revoked === null ? {} : { crl: revoked }),
    ...(oldestTls === null ? {} : { minVersion: oldestTls }),
    rejectUnauthorized: verifies,
    // Against the host that was asked for, be it a name or an address.
    checkServerIdentity: (_, certificate) =>
      sslMode === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
  };
}

/** Undefined: those that Node trusts. */
function rootCertificates({ rootCertificate, sslMode, defaultFolder }: ServerAddress): Buffer | undefined {
  if (rootCertificate === 'system') return undefined;
  const usual = join(defaultFolder, 'root.crt');
  const file = rootCertificate ?? (existsSync(usual) ? usual : null);
  if (file !== null) return readRoots(file);
  if (!sslMode.startsWith('verify')) return undefined;
  throw new AppError('history', `sslmode=${sslMode} needs the certificate of who signed the server's`, {
    hint: `name it with sslrootcert=FILE or PGSSLROOTCERT, put it at ${usual}, or say sslrootcert=system`,
  });
}

/** Node would leave out what it cannot read, and trust nobody. */
const readRoots = (file: string): Buffer => readPem(file, 'sslrootcert', 'certificate', 'CERTIFICATE');

function readPem(file: string, parameter: string, what: string, label: string): Buffer {
  const pem = readPart(file, parameter);
  if (pem.includes(`-----BEGIN ${label}-----`)) return pem;
  throw new AppError('history', `${parameter} ${file} holds no ${what}`, {
    hint: `name a file that has "-----BEGIN ${label}-----" in it`,
  });
}

/** Null: none is revoked. */
function revocationList({ revocationList: named, defaultFolder }: ServerAddress): Buffer | null {
  const usual = join(defaultFolder, 'root.crl');
  const file = named ?? (existsSync(usual) ? usual : null);
  return file === null ? null : readPem(file, 'sslcrl', 'list of revoked certificates', 'X509 CRL');
}

function clientCertificate({
  certificate,
  key,
  defaultFolder,
}: ServerAddress): Pick<ConnectionOptions, 'cert' | 'key'> {
  const usual = join(defaultFolder, 'postgresql.crt');
  const file = certificate ?? (existsSync(usual) ? usual : null);
  if (file === null) return {};
  const keyFile = key ?? join(defaultFolder, 'postgresql.key');
  return { cert: readPart(file, 'sslcert'), key: readPart(keyFile, 'sslkey') };
}

function readPart(file: string, parameter: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new AppError('history', `${parameter} ${file}: ${readReason(error)}`, {
      hint: `name the file with ${parameter}=FILE in the address of the history`,
      cause: error,
    });
  }
}
