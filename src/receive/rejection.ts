import { METHODS, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** A caller who was rejected before a whole request had arrived. */
export interface Rejection {
  remoteAddress: string | null;
  /** What was answered; null when nothing was, as in a failed TLS handshake. */
  status: number | null;
  /**
   * Short and stable: `client-certificate`, `tls`, `plain-http`, `tls-to-plain-http`, `http2`, `proxy-protocol`,
   * `connect`, `no-host`, `several-hosts`, `expectation`, `malformed`, `header-too-large`, `too-slow`, `too-large`,
   * `busy`, `left`.
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
  if (code === 'ERR_SSL_NO_APPLICATION_PROTOCOL' || /no application protocol/i.test(message))
    return rejection('http2', `it offers no HTTP/1.1 in its TLS handshake (ALPN): ${HTTP_1}`);
  if (code === 'ERR_SSL_HTTP_REQUEST' || code === 'ERR_SSL_HTTPS_PROXY_REQUEST')
    return rejection('plain-http', 'it spoke plain http to a port that speaks TLS: the URL begins with https://');
  // Node 20's OpenSSL recognises only GET, POST, PUT, HEAD and CONNECT as http.
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return rejection(
      'tls',
      'it spoke something other than TLS: does its URL start with https://? A load balancer may send the PROXY ' +
        'protocol first: switch that off for this port',
    );
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
  if (code === 'HPE_HEADER_OVERFLOW')
    return rejection(431, 'header-too-large', 'its request line and headers are larger than this server accepts');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return rejection(408, 'too-slow', 'it did not send its whole request in time');
  // A caller who hangs up in the middle of a body is reported by its request.
  if (code === 'HPE_INVALID_EOF_STATE') return null;
  const protocol = rawPacket === undefined ? null : otherProtocol(rawPacket);
  if (protocol !== null) return rejection(...protocol);
  if (code.startsWith('HPE_')) return rejection(400, 'malformed', `${malformedWords(code, rawPacket)} (${code})`);
  return null;
}

const HTTP_1 = 'webhooks are sent over HTTP/1.1: make the client or the proxy use it (curl --http1.1)';
/** PROXY protocol, version 2, section 2.2. */
const PROXY_2 = '\r\n\r\n\0\r\nQUIT\n';
const PROXY_OFF =
  'switch it off for this port (HAProxy: send-proxy, nginx: proxy_protocol on, curl: --haproxy-protocol)';

/** What begins as another protocol than HTTP/1.1. */
function otherProtocol(rawPacket: Uint8Array): [status: number, cause: string, reason: string] | null {
  if (isClientHello(rawPacket))
    return [
      400,
      'tls-to-plain-http',
      'it spoke TLS to a port that speaks plain http: the URL begins with http://, or listen with --tls',
    ];
  const start = Buffer.from(rawPacket.subarray(0, 16)).toString('latin1');
  if (start.startsWith('PRI * HTTP/2')) return [505, 'http2', `it spoke HTTP/2 without asking: ${HTTP_1}`];
  if (/^PROXY (?:TCP|UNK)/.test(start))
    return [400, 'proxy-protocol', `it begins with the PROXY protocol, version 1: ${PROXY_OFF}`];
  if (start.startsWith(PROXY_2))
    return [400, 'proxy-protocol', `it begins with the PROXY protocol, version 2: ${PROXY_OFF}`];
  return null;
}

/** By the parser's code: what is wrong with the request, and what to change. */
const MALFORMED: Readonly<Record<string, string>> = {
  HPE_INVALID_URL:
    'the path in its request line cannot be read: write spaces as %20, and likewise other such characters',
  HPE_INVALID_VERSION: 'its request line does not end with HTTP/1.1 and CRLF',
  HPE_INVALID_CONSTANT: 'its request line does not end with HTTP/1.1 and CRLF',
  HPE_CR_EXPECTED: 'one of its lines does not end with CRLF',
  HPE_LF_EXPECTED: 'one of its lines does not end with CRLF',
  HPE_INVALID_HEADER_TOKEN:
    'one of its headers is not "Name: value" on one line: look for a space before the colon, a folded line, or a ' +
    'control ' +
    'character',
  HPE_UNEXPECTED_CONTENT_LENGTH:
    'it gives the length of its body twice (a second Content-Length, or one beside Transfer-Encoding), as in ' +
    'request smuggling: send only one',
  HPE_INVALID_CONTENT_LENGTH: 'its Content-Length is not a valid number: count the bytes of the body',
  HPE_INVALID_TRANSFER_ENCODING:
    'its Transfer-Encoding is not chunked, or comes with a Content-Length, as in request smuggling: send only one',
  HPE_INVALID_CHUNK_SIZE: 'a chunk of its body does not begin with its size in hex: is the body chunked at all?',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'the extensions of its chunks are too large',
};

const WHOLE_REQUEST = /^([A-Z]{3,20}) \S+ HTTP\/1\.[01]\r\n/;

function malformedWords(code: string, rawPacket: Uint8Array = new Uint8Array()): string {
  const known = MALFORMED[code];
  if (known !== undefined) return known;
  if (code !== 'HPE_INVALID_METHOD') return 'it did not send readable HTTP';
  const start = Buffer.from(rawPacket.subarray(0, 2048)).toString('latin1');
  const [, method] = /^([A-Za-z]{1,20}) [/*h]/.exec(start) ?? [];
  // Of what stands behind a request nothing is shown: it may be the rest of a body.
  if (method === undefined || METHODS.includes(WHOLE_REQUEST.exec(start)?.[1] ?? ''))
    return 'it sent bytes that do not start a request: not HTTP, or the rest of a body longer than its Content-Length';
  return `its method ${method} is not an HTTP method in capital letters`;
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

/** Its Content-Length says so before any of the body is read. */
export function isTooLarge(incoming: IncomingMessage, maxBodyBytes: number): boolean {
  return (announcedBytes(incoming) ?? 0) > maxBodyBytes;
}

/**
 * What Content-Length says; null without one. Read from `rawHeaders`: Node builds `headers`, an object of all of them,
 * on first use.
 */
export function announcedBytes({ rawHeaders }: IncomingMessage): number | null {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === CONTENT_LENGTH.length && name.toLowerCase() === CONTENT_LENGTH)
      return Number(rawHeaders[at + 1]);
  }
  return null;
}

/** Sockets whose caller was told of already. */
const reported = new WeakSet<Socket>();

/** For one caller: what goes wrong afterwards follows from it. */
export function noteReported(socket: Socket): void {
  reported.add(socket);
}

/** Answers a request whose body is refused. */
export function refuseBody(
  cause: RefusedBody,
  incoming: IncomingMessage,
  response: ServerResponse,
  options: RejectionOptions,
): void {
  if (cause === 'left') {
    if (reported.has(incoming.socket)) return;
    const reason = 'it disconnected in the middle of a request';
    options.onRejected?.({ remoteAddress: remoteOf(incoming.socket), status: null, cause, reason });
    return;
  }
  const [status, reason] =
    cause === 'too-large'
      ? ([413, `its body is larger than ${options.maxBodyBytes} bytes`] as const)
      : ([503, 'too many large bodies are being received at once'] as const);
  refuseRequest({ status, cause, reason }, incoming, response, options);
}

type RefusedRequest = Pick<Rejection, 'cause' | 'reason'> & { status: number };

/**
 * HTTP/1.1 demands one Host header (RFC 9112, section 3.2). Without one Node would answer itself, without a word to
 * anybody; of several it takes the first.
 */
export function refuseHosts({ httpVersion, rawHeaders }: IncomingMessage): RefusedRequest | null {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) return SEVERAL_HOSTS;
  return hosts === 0 && httpVersion === '1.1' ? NO_HOST : null;
}

const NO_HOST = {
  status: 400,
  cause: 'no-host',
  reason: 'it has no Host header, which HTTP/1.1 requires: send one, or use HTTP/1.0',
};

const SEVERAL_HOSTS = {
  status: 400,
  cause: 'several-hosts',
  reason:
    'it has several Host headers, and servers use the first or the last: RFC 9112, section 3.2, requires the ' +
    'answer 400. Look for a client or a proxy that adds one',
};

export const UNKNOWN_EXPECTATION = {
  status: 417,
  cause: 'expectation',
  reason: 'its Expect header is not supported by this server: send 100-continue, or leave the header out',
};

export const TUNNEL = {
  status: 405,
  cause: 'connect',
  reason: 'it asked for a tunnel (CONNECT), as from a proxy: remove this address from its proxy settings',
};

/** Answers a request that is refused; reads and drops what still arrives for a while. */
export function refuseRequest(
  { status, cause, reason }: RefusedRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
  { onRejected }: RejectionOptions,
): void {
  onRejected?.({ remoteAddress: remoteOf(incoming.socket), status, cause, reason });
  const text = `${reason}\n`;
  response.writeHead(status, {
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': text.length,
    ...(status === 503 ? { 'retry-after': '1' } : {}),
  });
  response.write(text);
  // Closing at once would reset the connection, for bytes are unread, and the sender would lose the answer.
  const timer = setTimeout(() => incoming.socket.destroy(), DRAIN_MS);
  incoming.once('close', () => clearTimeout(timer));
  incoming.once('end', () => response.end());
  incoming.resume();
}
