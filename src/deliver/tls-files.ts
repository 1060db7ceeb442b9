import { AppError } from '../model/error.ts';

/** The content of a file, with the name that errors show. */
export interface TlsFile {
  path: string;
  bytes: Uint8Array;
}

/** What curl's `--cert --key --pfx --cacert -k` say, read. */
export interface TlsOptions {
  /** PEM: the client certificate, leaf first. May hold the private key too. */
  cert?: TlsFile | undefined;
  /** PEM: the private key of the client certificate. */
  key?: TlsFile | undefined;
  /** PKCS#12: certificate and key in one file. */
  pfx?: TlsFile | undefined;
  /** Of the key or the PKCS#12 file. */
  passphrase?: string | undefined;
  /** PEM: trust these CAs alone for the endpoint's certificate. */
  ca?: TlsFile | undefined;
  /** Accept any certificate of the endpoint. */
  insecure?: boolean | undefined;
}

/** Reads the files that TLS flags name. Throws AppError `input` that names the flag's file. */
export async function readTlsFiles(
  paths: { cert?: string | undefined; key?: string | undefined; pfx?: string | undefined; ca?: string | undefined },
): Promise<Pick<TlsOptions, 'cert' | 'key' | 'pfx' | 'ca'>> {
  const [cert, key, pfx, ca] = await Promise.all([paths.cert, paths.key, paths.pfx, paths.ca].map(readTlsFile));
  return { cert, key, pfx, ca };
}

async function readTlsFile(path: string | undefined): Promise<TlsFile | undefined> {
  if (path === undefined) return undefined;
  const { readFile } = await import('node:fs/promises');
  try {
    return { path, bytes: await readFile(path) };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : `cannot be read (${(cause as Error).message})`;
    throw new AppError('input', `the file ${path} ${why}`, { cause });
  }
}
