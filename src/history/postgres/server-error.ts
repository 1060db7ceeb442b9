import { AppError } from '../../model/error.ts';
import { NO_HISTORY } from '../history.ts';

/** What a person has to know of a failure, and what to try. */
interface ServerFailure {
  problem: string;
  hint?: string;
  /** It may pass by itself: the same command again is right. */
  passes?: boolean;
}

/** What the messages need to know of the server that was asked. */
export interface AskedServer {
  shown: string;
  host: string;
  port: number;
  user: string;
  database: string;
}

const ROLES = 'grant what is missing: docs/postgres-roles.sql of the package has a role for each use';

/** By SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const OF_SERVER: Readonly<Record<string, (server: AskedServer, message: string) => ServerFailure>> = {
  '28P01': ({ user }) => ({
    problem: `the server refuses the password of ${user}`,
    hint: 'check PGPASSWORD, or the line in the password file (~/.pgpass or PGPASSFILE)',
  }),
  '28000': (_, message) => ({
    problem: `the server does not admit this connection: ${message}`,
    hint: 'check the user, sslmode and sslcert in the address, and pg_hba.conf of the server',
  }),
  '3D000': ({ database }) => ({
    problem: `there is no database ${database} on this server`,
    hint: `create it with: createdb ${database}, or name another one at the end of the address`,
  }),
  '42501': (_, message) => ({ problem: `this user lacks the rights for it: ${message}`, hint: ROLES }),
  '25006': () => ({
    problem: 'the server takes no writes: it is a standby, or set to read only',
    hint: 'give the address of the primary server',
  }),
  '53100': () => ({ problem: 'the disk of the server is full', hint: 'make room on the server' }),
  '53300': () => ({ problem: 'the server has no connection left', hint: 'try again later', passes: true }),
  '57P03': () => ({ problem: 'the server is starting or stopping', hint: 'try again in a moment', passes: true }),
  '57014': (_, message) => ({ problem: `the server ended the statement: ${message}` }),
};

const GONE: ServerFailure = {
  problem: 'the server went away in the middle',
  hint: 'check that the server runs, and its log',
  passes: true,
};

const NO_ANSWER: ServerFailure = {
  problem: 'the server did not answer in time',
  hint: 'check host and port, and firewalls between; connect_timeout=SECONDS in the address waits longer',
};

/** By the code of a socket's error. */
const OF_NETWORK: Readonly<Record<string, (server: AskedServer) => ServerFailure>> = {
  ECONNREFUSED: ({ host, port }) => ({
    problem: `nothing listens at ${host} port ${port}`,
    hint: 'check host and port, and that the server runs',
  }),
  ENOENT: ({ host, port }) => ({
    problem: `there is no socket of a server in ${host} for port ${port}`,
    hint: 'check host and port, and that the server runs',
  }),
  EACCES: ({ host }) => ({ problem: `you are not allowed to use the socket in ${host}` }),
  ENOTFOUND: ({ host }) => ({ problem: `no such host: ${host}`, hint: 'check the host in the address' }),
  EAI_AGAIN: ({ host }) => ({ problem: `the name ${host} cannot be looked up now`, hint: 'check the network' }),
  EHOSTUNREACH: ({ host }) => ({ problem: `no route to ${host}`, hint: 'check the network' }),
  ENETUNREACH: ({ host }) => ({ problem: `no route to ${host}`, hint: 'check the network' }),
  ETIMEDOUT: () => NO_ANSWER,
  ECONNRESET: () => GONE,
  EPIPE: () => GONE,
};

const OTHER_ROOT = 'name who signed it with sslrootcert=FILE in the address or PGSSLROOTCERT';

