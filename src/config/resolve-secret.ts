import { resolve } from 'node:path';
import { AppError } from '../model/error.ts';
import type { SecretSource } from '../model/webhook.ts';
import { MAX_SECRET_BYTES, type SecretFile } from './read-secret-file.ts';

/** A secret as flags give it: at most one of these. */
export interface GivenSecret {
  /** `--secret-env NAME` */
  env?: string | undefined;
  /** `--secret-file F`; `-` is standard input. */
  file?: string | undefined;
  /** `--secret S`: everybody on the machine can read it in the list of processes. */
  literal?: string | undefined;
}

export interface SecretAccess {
  env: Readonly<Record<string, string | undefined>>;
  /** What a relative file is relative to. */
  baseDirectory: string;
  /** Reads a file by absolute path; `-` is standard input. */
  readFile: (path: string) => Promise<SecretFile>;
  /** What it is for, in messages: `secret` (the default) or `passphrase`. */
  label?: string;
  /** Who named the source: a flag (`usage`, the default) or the configuration (`config`). */
  blame?: 'usage' | 'config';
}

export interface ResolvedSecret {
  value: string;
  /** What the user should know; without the secret. */
  warnings: readonly string[];
}

/**
 * The source that flags name; undefined when none is given.
 * @param prefix of the flags in messages: `secret` → `--secret-env`
 * @throws AppError `usage` when several are given.
 */
export function secretSourceOfFlags({ env, file, literal }: GivenSecret, prefix = 'secret'): SecretSource | undefined {
  const sources: SecretSource[] = [
    ...(env === undefined ? [] : [{ env }]),
    ...(file === undefined ? [] : [{ file }]),
    ...(literal === undefined ? [] : [literal]),
  ];
  if (sources.length > 1) {
    throw new AppError('usage', `the ${prefix} is given more than once`, {
      hint: `give one of --${prefix}-env and --${prefix}-file`,
    });
  }
  return sources[0];
}

/**
 * The secret (or passphrase) behind `source`. One line break (LF or CRLF) at the end of a file is not part of it,
 * nor is a byte-order mark at its start; everything else is. No error and no warning contains it.
 * @throws AppError of kind `blame` when it is missing, unreadable or empty.
 */
export async function resolveSecret(source: SecretSource, access: SecretAccess): Promise<ResolvedSecret> {
  if (typeof source === 'string') return checkSecret(source, `the ${labelOf(access)}`, [], access);
  return 'env' in source ? secretOfVariable(source.env, access) : secretOfFile(source.file, access);
}

function secretOfVariable(name: string, access: SecretAccess): ResolvedSecret {
  const value = access.env[name];
  if (value !== undefined)
    return checkSecret(value, `the ${labelOf(access)} in the environment variable ${name}`, [], access);
  throw new AppError(
    access.blame ?? 'usage',
    `the environment variable ${name}, for the ${labelOf(access)}, is not set`,
    {
      hint: `export ${name}=…, or keep the ${labelOf(access)} in a file`,
      unknown: { given: name, among: Object.keys(access.env) },
    },
  );
}

async function secretOfFile(file: string, access: SecretAccess): Promise<ResolvedSecret> {
  const path = file === '-' ? '-' : resolve(access.baseDirectory, file);
  const place = path === '-' ? 'standard input' : path;
  const { bytes, isWorldReadable } = await readOrExplain(path, place, access);
  const warnings = isWorldReadable
    ? [`every user of this machine can read the ${labelOf(access)} file ${path}; chmod 600 it`]
    : [];
  const value = decodeSecret(bytes, place, access).replace(/\r?\n$/, '');
  return checkSecret(value, `the ${labelOf(access)} from ${place}`, warnings, access);
}

async function readOrExplain(path: string, place: string, access: SecretAccess): Promise<SecretFile> {
  try {
    return await access.readFile(path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    const reason = code === 'ENOENT' ? 'there is no such file' : (code ?? 'unknown reason');
    throw new AppError(access.blame ?? 'usage', `the ${labelOf(access)} could not be read from ${place}: ${reason}`, {
      cause,
    });
  }
}

function decodeSecret(bytes: Uint8Array, place: string, access: SecretAccess): string {
  if (bytes.length > MAX_SECRET_BYTES) {
    throw new AppError(
      access.blame ?? 'usage',
      `${place} is too long for a ${labelOf(access)}: more than ${MAX_SECRET_BYTES / 1024} KiB`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The cause is left out on purpose: nothing of the content may travel with the error.
    throw new AppError(access.blame ?? 'usage', `the ${labelOf(access)} from ${place} is not UTF-8 text`, {
      hint: 'save it as UTF-8',
    });
  }
}

function checkSecret(value: string, what: string, warnings: readonly string[], access: SecretAccess): ResolvedSecret {
  if (value === '') throw new AppError(access.blame ?? 'usage', `${what} is empty`);
  const edge = value === value.trim() ? [] : [`${what} begins or ends with white space, which counts as part of it`];
  return { value, warnings: [...warnings, ...edge] };
}

function labelOf({ label }: SecretAccess): string {
  return label ?? 'secret';
}
