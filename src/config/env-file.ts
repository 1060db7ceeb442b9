import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { AppError, type AppErrorKind } from '../model/error.ts';
import { looksSecret, isSecretHeader } from '../model/secret-name.ts';

/** The variables of an environment, by their names. */
export type Variables = Readonly<Record<string, string | undefined>>;

const MAX_BYTES = 1024 * 1024;

/**
 * The variables of a `.env` file that a flag names, as Node reads one (`node --env-file`). Throws AppError `usage` when
 * it cannot be read, or sets none; no error shows what it holds.
 */
export function readEnvFile(path: string): Variables {
  const variables = parseEnv(readText(path, '--env-file', 'usage')) as Variables;
  if (Object.keys(variables).length > 0) return variables;
  throw new AppError('usage', `--env-file ${path} sets no variable`, { hint: 'write lines such as NAME=value' });
}

/** The same, of a file that the configuration names: where the variables are set otherwise there is none. */
export function readConfiguredEnvFile(path: string): Variables {
  return existsSync(path) ? (parseEnv(readText(path, '"envFile"', 'config')) as Variables) : {};
}

function readText(path: string, what: string, kind: AppErrorKind): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code = 'unknown reason' } = cause as NodeJS.ErrnoException;
    throw new AppError(kind, `${what} ${path} cannot be read: ${REASONS[code] ?? code}`, { cause });
  }
  if (bytes.length > MAX_BYTES) throw new AppError(kind, `${what} ${path} is larger than 1 MiB`);
  return new TextDecoder().decode(bytes);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you are not allowed to read it',
};

/** The values among them that should be shown nowhere, by their names or their looks; of URLs the password. */
export function secretsAmong(variables: Variables): string[] {
  return Object.entries(variables).flatMap(([name, value = '']) => {
    if (value === '') return [];
    const isSecret = isSecretHeader(name.replaceAll('_', '-'), value) || looksSecret(value);
    const password = URL.canParse(value) ? new URL(value).password : '';
    return [...(isSecret ? [value] : []), ...(password === '' ? [] : [password])];
  });
}
