import type { TLSSocket } from 'node:tls';

/** What OpenSSL says of the other side's chain. */
export interface VerifyError {
  /** As Node names it: `CERT_HAS_EXPIRED`. */
  code: string | null;
  /** In OpenSSL's own words. */
  reason: string;
}

/**
 * Node documents `authorizationError` alone, which has a name for every third of OpenSSL's verdicts and, on a server,
 * comes with the end of the handshake; this one has always been beside it.
 */
interface VerdictSource {
  ssl?: { verifyError?(): NodeJS.ErrnoException | null } | null;
}

/** Node 24 adds a hint of its own to some of OpenSSL's words: `…; if the root CA is installed locally, try …`. */
const NODES_HINT = /; if the root CA .*$/s;

/** Null for a good chain; undefined where there is no verdict. */
export function verifyErrorOf(socket: TLSSocket): VerifyError | null | undefined {
  const source = (socket as VerdictSource).ssl;
  if (source?.verifyError === undefined) return undefined;
  const error = source.verifyError();
  if (error === null || error === undefined) return null;
  return { code: error.code ?? null, reason: error.message.replace(NODES_HINT, '') };
}
