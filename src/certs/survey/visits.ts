import type { ProbeResult } from '../probe/probe-endpoint.ts';

/** What one address does on one TLS version to each caller. */
export interface Visits {
  /** Without a certificate. */
  without: ProbeResult;
  /** With one that nobody issued. */
  selfSigned: ProbeResult | null;
  /** With those of CAs that have only the name of the real one; none when that name is not known. */
  impostors: readonly ProbeResult[];
  /** Without a certificate, resuming the session in which the self-signed one was shown; null when none was offered. */
  resumed: ProbeResult | null;
  /** With the user's own. */
  good: ProbeResult | null;
}

/** What one address of the host did. */
export interface AddressVisits {
  address: string;
  /** One for each TLS version. */
  visits: readonly Visits[];
}

/** A caller who names another host in the handshake (SNI) and ours in the request (Host). */
export interface OtherHostVisit {
  /** The name in the handshake; null for none. */
  name: string | null;
  /** The calls that began under that name: without a certificate and, where one was asked for, with a self-signed one. */
  direct: readonly ProbeResult[];
  /** A call without a certificate to that host itself, for the same path; null without a name. */
  itself: ProbeResult | null;
  /** A call under our own name that resumes the session of one of them; null when no session was offered. */
  resumed: ProbeResult | null;
}
