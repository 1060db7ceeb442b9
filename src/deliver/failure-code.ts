/** TLS alerts a server sends, by the name OpenSSL gives them in the error code (RFC 8446 §6, RFC 5246 §7.2). */
const ALERT_NUMBER: Readonly<Record<string, number>> = {
  UNEXPECTED_MESSAGE: 10,
  BAD_RECORD_MAC: 20,
  RECORD_OVERFLOW: 22,
  HANDSHAKE_FAILURE: 40,
  NO_CERTIFICATE: 41,
  BAD_CERTIFICATE: 42,
  UNSUPPORTED_CERTIFICATE: 43,
  CERTIFICATE_REVOKED: 44,
  CERTIFICATE_EXPIRED: 45,
  CERTIFICATE_UNKNOWN: 46,
  ILLEGAL_PARAMETER: 47,
  UNKNOWN_CA: 48,
  ACCESS_DENIED: 49,
  DECODE_ERROR: 50,
  DECRYPT_ERROR: 51,
  PROTOCOL_VERSION: 70,
  INSUFFICIENT_SECURITY: 71,
  INTERNAL_ERROR: 80,
  MISSING_EXTENSION: 109,
  UNSUPPORTED_EXTENSION: 110,
  UNRECOGNIZED_NAME: 112,
  CERTIFICATE_REQUIRED: 116,
  NO_APPLICATION_PROTOCOL: 120,
};

/**
 * A short code that stays the same over versions of Node and OpenSSL: `ECONNREFUSED`, `CERT_HAS_EXPIRED`,
 * `TLS_ALERT_116` (Node 20 and 24 spell the name of an alert differently), `CLOSED`, `NOT_HTTP` …
 */
export function failureCode(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError) return failureCode(mostTelling(error.errors as NodeJS.ErrnoException[], error));
  const code = error.code ?? '';
  return alertCode(error) ?? tlsCode(code) ?? (code === '' ? 'NETWORK' : code);
}

/** An error whose `failureCode` is `code`; `detail` says of what exactly, in plain words. */
export function failure(code: string, detail: string = code): Error {
  return Object.assign(new Error(detail), { code });
}

/** Of several addresses: a refusal says more than a missing route for a protocol this machine does not have. */
function mostTelling(errors: readonly NodeJS.ErrnoException[], aggregate: Error): NodeJS.ErrnoException {
  const routeless = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT']);
  return errors.find(({ code = '' }) => !routeless.has(code)) ?? errors[0] ?? new Error(aggregate.message);
}

function alertCode({ code = '', message }: NodeJS.ErrnoException): string | null {
  if (!code.startsWith('ERR_SSL_') || !code.includes('ALERT')) return null;
  const number = /SSL alert number (\d+)/.exec(message)?.[1] ?? ALERT_NUMBER[code.replace(/^.*ALERT_/, '')];
  return number === undefined ? null : `TLS_ALERT_${number}`;
}

/** The other side does not speak TLS; which of its bytes gives that away differs by version of OpenSSL. */
function tlsCode(code: string): string | null {
  return /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LENGTH_MISMATCH)$/.test(code)
    ? 'NOT_TLS'
    : null;
}
