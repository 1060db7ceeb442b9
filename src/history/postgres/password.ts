import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../../model/error.ts';
import { readReason } from '../../model/file-error.ts';
import type { ServerAddress } from './address.ts';

/**
 * The password to enter with: of the address or PGPASSWORD, or from the password file, where the first line that fits
 * decides: https://www.postgresql.org/docs/current/libpq-pgpass.html. Asked for only where the server wants one.
 * Throws AppError `history`.
 */
export function findPassword(address: ServerAddress): string {
  const password = address.password ?? passwordOfFile(address);
  if (password !== null) return password;
  throw new AppError('history', `history ${address.shown}: the server asks for a password, and none was given`, {
    hint: `put it in PGPASSWORD, or as a line ${lineFor(address)} in ${address.passwordFile}`,
  });
}

/** As it stands in the password file, so that a name that differs there is seen. */
const lineFor = (address: ServerAddress): string =>
  [...fieldsOf(address).map((text) => text.replaceAll(/[:\\]/g, '\\$&')), 'PASSWORD'].join(':');

/** A socket is that of this machine. */
const fieldsOf = ({ host, port, database, user }: ServerAddress): string[] => [
  host.startsWith('/') ? 'localhost' : host,
  String(port),
  database,
  user,
];

function passwordOfFile(address: ServerAddress): string | null {
  const text = readPasswordFile(address.passwordFile, address.shown);
  const wanted = fieldsOf(address);
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line.replace(/\r$/, ''));
    const [password] = fields.slice(4);
    if (password !== undefined && wanted.every((value, index) => ['*', value].includes(fields[index] ?? '')))
      return password;
  }
  return null;
}

/** A backslash before a colon or a backslash, or any character, only marks it; the password ends the line. */
function splitFields(line: string): string[] {
  const fields = [''];
  for (const [part] of line.matchAll(/\\?[^]/g)) {
    if (part === ':' && fields.length < 5) fields.push('');
    else fields[fields.length - 1] += part.length === 2 ? part.slice(1) : part;
  }
  return fields;
}

/** Empty where there is none. As for libpq, a file that others may read does not count. */
function readPasswordFile(file: string, shown: string): string {
  const about = statSync(file, { throwIfNoEntry: false });
  if (about === undefined || !about.isFile()) return '';
  if (process.platform !== 'win32' && (about.mode & 0o077) !== 0) {
    throw new AppError('history', `history ${shown}: others may read the password file ${file}, so it is not used`, {
      hint: `run: chmod 600 ${file}`,
    });
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError('history', `history ${shown}: the password file ${file}: ${readReason(error)}`, {
      cause: error,
    });
  }
}
