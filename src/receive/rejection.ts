import type { Socket } from 'node:net';

/** A caller who was turned away before there was a whole request. */
export interface Rejection {
  remoteAddress: string | null;
  /** What was answered; null when nothing was, as in a failed TLS handshake. */
  status: number | null;
  /**
   * Short and stable: `client-certificate`, `tls`, `plain-http`, `tls-to-plain-http`, `malformed`, `header-too-large`,
   * `too-slow`, `too-large`, `busy`, `left`.
   */
  cause: string;
  /** In plain words, of this one caller. */
  reason: string;
}

export const remoteOf = (socket: Socket | undefined): string | null => socket?.remoteAddress ?? null;

/** What a failed handshake means; null for a caller who only hung up. */
export function rejectHandshake(error: NodeJS.ErrnoException, socket: Socket): Rejection | null {
  const { code = '', message } = error;
  const rejection = (cause: string, reason: string): Rejection => ({
    remoteAddress: remoteOf(socket),
    status: null,
    cause,
    reason,
  });
  if (code === 'ERR_SSL_HTTP_REQUEST')
    return rejection('plain-http', 'it spoke plain http to a port that speaks TLS: the URL begins with https://');
  // The OpenSSL of Node 20 takes no other method than GET, POST, PUT, HEAD and CONNECT for http.
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return rejection('tls', 'it spoke something else than TLS: does its URL begin with https://?');
  if (code === 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE')
    return rejection('client-certificate', 'it showed no client certificate');
  if (CERTIFICATE_CODES.test(code) || /certificate verify failed/i.test(message))
    return rejection('client-certificate', `its client certificate was refused: ${code || message}`);
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return rejection('too-slow', 'it took too long for the TLS handshake');
  if (/ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED)/.test(code))
    return rejection('tls', 'it does not trust the certificate of this server');
  if (code === 'ECONNRESET') return null;
  return rejection('tls', `the TLS handshake failed: ${code || message}`);
}

/** Names of OpenSSL's verdicts that Node gives as error codes. */
const CERTIFICATE_CODES =
  /CERT|UNABLE_TO_|INVALID_(CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_SSL_CERTIFICATE_VERIFY_FAILED/;

/** What an unreadable or unfinished request means; null for a caller who only hung up. */
export function rejectRequest(
  error: NodeJS.ErrnoException & { rawPacket?: Uint8Array },
  socket: Socket,
): (Rejection & { status: number }) | null {
  const { code = '', rawPacket } = error;
  const rejection = (status: number, cause: string, reason: string): Rejection & { status: number } => ({
    remoteAddress: remoteOf(socket),
    status,
    cause,
    reason,
  });
  if (code === 'HPE_HEADER_OVERFLOW') return rejection(431, 'header-too-large', 'its headers are too large');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return rejection(408, 'too-slow', 'it did not send its whole request in time');
  // Who hangs up in the middle of a body is told of by its request.
  if (code === 'HPE_INVALID_EOF_STATE') return null;
  if (rawPacket !== undefined && isClientHello(rawPacket))
    return rejection(
      400,
      'tls-to-plain-http',
      'it spoke TLS to a port that speaks plain http: the URL begins with http://, or listen with --tls',
    );
  if (code.startsWith('HPE_')) return rejection(400, 'malformed', `it sent no HTTP that can be read (${code})`);
  return null;
}

/** A record of a handshake, of TLS 1.0 to 1.3 alike (RFC 8446 §5.1). */
const isClientHello = ([type, major, minor]: Uint8Array): boolean =>
  type === 0x16 && major === 3 && minor !== undefined && minor <= 4;
