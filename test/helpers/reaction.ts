import { expect } from 'vitest';
import { writePost } from '../../src/certs/probe/http-post.ts';
import { probeEndpoint } from '../../src/certs/probe/probe-endpoint.ts';
import type { ProbeResult } from '../../src/certs/probe/probe.ts';
import type { TlsVersion } from '../../src/certs/probe/tls-messages.ts';
import type { ClientCase, ClientCases } from './client-cases.ts';

export const NO_CERTIFICATE = '400 No required SSL certificate was sent';
export const BAD_CERTIFICATE = '400 The SSL certificate error';

const ALERT_NAMES: Record<number, string> = {
  40: 'HANDSHAKE_FAILURE',
  42: 'BAD_CERTIFICATE',
  43: 'UNSUPPORTED_CERTIFICATE',
  45: 'CERTIFICATE_EXPIRED',
  48: 'UNKNOWN_CA',
  51: 'DECRYPT_ERROR',
  80: 'INTERNAL_ERROR',
  112: 'UNRECOGNIZED_NAME',
  116: 'CERTIFICATE_REQUIRED',
};

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

export interface Call {
  /** Name in the handshake; null for none. */
  servername?: string | null;
  /** Name in the request; the same when it is left out. */
  host?: string;
  bodyBytes?: number;
}

/** One POST to 127.0.0.1 by a client that shows this certificate. */
export function postAs(
  cases: ClientCases,
  port: number,
  version: TlsVersion,
  name: ClientCase,
  { servername = 'localhost', host = servername ?? 'localhost', bodyBytes = 2 }: Call = {},
): Promise<ProbeResult> {
  const request = writePost({
    path: '/hook',
    host: `${host}:${port}`,
    headers: [['Content-Type', 'application/json']],
    body: Buffer.alloc(bodyBytes, ' '),
  });
  return probeEndpoint(
    { host: '127.0.0.1', port, name: host },
    { version, servername, identity: cases.identity(name), request, timeoutMs: 60_000 },
  );
}

function seenIn({ status, body, alert, errorCode, ending }: ProbeResult): string {
  if (status === 400) return [NO_CERTIFICATE, BAD_CERTIFICATE].find((text) => body.includes(text.slice(4))) ?? '400';
  if (status !== null) return String(status);
  if (alert !== null) {
    // The middle of the code is that of OpenSSL's own name, which changed with 3.2: SSLV3, SSL/TLS, TLSV1, TLSV13.
    expect(errorCode).toMatch(new RegExp(`^ERR_SSL_(SSLV3|SSL/TLS|TLSV1|TLSV13)_(ALERT_)?${ALERT_NAMES[alert]}$`));
    return `A${alert}`;
  }
  return ending === 'closed' || errorCode === 'ECONNRESET' ? 'silent' : `${ending} ${errorCode}`;
}

/**
 * What a client sees: an HTTP status, `A` and the number of a TLS alert, or `silent` when the server ends the
 * connection without a word. `TLS 1.2 / TLS 1.3` where they differ.
 */
export async function readReaction(
  cases: ClientCases,
  port: number,
  name: ClientCase,
  call: Call = {},
): Promise<string> {
  const [older, newer] = (await Promise.all(VERSIONS.map((version) => postAs(cases, port, version, name, call)))).map(
    seenIn,
  );
  return older === newer ? `${older}` : `${older} / ${newer}`;
}
