import type { TlsVersion } from '../probe/tls-messages.ts';

export const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** Connections that are open at once: a small server must not take a diagnosis for an attack. */
export const MAX_AT_ONCE = 8;

/** Calls with headers about a certificate, all together. */
export const MAX_CLAIM_CALLS = 200;

/** To each address and version: two that prove who it is, one without a certificate, five with one, and its chain. */
const CALLS_TO_VERSION = 2 + 1 + 5 + 1;
/** Three certificates that are wrongly issued, and a large body. */
const MORE_CALLS = 3 + 1;
/** Without and with a certificate, with the session of that, and to the other host itself, which needs a name. */
const CALLS_BY_NAME = 4;

/** What a diagnosis opens at most, where every certificate is given and nothing is left out. */
export const MOST_CONNECTIONS = {
  /** The pinned certificate, and one plain port. */
  forAddress: VERSIONS.length * CALLS_TO_VERSION + 2,
  /** A handshake without a name, and one under a name that nobody has. */
  forHost: VERSIONS.length * (MORE_CALLS + CALLS_BY_NAME - 1 + CALLS_BY_NAME),
  forOtherHost: VERSIONS.length * CALLS_BY_NAME,
  forClaims: MAX_CLAIM_CALLS,
} as const;
