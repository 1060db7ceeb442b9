import { DEFAULT_CIPHERS, type SecureContextOptions } from 'node:tls';
import type { HandshakeSeen } from './handshake-watch.ts';
import type { TlsVersion } from './tls-messages.ts';

/** A client certificate as Node takes it. Its CA is not part of it: OpenSSL would complete the chain with that. */
export interface Identity {
  cert?: Uint8Array;
  key?: Uint8Array;
  pfx?: Uint8Array;
  passphrase?: string;
}

/** What Node's TLS takes to show `identity`; null shows no certificate. */
export function contextOf(identity: Identity | null): SecureContextOptions {
  return {
    cert: bufferOf(identity?.cert),
    key: bufferOf(identity?.key),
    pfx: bufferOf(identity?.pfx),
    passphrase: identity?.passphrase,
  };
}

export const bufferOf = (bytes: Uint8Array | undefined): Buffer | undefined => bytes && Buffer.from(bytes);

/**
 * Node's own ciphers at a security level of OpenSSL, for the `ciphers` of a connection. Level 0 lets keys and
 * signatures out that are too weak for this OpenSSL, so that the other side judges them; level 2 is what Debian,
 * Ubuntu and Red Hat give their servers. The list must be whole: without TLS 1.3 ciphers in it, Node turns TLS 1.3 off.
 * https://docs.openssl.org/3.5/man3/SSL_CTX_set_security_level/
 */
export const ciphersAtLevel = (level: 0 | 2): string => `${DEFAULT_CIPHERS}:@SECLEVEL=${level}`;

/** What the server showed of itself. */
export interface ServerShown {
  /** SHA-256 of the leaf, `AB:CD:…`. */
  fingerprint: string;
  /** Milliseconds since the epoch; NaN when it is no time. */
  validTo: number;
  /** OpenSSL's code (its words where Node has none), or null when the chain leads to a trusted root. */
  chainError: string | null;
  nameMatches: boolean;
}

/** A session that may be resumed, and who began it: on the resumed connection the server shows no certificate. */
export interface TlsSession {
  ticket: Buffer;
  server: ServerShown;
}

/** `answered`: an HTTP status; `secured`: nothing was to be sent; `closed`: without a byte; `failed`: see the code. */
export type ProbeEnding = 'answered' | 'secured' | 'closed' | 'failed' | 'timeout';

/** What was seen of one connection, from its beginning to its end. */
export interface ProbeSeen extends HandshakeSeen {
  version: TlsVersion;
  connected: boolean;
  /** Node reported the handshake as done. On TLS 1.3 that says nothing of our certificate yet. */
  secured: boolean;
  ending: ProbeEnding;
  status: number | null;
  body: string;
  errorCode: string | null;
  /** Number of the alert the server sent (RFC 8446 §6). */
  alert: number | null;
  server: ServerShown | null;
  /** The request went out. */
  requestSent: boolean;
  /** The server is not trusted with credentials: a request went without them. */
  credentialsWithheld: boolean;
  /** A session that the server offers to resume. */
  session: TlsSession | null;
  /** The server took up the session that was given. */
  resumed: boolean;
  /** How long it might take. */
  timeoutMs: number;
  durationMs: number;
}

/** The layer that answered "no": TLS, the server before the application, or the application. */
export type Layer = 'tls' | 'server' | 'application';

/** How an endpoint reacted to one connection. */
export type ReactionKind =
  | { kind: 'admitted' }
  /** `explicit`: it said that the certificate is why. Otherwise only a comparison can prove that. */
  | { kind: 'refused'; layer: Layer; explicit: boolean }
  /** The server does not speak this version of TLS. */
  | { kind: 'not-offered' }
  | { kind: 'unclear' };

/** `text`: what came back, in a few words. */
export type Reaction = ReactionKind & { text: string };

/** One connection with what it means. */
export interface ProbeResult extends ProbeSeen {
  reaction: Reaction;
}

/** Milliseconds with two digits after the point, as a report shows them. */
export const durationSince = (beganAt: number): number => Math.round((performance.now() - beganAt) * 100) / 100;

/**
 * RFC 8446 §6.2: handshake_failure and all that name the certificate; access_denied; decrypt_error, for a signature;
 * certificate_required.
 */
const CERTIFICATE_ALERTS: ReadonlySet<number> = new Set([40, 41, 42, 43, 44, 45, 46, 48, 49, 51, 116]);
const HANDSHAKE_FAILURE = 40;
const CERTIFICATE_REQUIRED = 116;
/** handshake_failure, protocol_version, insufficient_security: before a ServerHello they mean the version. */
const VERSION_ALERTS: ReadonlySet<number> = new Set([40, 70, 71]);
/** nginx's own pages for its statuses 496 and 495, which leave as 400. */
const NO_CERTIFICATE = { status: 496, page: 'No required SSL certificate was sent' };
const BAD_CERTIFICATE = { status: 495, page: 'The SSL certificate error' };
const NGINX_PAGES = [NO_CERTIFICATE.page, BAD_CERTIFICATE.page];

