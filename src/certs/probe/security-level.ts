import { DEFAULT_CIPHERS } from 'node:tls';

/**
 * Node's own ciphers at a security level of OpenSSL, for the `ciphers` of a connection. Level 0 lets keys and
 * signatures out that are too weak for this OpenSSL, so that the other side judges them; level 2 is what Debian,
 * Ubuntu and Red Hat give their servers. The list must be whole: without TLS 1.3 ciphers in it, Node turns TLS 1.3 off.
 * https://docs.openssl.org/3.5/man3/SSL_CTX_set_security_level/
 */
export const ciphersAtLevel = (level: 0 | 2): string => `${DEFAULT_CIPHERS}:@SECLEVEL=${level}`;
