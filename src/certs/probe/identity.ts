import { DEFAULT_CIPHERS, type SecureContextOptions } from 'node:tls';

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