/** Judges what was seen of a connection, once: everything else builds on that. */
export function judgeReaction(seen: ProbeSeen): Reaction {
  const kind = seen.status === null ? reactionOfHandshake(seen) : reactionOfStatus(seen.status, seen);
  return { ...kind, text: describeReaction(seen) };
}

function reactionOfStatus(status: number, { body, certificateSent, renegotiated }: ProbeSeen): ReactionKind {
  if (status >= 200 && status < 300) return { kind: 'admitted' };
  // A rule of the user's can answer "no certificate" to one that was shown, for its name: that is no refusal of all
  // others.
  const fitting = certificateSent === true || renegotiated ? BAD_CERTIFICATE : NO_CERTIFICATE;
  if (status === 495 || status === 496)
    return { kind: 'refused', layer: 'server', explicit: status === fitting.status };
  if (status === 400) return { kind: 'refused', layer: 'server', explicit: body.includes(fitting.page) };
  if (status === 401 || status === 403) return { kind: 'refused', layer: 'application', explicit: false };
  // A redirect, a missing page or a crash says nothing of certificates.
  return { kind: 'unclear' };
}

/** The server holds callers back, whoever they are: what it would say of the certificate stays open. */
export const mayBeRateLimit = (status: number | null): boolean => status === 429 || status === 503;

/** What is said of a check whose calls were held back, after what they got. */
export const HELD_BACK = 'the server is busy or limits the request rate, so this proves nothing';
export const AGAIN = 'run it again when the server is less busy';

function reactionOfHandshake(result: ProbeSeen): ReactionKind {
  const { alert, requested, renegotiated, secured, ending, errorCode, serverHello } = result;
  if (!serverHello && alert !== null && VERSION_ALERTS.has(alert)) return { kind: 'not-offered' };
  if (!secured && errorCode === 'ERR_SSL_UNSUPPORTED_PROTOCOL') return { kind: 'not-offered' };
  if (alert === CERTIFICATE_REQUIRED) return { kind: 'refused', layer: 'tls', explicit: true };
  if (requested !== true && !renegotiated) return { kind: 'unclear' };
  if (alert !== null) return { kind: 'refused', layer: 'tls', explicit: namesCertificate(alert, result) };
  // Node's own server says nothing at all when it refuses a certificate.
  const isSilent = ending === 'closed' || errorCode === 'ECONNRESET' || errorCode === 'EPIPE';
  return isSilent ? { kind: 'refused', layer: silentLayer(result), explicit: false } : { kind: 'unclear' };
}

/** In a second handshake, a handshake_failure can also mean that one side wants no second handshake. */
function namesCertificate(alert: number, { requested }: ProbeSeen): boolean {
  return CERTIFICATE_ALERTS.has(alert) && (requested === true || alert !== HANDSHAKE_FAILURE);
}

/** On TLS 1.2 a finished handshake says that TLS took the certificate: nginx's `return 444` comes after it. */
function silentLayer({ version, requestSent, renegotiated }: ProbeSeen): Layer {
  return version === 'TLSv1.2' && requestSent && !renegotiated ? 'server' : 'tls';
}

/** RFC 8446 §6, and those of TLS 1.2 (RFC 5246 §7.2, RFC 6066 §9). */
export const ALERT_NAME: Readonly<Record<number, string>> = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  21: 'decryption_failed',
  22: 'record_overflow',
  30: 'decompression_failure',
  40: 'handshake_failure',
  41: 'no_certificate',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  60: 'export_restriction',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  111: 'certificate_unobtainable',
  112: 'unrecognized_name',
  113: 'bad_certificate_status_response',
  114: 'bad_certificate_hash_value',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

const ERROR_TEXT: Record<string, string> = {
  ECONNREFUSED: 'connection refused (ECONNREFUSED)',
  ENOTFOUND: 'the host name does not exist (ENOTFOUND)',
  EAI_AGAIN: 'DNS did not answer (EAI_AGAIN)',
  ECONNRESET: 'the connection was reset (ECONNRESET)',
  NOT_HTTP: 'the answer is not HTTP',
};

const describeTime = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`);

/** What came back, in a few words. */
function describeReaction(result: ProbeSeen): string {
  const { status, body, alert, ending, errorCode, connected, speaksTls } = result;
  const page = NGINX_PAGES.find((text) => body.includes(text));
  if (status !== null) return page === undefined ? `HTTP ${status}` : `HTTP ${status} "${page}"`;
  if (alert !== null) return `TLS alert ${alert}${ALERT_NAME[alert] === undefined ? '' : ` ${ALERT_NAME[alert]}`}`;
  if (speaksTls === false) return 'the answer is not TLS; this port may speak plain http';
  if (ending === 'timeout')
    return (
      `${connected ? 'no answer' : 'no connection'} within ${describeTime(result.timeoutMs)} (allow more with ` +
      '--max-time)'
    );
  if (ending === 'secured') return 'the handshake succeeded';
  if (ending === 'closed') return 'the connection was closed without an answer';
  const reason = errorCode === null ? 'unknown reason' : (ERROR_TEXT[errorCode] ?? errorCode);
  return `${connected ? 'the connection broke' : 'no connection'}: ${reason}`;
}
