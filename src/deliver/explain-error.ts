import type { WireStage } from './wire.ts';

/** What an explanation may name. Everything in it may be shown. */
export interface FailureContext {
  /** `hooks.example.com:8443` */
  host: string;
  secure: boolean;
  stage: WireStage;
  timeoutMs: number;
  /** A client certificate was at hand. */
  clientCertificate: boolean;
  /** The status, when an answer had begun. */
  status: number | null;
  /** As the library or system put it. */
  detail: string;
  /** The variable that names a proxy, which was not asked. */
  ignoredProxy?: string | null;
}

export interface Explanation {
  /** In plain words. */
  error: string;
  /** What to look at next, or null. */
  hint: string | null;
}

type Explain = (context: FailureContext) => readonly [error: string, hint: string | null];

const CA_HINT =
  'for a private CA use --cacert FILE; in production check that the server sends its intermediate certificates';
const CERT_HINT = 'webhook verify-cert shows what the endpoint expects';

/** Plain words for each code that `failureCode` makes. */
const WORDS: Readonly<Record<string, Explain>> = {
  ABORTED: () => ['the attempt was interrupted', null],
  TIMEOUT: (context) => [timeoutWords(context), timeoutHint(context)],
  ECONNREFUSED: ({ host }) => [
    `nothing listens on ${host}: the connection was refused`,
    'is the endpoint running, and on this port?',
  ],
  ENOTFOUND: ({ host }) => [
    `the name of ${host} does not exist in DNS`,
    'check the spelling, or give an address with --resolve HOST:PORT:ADDRESS',
  ],
  EAI_AGAIN: ({ host }) => [
    `DNS did not answer for ${host}`,
    'is this machine online? --resolve HOST:PORT:ADDRESS works without DNS',
  ],
  ECONNRESET: (context) => [`the connection was reset ${during(context)}`, resetHint(context)],
  CLOSED: (context) => [`the connection was closed ${during(context)}`, resetHint(context)],
  EPIPE: (context) => [`the endpoint closed the connection while the request was being sent`, resetHint(context)],
  ETIMEDOUT: ({ host }) => [
    `${host} does not answer to connection attempts`,
    'a firewall may drop them, or the address is wrong',
  ],
  EHOSTUNREACH: ({ host }) => [`no route to the host ${host}`, 'check the address and the network (VPN?)'],
  ENETUNREACH: ({ host }) => [
    `the network of ${host} is unreachable`,
    'check the network; an IPv6 address needs IPv6 on this machine',
  ],
  EADDRNOTAVAIL: ({ host }) => [
    `this machine cannot connect to ${host}`,
    'there are too many connections at once, or this machine has no IPv6',
  ],
  EACCES: ({ host }) => [`this machine does not allow connections to ${host}`, null],
  EMFILE: () => ['this machine does not allow any more open files', 'use fewer --connections, or raise ulimit -n'],
  NOT_TLS: ({ host }) => [`${host} does not speak TLS`, 'is it a plain http:// port?'],
  NOT_PLAIN_HTTP: ({ host }) => [`${host} speaks TLS, not plain HTTP`, 'use https://'],
  NOT_HTTP: ({ host }) => [`${host} answered with something that is not HTTP`, 'is it the right port?'],
  HTTP2_ONLY: ({ host }) => [
    `${host} only speaks HTTP/2, but webhooks are sent over HTTP/1.1`,
    'make the server accept HTTP/1.1 too',
  ],
  MALFORMED_RESPONSE: ({ detail }) => [
    `the answer is not valid HTTP: ${detail}`,
    'see what the endpoint sends: curl -v --http1.1',
  ],
  UNEXPECTED_UPGRADE: () => [
    'the endpoint wanted to switch to another protocol (101) instead of answering',
    'is it a WebSocket URL?',
  ],
  HEADERS_TOO_LARGE: () => ['the headers of the answer are larger than 64 KiB', null],
  INCOMPLETE_RESPONSE: () => ['the body of the answer is not as long as its Content-Length says', null],
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) => [
    `the certificate of ${host} is for another name`,
    'use the name in the certificate; --connect-to keeps it while connecting elsewhere',
  ],
  CERT_HAS_EXPIRED: ({ host }) => [
    `the certificate of ${host}, or one in its chain, has expired`,
    'renew it; -k ignores it',
  ],
  CERT_NOT_YET_VALID: ({ host }) => [
    `the certificate of ${host} is not valid yet`,
    'compare the clocks of both machines',
  ],
  CERT_REVOKED: ({ host }) => [`the certificate of ${host} was revoked`, null],
  DEPTH_ZERO_SELF_SIGNED_CERT: ({ host }) => [
    `the certificate of ${host} is self-signed`,
    'trust it with --cacert FILE, or use -k for a test',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: ({ host }) => [
    `the certificate of ${host} was issued by a CA that this machine does not trust`,
    CA_HINT,
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ({ host }) => [
    `the issuer of the certificate of ${host} is unknown to this machine`,
    CA_HINT,
  ],
  UNABLE_TO_GET_ISSUER_CERT: ({ host }) => [
    `the issuer of the certificate of ${host} is unknown to this machine`,
    CA_HINT,
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ({ host }) => [
    `the issuer of the certificate of ${host} is unknown to this machine`,
    CA_HINT,
  ],
  CERT_SIGNATURE_FAILURE: ({ host }) => [
    `the signature of the certificate of ${host} is wrong`,
    'does --cacert hold another CA with the same name?',
  ],
  INVALID_PURPOSE: ({ host }) => [
    `the certificate of ${host} is not meant for servers`,
    'it needs the extended key usage serverAuth',
  ],
  TLS_ALERT_40: (context) => [
    `${context.host} aborted the TLS handshake (alert 40, handshake failure)`,
    context.clientCertificate
      ? `no version or cipher in common, or the client certificate was not accepted. ${CERT_HINT}`
      : 'it may require a client certificate: --cert FILE --key FILE',
  ],
  TLS_ALERT_42: (context) => [
    `${context.host} refused the client certificate as bad (alert 42)` +
      (context.clientCertificate ? '' : ': none was sent'),
    context.clientCertificate ? CERT_HINT : 'add --cert FILE --key FILE',
  ],
  TLS_ALERT_43: ({ host }) => [
    `${host} rejected the type of the client certificate (alert 43)`,
    'it needs the extended key usage clientAuth and the key usage digitalSignature',
  ],
  TLS_ALERT_44: ({ host }) => [`${host} reports the client certificate as revoked (alert 44)`, null],
  TLS_ALERT_45: ({ host }) => [
    `${host} reports the client certificate as expired (alert 45)`,
    'compare: openssl x509 -in CERT -noout -dates',
  ],
  TLS_ALERT_46: ({ host }) => [`${host} could not accept the client certificate (alert 46)`, CERT_HINT],
  TLS_ALERT_48: ({ host }) => [
    `${host} does not know the CA of the client certificate (alert 48)`,
    "the endpoint's client CA file must contain the issuer, and --cert FILE the intermediates",
  ],
  TLS_ALERT_49: ({ host }) => [`${host} denied access to the client certificate (alert 49)`, null],
  TLS_ALERT_70: ({ host }) => [
    `${host} has no TLS version in common with hookproof (alert 70)`,
    'hookproof offers TLS 1.2 and 1.3',
  ],
  TLS_ALERT_71: ({ host }) => [`${host} requires stronger cryptography (alert 71)`, null],
  TLS_ALERT_80: ({ host }) => [
    `${host} reported an internal error (TLS alert 80)`,
    'on Apache: SSLVerifyDepth may be too small for the chain of the client certificate',
  ],
  TLS_ALERT_112: ({ host }) => [
    `${host} does not serve this host name (alert 112)`,
    'check the host name, and the server_name of the endpoint',
  ],
  TLS_ALERT_116: (context) => [
    `${context.host} requires a client certificate (alert 116)`,
    context.clientCertificate ? `one was available but was not sent. ${CERT_HINT}` : 'add --cert FILE --key FILE',
  ],
  TLS_ALERT_120: ({ host }) => [
    `${host} only speaks HTTP/2, but webhooks are sent over HTTP/1.1 (TLS alert 120)`,
    'make the server accept http/1.1 in ALPN',
  ],
};

/** A failure's code in plain words, and what to do. Unknown codes are shown as they are. */
export function explainError(code: string, context: FailureContext): Explanation {
  const [error, hint] = (WORDS[code] ?? otherWords(code))(context);
  const begun = context.status === null || code === 'TIMEOUT' ? '' : `; it had started to answer ${context.status}`;
  const isUnconnected = context.stage === 'dns' || context.stage === 'connect';
  const proxy =
    context.ignoredProxy && isUnconnected && code !== 'ABORTED'
      ? [`${context.ignoredProxy} is set, but hookproof does not use a proxy`]
      : [];
  const hints = [...(hint === null ? [] : [hint]), ...proxy];
  return { error: error + begun, hint: hints.length === 0 ? null : hints.join('; ') };
}

function otherWords(code: string): Explain {
  const alert = /^TLS_ALERT_(\d+)$/.exec(code)?.[1];
  if (alert !== undefined) return ({ host }) => [`${host} ended TLS with alert ${alert}`, CERT_HINT];
  if (/CERT|ISSUER|CRL|SIGNATURE/.test(code))
    return ({ host }) => [`the certificate of ${host} is not accepted (${code})`, CA_HINT];
  if (code.startsWith('ERR_SSL_')) return ({ host }) => [`TLS with ${host} failed (${code})`, null];
  return ({ host, detail }) => [`the connection to ${host} failed: ${detail === '' ? code : detail}`, null];
}

function timeoutWords(context: FailureContext): string {
  const within = `within ${secondsOf(context.timeoutMs)}`;
  switch (context.stage) {
    case 'dns':
      return `DNS did not answer for ${context.host} ${within}`;
    case 'connect':
      return `${context.host} did not accept the connection ${within}`;
    case 'tls':
      return `${context.host} accepted the connection but did not finish the TLS handshake ${within}`;
    case 'answer':
      return `${context.host} accepted the connection but did not answer ${within}`;
    case 'headers':
      return `${context.host} did not finish the headers of its answer ${within}`;
    case 'body':
      return `${context.host} answered ${context.status} but did not finish the body ${within}`;
  }
}

function timeoutHint({ stage }: FailureContext): string {
  if (stage === 'dns' || stage === 'connect')
    return 'a firewall may drop the packets, or the address is wrong; --max-time allows more time';
  return 'answer first and do the work afterwards: a vendor waits no longer. --max-time allows more time for a test';
}

function during({ stage, host }: FailureContext): string {
  if (stage === 'connect' || stage === 'dns') return `while connecting to ${host}`;
  if (stage === 'tls') return `by ${host} during the TLS handshake`;
  return stage === 'answer' ? `by ${host} without an answer` : `by ${host} in the middle of the answer`;
}

/** Node's own server closes without an alert when it does not like a client certificate. */
function resetHint({ stage, secure, clientCertificate }: FailureContext): string | null {
  if (stage === 'headers' || stage === 'body') return "the endpoint's log may show a crash";
  if (!secure) return 'it may have crashed, or be an https:// port';
  if (stage !== 'tls' && stage !== 'answer') return null;
  return clientCertificate
    ? `It may have crashed, or silently rejected the client certificate. ${CERT_HINT}`
    : 'it may have crashed, or silently require a client certificate: --cert FILE --key FILE';
}

function secondsOf(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(1))} s`;
}
