import { AppError } from '../model/error.ts';
import type { TlsFlags } from '../model/file-kinds/file-kind.ts';

/** The content of a file, with the name that errors show. */
export interface TlsFile {
  path: string;
  bytes: Uint8Array;
  /** The command's flags for such files, for hints; those of a client where none are given. */
  flags?: TlsFlags;
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
export async function readTlsFiles(paths: {
  cert?: string | undefined;
  key?: string | undefined;
  pfx?: string | undefined;
  ca?: string | undefined;
}): Promise<Pick<TlsOptions, 'cert' | 'key' | 'pfx' | 'ca'>> {
  const [cert, key, pfx, ca] = await Promise.all(
    [paths.cert, paths.key, paths.pfx, paths.ca].map((path) => (path === undefined ? undefined : readTlsFile(path))),
  );
  return { cert, key, pfx, ca };
}

/**
 * Larger than any bundle of public roots. What is no certificate at all (a disk, a device without end) is not read to
 * its end.
 */
export const MAX_TLS_FILE_BYTES = 4 * 1024 * 1024;

/** Reads one file. Throws AppError `input` that names it, for one that is too large too. */
export async function readTlsFile(path: string): Promise<TlsFile> {
  const { createReadStream } = await import('node:fs');
  return readTlsStream(path, createReadStream(path, { end: MAX_TLS_FILE_BYTES }));
}

/** The same of a stream, such as standard input; `path` is its name in errors. */
export async function readTlsStream(path: string, stream: AsyncIterable<Uint8Array | string>): Promise<TlsFile> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(Buffer.from(chunk));
      length += chunk.length;
      if (length > MAX_TLS_FILE_BYTES) break;
    }
  } catch (cause) {
    throw unreadable(path, cause as NodeJS.ErrnoException);
  }
  if (length > MAX_TLS_FILE_BYTES)
    throw new AppError(
      'input',
      `the file ${path} is larger than ${MAX_TLS_FILE_BYTES / 1024 / 1024} MiB, too large for certificates and keys`,
    );
  return { path, bytes: Buffer.concat(chunks) };
}

function unreadable(path: string, cause: NodeJS.ErrnoException): AppError {
  const why: Record<string, string> = { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read' };
  return new AppError('input', `the file ${path} ${why[cause.code ?? ''] ?? `cannot be read (${cause.message})`}`, {
    cause,
    ...(cause.code === 'EISDIR' ? { hint: 'name a file in it' } : {}),
  });
}
