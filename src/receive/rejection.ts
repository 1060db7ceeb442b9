import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A caller who was rejected before a whole request had arrived. */
export interface Rejection {
  remoteAddress: string | null;
  /** What was answered; null when nothing was, as in a failed TLS handshake. */
  status: number | null;
  /**
   * Short and stable: `client-certificate`, `tls`, `plain-http`, `tls-to-plain-http`, `malformed`, `header-too-large`,
   * `too-slow`, `too-large`, `busy`, `left`.
   */
  cause: string;
  /** In plain words, about this caller. */
  reason: string;
}

const remoteOf = (socket: Socket | undefined): string | null => socket?.remoteAddress ?? null;

/** Explains a failed handshake; null for a caller who only hung up. */
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
  // Node 20's OpenSSL recognises only GET, POST, PUT, HEAD and CONNECT as http.
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

/** OpenSSL's names for certificate errors, which Node passes on as error codes. */
const CERTIFICATE_CODES =
  /CERT|UNABLE_TO_|INVALID_(CA|PURPOSE)|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_SSL_CERTIFICATE_VERIFY_FAILED/;

/** Explains an unreadable or unfinished request; null for a caller who only hung up. */
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
  // A caller who hangs up in the middle of a body is reported by its request.
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

/** A handshake record; it looks the same in TLS 1.0 to 1.3 (RFC 8446 §5.1). */
const isClientHello = ([type, major, minor]: Uint8Array): boolean =>
  type === 0x16 && major === 3 && minor !== undefined && minor <= 4;

/** Why a body is refused. `left`: the sender broke off. `busy`: too many bodies at once. */
export type RefusedBody = 'too-large' | 'busy' | 'left';

export interface RejectionOptions {
  /** A larger body is answered 413 and not kept. */
  maxBodyBytes: number;
  /** Called with every caller who was rejected before there was a request. */
  onRejected?: (rejection: Rejection) => void;
}

/** How long the rest of a refused body is read, so that its sender gets to see the answer. */
const DRAIN_MS = 2000;
const CONTENT_LENGTH = 'content-length';

/**
 * Its Content-Length says so before any of the body is read. Read from `rawHeaders`: Node builds `headers`, an object
 * of all of them, on first use.
 */
export function isTooLarge({ rawHeaders }: IncomingMessage, maxBodyBytes: number): boolean {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === CONTENT_LENGTH.length && name.toLowerCase() === CONTENT_LENGTH)
      return Number(rawHeaders[at + 1]) > maxBodyBytes;
  }
  return false;
}

/** Answers a request whose body is refused; reads and drops what still arrives for a while. */
export function refuseBody(
  cause: RefusedBody,
  incoming: IncomingMessage,
  response: ServerResponse,
  { maxBodyBytes, onRejected }: RejectionOptions,
): void {
  const remoteAddress = remoteOf(incoming.socket);
  if (cause === 'left') {
    onRejected?.({ remoteAddress, status: null, cause, reason: 'it broke off in the middle of a request' });
    return;
  }
  const [status, reason] =
    cause === 'too-large'
      ? [413, `its body is larger than ${maxBodyBytes} bytes`]
      : [503, 'too many large bodies are under way at once'];
  onRejected?.({ remoteAddress, status, cause, reason });
  const text = `${reason}\n`;
  response.writeHead(status, {
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': text.length,
  });
  response.write(text);
  // Closing at once would reset the connection, for bytes are unread, and the sender would lose the answer.
  const timer = setTimeout(() => incoming.socket.destroy(), DRAIN_MS);
  incoming.once('close', () => clearTimeout(timer));
  incoming.once('end', () => response.end());
  incoming.resume();
}