/** What Node says of the server's certificate: https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes */
const OF_CERTIFICATE: Readonly<Record<string, (server: AskedServer) => ServerFailure>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: () => ({ problem: "the server's certificate is self-signed", hint: OTHER_ROOT }),
  SELF_SIGNED_CERT_IN_CHAIN: () => ({ problem: "the server's certificate is signed by a stranger", hint: OTHER_ROOT }),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => ({
    problem: "the server's certificate is signed by a stranger",
    hint: OTHER_ROOT,
  }),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => ({
    problem: "the server's certificate is signed by a stranger",
    hint: OTHER_ROOT,
  }),
  CERT_HAS_EXPIRED: () => ({ problem: "the server's certificate has expired", hint: 'renew it on the server' }),
  CERT_REVOKED: () => ({ problem: "the server's certificate is revoked", hint: 'renew it on the server' }),
  UNABLE_TO_GET_CRL: () => ({
    problem: "there is no list of what the signer of the server's certificate revoked",
    hint: 'name one that is in PEM with sslcrl=FILE in the address or PGSSLCRL',
  }),
  CRL_HAS_EXPIRED: () => ({
    problem: 'the list of revoked certificates has expired',
    hint: 'renew the file of sslcrl',
  }),
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) => ({
    problem: `the server's certificate is not one for ${host}`,
    hint: 'use the name that it has, or sslmode=verify-ca where who signed it is enough',
  }),
};

/** The words of the driver for what has no code. */
const OF_DRIVER: readonly (readonly [RegExp, (server: AskedServer) => ServerFailure])[] = [
  [/timeout expired/, () => NO_ANSWER],
  [/terminated|not queryable|was closed|Client has encountered/i, () => GONE],
  [
    /error establishing an SSL connection/,
    ({ host, port }) => ({
      problem: `what answers at ${host} port ${port} does not speak the protocol of PostgreSQL`,
      hint: 'check host and port',
    }),
  ],
  [
    /does not support SSL/,
    () => ({
      problem: 'the server does not offer TLS, and sslmode insists on it',
      hint: 'turn TLS on at the server (ssl = on), or use sslmode=prefer on a network that you trust',
    }),
  ],
];

/** An error of the driver, the server or the network as one of ours. It never holds the password. */
export function toServerError(server: AskedServer, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const { problem, hint, passes = false } = explain(server, cause);
  return new AppError('history', `history ${server.shown}: ${problem}`, {
    hint,
    thenAgain: passes,
    withoutIt: NO_HISTORY,
    cause,
  });
}

function explain(server: AskedServer, cause: unknown): ServerFailure {
  const { code = '', message } = innermost(cause);
  // What an administrator, a crash or a limit on idle time ends.
  if (/^57P0[1245]$|^25P0[34]$|^08/.test(code)) return GONE;
  const found = OF_SERVER[code]?.(server, message) ?? (OF_NETWORK[code] ?? OF_CERTIFICATE[code])?.(server);
  if (found !== undefined) return found;
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_OSSL')) return ofTls(message);
  return OF_DRIVER.find(([pattern]) => pattern.test(message))?.[1](server) ?? { problem: message };
}

/** OpenSSL speaks of the client's own files, or of what the server answers. */
function ofTls(message: string): ServerFailure {
  if (message.includes('key values mismatch')) {
    return {
      problem: 'sslkey is not the key of the certificate in sslcert',
      hint: 'name the two files that belong together',
    };
  }
  if (/bad decrypt|interrupted or cancelled/.test(message)) {
    return { problem: 'sslkey is encrypted, and sslpassword does not open it', hint: 'check sslpassword' };
  }
  return {
    problem: `TLS failed: ${message.replaceAll(/\s+/g, ' ').trim()}`,
    hint: 'check sslmode, sslcert, sslkey and sslpassword in the address, and the log of the server',
  };
}

/** Of a name with several addresses, the failure of the first tells as much as any. */
function innermost(cause: unknown): { code?: string; message: string } {
  const one = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return one instanceof Error ? one : { message: String(one) };
}

/** SQLSTATE of an error of the server, or the code of a socket's; empty where it has none. */
export function codeOf(error: unknown): string {
  const cause = error instanceof AppError ? error.cause : error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}
