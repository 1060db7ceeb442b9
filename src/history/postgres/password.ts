import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../../model/error.ts';
import { readReason } from '../../model/file-error.ts';
import { USUAL_SOCKETS, type ServerAddress } from './address.ts';

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

/** The socket at the usual place is that of this machine; another one stands in the file as its folder. */
const fieldsOf = ({ host, port, database, user }: ServerAddress): string[] => [
  host === USUAL_SOCKETS ? 'localhost' : host,
  String(port),
  database,
  user,
];

function passwordOfFile(address: ServerAddress): string | null {
  const text = readPasswordFile(address.passwordFile, address.shown);
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const password = fieldsOf(address).reduce(restAfter, line.replace(/\r$/, ''));
    if (password !== null) return password.replaceAll(/\\([^])/g, '$1');
  }
  return null;
}

/**
 * What follows a field that fits; null where it does not. As in libpq, a backslash marks what it stands before, and
 * the colons of an IPv6 address need none.
 */
function restAfter(line: string | null, value: string): string | null {
  if (line === null || line.startsWith('*:')) return line?.slice(2) ?? null;
  let at = 0;
  for (const letter of value) {
    if (line[at] === '\\') at += 1;
    if (!line.startsWith(letter, at)) return null;
    at += letter.length;
  }
  return line[at] === ':' ? line.slice(at + 1) : null;
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
