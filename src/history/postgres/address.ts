import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '../../model/error.ts';

/** Whether a history is kept in PostgreSQL, by how its place is written. */
export const isPostgresAddress = (text: string): boolean => /^postgres(ql)?:\/\//i.test(text);

/** The parameters of libpq that are followed, each with its variable: those of an address come before variables. */
const VARIABLES = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  passfile: 'PGPASSFILE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcrl: 'PGSSLCRL',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslpassword: null,
  connect_timeout: 'PGCONNECT_TIMEOUT',
  application_name: 'PGAPPNAME',
  options: 'PGOPTIONS',
} as const;

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
type Parameter = keyof typeof VARIABLES;

const PARAMETERS = Object.keys(VARIABLES) as Parameter[];
const FILES: ReadonlySet<Parameter> = new Set<Parameter>(['passfile', 'sslrootcert', 'sslcrl', 'sslcert', 'sslkey']);

/**
 * What else of libpq leads to another server or asks for more safety: passed over it would be a weaker connection than
 * was asked for. Each with its variable, and the values that change nothing here.
 */
const NOT_FOLLOWED: Readonly<Record<string, { variable: string; changesNothing?: RegExp }>> = {
  service: { variable: 'PGSERVICE' },
  hostaddr: { variable: 'PGHOSTADDR' },
  target_session_attrs: { variable: 'PGTARGETSESSIONATTRS', changesNothing: /^any$/ },
  load_balance_hosts: { variable: 'PGLOADBALANCEHOSTS', changesNothing: /^(disable|random)$/ },
  channel_binding: { variable: 'PGCHANNELBINDING', changesNothing: /^(disable|prefer)$/ },
  require_auth: { variable: 'PGREQUIREAUTH' },
  requirepeer: { variable: 'PGREQUIREPEER' },
  gssencmode: { variable: 'PGGSSENCMODE', changesNothing: /^(disable|prefer)$/ },
  sslcertmode: { variable: 'PGSSLCERTMODE', changesNothing: /^allow$/ },
  sslcrldir: { variable: 'PGSSLCRLDIR' },
  sslnegotiation: { variable: 'PGSSLNEGOTIATION', changesNothing: /^postgres$/ },
  ssl_max_protocol_version: { variable: 'PGSSLMAXPROTOCOLVERSION', changesNothing: /^TLSv1\.3$/ },
};

const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** How much TLS is insisted on: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION */
export type SslMode = (typeof SSL_MODES)[number];

const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

/** Where a server is and how to enter it. */
export interface ServerAddress {
  /** A name, an IP address, or the folder of a socket. */
  host: string;
  port: number;
  user: string;
  password: string | null;
  database: string;
  passwordFile: string;
  sslMode: SslMode;
  rootCertificate: string | null;
  revocationList: string | null;
  /** Null: the oldest that Node uses. */
  oldestTls: (typeof TLS_VERSIONS)[number] | null;
  certificate: string | null;
  key: string | null;
  keyPassword: string | null;
  timeoutMs: number;
  applicationName: string;
  options: string | null;
  /** Where libpq looks for certificates that nothing names: `~/.postgresql`. */
  defaultFolder: string;
  /** As it may be shown: without the password. */
  shown: string;
}

export interface AddressSurroundings {
  /** The flag, variable or property that it was read from, as messages call it. */
  source: string;
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  /** From where the relative paths in it count. */
  folder: string;
}

/**
 * An address with what the variables add to it, as one text for `readAddress`. It may hold a password: show
 * `ServerAddress.shown` alone. Throws AppError `usage`, which does not repeat the address.
 */
export function completeAddress(text: string, { source, env, home, folder }: AddressSurroundings): string {
  const given = parseAddress(text, source);
  const whole: Record<string, string> = { home };
  for (const name of PARAMETERS) {
    const variable = VARIABLES[name];
    // An empty variable is none, as an empty host in an address is.
    const value = given.get(name) || (variable === null ? undefined : env[variable]);
    if (value) whole[name] = FILES.has(name) && value !== 'system' ? placeFile(value, home, folder) : value;
  }
  // As libpq does, for who has it from long ago.
  if (env['PGREQUIRESSL'] === '1') whole['sslmode'] ??= 'require';
  for (const { variable, changesNothing } of Object.values(NOT_FOLLOWED)) {
    const value = env[variable];
    if (value && !changesNothing?.test(value)) throw unknownVariable(source, variable);
  }
  const query = Object.entries(whole).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `postgres://?${query.join('&')}`;
}

