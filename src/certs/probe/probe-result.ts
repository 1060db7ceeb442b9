import type { HandshakeSeen } from './handshake-watch.ts';
import type { TlsVersion } from './tls-messages.ts';

/** What the server showed of itself. */
export interface ServerShown {
  /** SHA-256 of the leaf, `AB:CD:…`. */
  fingerprint: string;
  /** Milliseconds since the epoch; NaN when it is no time. */
  validTo: number;
  /** OpenSSL's code, or null when the chain leads to a trusted root. */
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