const placeFile = (path: string, home: string, folder: string): string =>
  path.startsWith('~/') ? join(home, path.slice(2)) : resolve(folder, path);

/** Whether a password stands in it, for all to read. */
export function holdsPassword(text: string): boolean {
  if (!isPostgresAddress(text)) return false;
  return parseAddress(text, 'the address').has('password');
}

/** Without its password: what may be shown of an address as the user wrote it. */
export function withoutPassword(text: string): string {
  if (!isPostgresAddress(text)) return text;
  const [, scheme = '', userInfoText = '', rest = ''] = /^(\w+:\/\/)(?:([^/?#]*)@)?(.*)$/s.exec(text) ?? [];
  const user = userInfoText.split(':', 1)[0] ?? '';
  const bare = rest.replace(/([?&])(?:password|sslpassword)=[^&]*(?:&|$)/gi, '$1').replace(/[?&]$/, '');
  return `${scheme}${user === '' ? '' : `${user}@`}${bare}`;
}

/** Reads what `completeAddress` wrote. Throws AppError `usage` where a value is not possible. */
export function readAddress(text: string): ServerAddress {
  const given = parseAddress(text, 'the history', ['home']);
  const get = (name: string): string | null => given.get(name) ?? null;
  if (get('host')?.includes(',')) throw severalHosts('the address of the history');
  const user = get('user') ?? nameOfUser();
  const database = get('dbname') ?? user;
  const port = readWhole(get('port') ?? '5432', 'port', 1, 65_535);
  const host = get('host') ?? defaultHost(port);
  const home = get('home') ?? '';
  const rootCertificate = get('sslrootcert');
  const where = host.startsWith('/') ? `${encodeURIComponent(host)}:${port}` : `${bracketed(host)}:${port}`;
  return {
    host,
    port,
    user,
    password: get('password'),
    database,
    passwordFile: get('passfile') ?? join(home, '.pgpass'),
    sslMode: readSslMode(get('sslmode'), rootCertificate),
    rootCertificate,
    revocationList: get('sslcrl'),
    oldestTls: readTlsVersion(get('ssl_min_protocol_version')),
    certificate: get('sslcert'),
    key: get('sslkey'),
    keyPassword: get('sslpassword'),
    timeoutMs: readWhole(get('connect_timeout') ?? '10', 'connect_timeout', 0, 86_400) * 1000,
    applicationName: get('application_name') ?? 'hookproof',
    options: get('options'),
    defaultFolder: join(home, '.postgresql'),
    shown: `postgres://${encodeURIComponent(user)}@${where}/${encodeURIComponent(database)}`,
  };
}

/** In a container this user's number may have no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch (error) {
    throw new AppError('usage', 'the address of the history names no user, and this one has no name', {
      hint: 'write it as postgres://USER@HOST:PORT/DATABASE, or set PGUSER',
      cause: error,
    });
  }
}

/** Debian's, which libpq has built in there. */
export const USUAL_SOCKETS = '/var/run/postgresql';

/** As psql does: the server of this machine, by its socket where it has one at the usual place. */
const defaultHost = (port: number): string =>
  existsSync(`${USUAL_SOCKETS}/.s.PGSQL.${port}`) ? USUAL_SOCKETS : 'localhost';

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

function readWhole(text: string, name: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new AppError('usage', `the ${name} of the history's server is no whole number from ${least} to ${most}`);
}

/** As libpq does, the certificates of a system are trusted only where the name is checked, too. */
function readSslMode(text: string | null, rootCertificate: string | null): SslMode {
  const usual = rootCertificate === 'system' ? 'verify-full' : 'prefer';
  const mode = SSL_MODES.find((one) => one === (text ?? usual));
  if (mode === undefined) {
    throw new AppError('usage', `the sslmode of the history's server is unknown`, {
      hint: `use one of ${SSL_MODES.join(', ')}`,
    });
  }
  if (rootCertificate !== 'system' || mode === 'verify-full') return mode;
  throw new AppError('usage', `sslmode=${mode} of the history's server is too weak for sslrootcert=system`, {
    hint: 'use sslmode=verify-full: anybody can have a certificate that the system trusts, for a name of their own',
  });
}

function readTlsVersion(text: string | null): ServerAddress['oldestTls'] {
  if (text === null) return null;
  const version = TLS_VERSIONS.find((one) => one.toLowerCase() === text.toLowerCase());
  if (version !== undefined) return version;
  throw new AppError('usage', `the ssl_min_protocol_version of the history's server is unknown`, {
    hint: `use one of ${TLS_VERSIONS.join(', ')}`,
  });
}

const USER = '(?:([^:@/?#]*)(?::([^/?#]*))?@)?';
const HOST = String.raw`(\[[^\]/?#]*\]|[^:/?#@]*)(?::(\d*))?`;
/** `a,b`, `a:1,b:2`, behind a user and a password or not. */
const SEVERAL_HOSTS = /^postgres(?:ql)?:\/\/(?:[^/?#]*@)?[^@/?#]*,[^@/?#]*(?:[/?#]|$)/i;
const ADDRESS = new RegExp(String.raw`^postgres(?:ql)?:\/\/${USER}${HOST}(?:\/([^?#/]*))?(?:\?([^#]*))?$`, 'i');

/** The parts of an address by the names of libpq's parameters. */
function parseAddress(text: string, source: string, more: readonly string[] = []): Map<string, string> {
  // Not `new URL`: it knows neither a socket's folder in the place of the host nor what libpq decodes.
  const [, user, password, host, port, database, query = ''] = ADDRESS.exec(text) ?? [];
  if (SEVERAL_HOSTS.test(text)) throw severalHosts(source);
  if (host === undefined) throw unreadable(source);
  const found = new Map<string, string>();
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') found.set(name, decode(value, source));
  };
  // What stands behind the question mark comes before what stands in front of it.
  const parts = { user, password, host: host.replace(/^\[(.*)\]$/, '$1'), port, dbname: database };
  for (const [name, value] of Object.entries(parts)) add(name, value);
  for (const pair of query.split('&').filter(Boolean)) {
    const at = pair.indexOf('=');
    const [name, value] = at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    // As libpq does, for who comes from JDBC.
    if (name === 'ssl' && value === 'true') add('sslmode', 'require');
    else if (PARAMETERS.some((one) => one === name) || more.includes(name)) add(name, value);
    else if (!NOT_FOLLOWED[name]?.changesNothing?.test(value)) throw unknownParameter(source, name);
  }
  return found;
}

function decode(text: string, source: string): string {
  try {
    const decoded = decodeURIComponent(text);
    // In the protocol a NUL ends a value.
    if (!decoded.includes('\0')) return decoded;
  } catch {
    // Told below.
  }
  throw unreadable(source);
}

// None of these repeats the address: it may hold a password.
const unreadable = (source: string): AppError =>
  new AppError('usage', `${source} is no address of a PostgreSQL server that can be read`, {
    hint: 'write it as postgres://USER@HOST:PORT/DATABASE, with special characters as %40; the password in PGPASSWORD',
  });

const severalHosts = (source: string): AppError =>
  new AppError('usage', `${source} names several hosts: hookproof connects to one`, {
    hint: 'give the address of the server that takes writes',
  });

const unknownVariable = (source: string, variable: string): AppError =>
  new AppError('usage', `${variable} is set, which hookproof does not follow for the server of ${source}`, {
    hint: `run it without: env -u ${variable} …`,
  });

function unknownParameter(source: string, name: string): AppError {
  // What does not look like a name may be a piece of a password with a question mark in it.
  if (!/^[a-z_]{1,40}$/i.test(name)) return unreadable(source);
  return new AppError('usage', `${source} has a parameter that hookproof does not follow: ${name}`, {
    hint: `leave it out; there are ${PARAMETERS.filter((one) => one !== 'password').join(', ')}`,
  });
}
