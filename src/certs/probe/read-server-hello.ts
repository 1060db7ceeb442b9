import { readWhole } from '../der/read-bytes.ts';

/** The number of the cipher suite in a ServerHello or HelloRetryRequest (RFC 8446 §4.1.3); null when it is malformed. */
export function readCipherSuite(serverHello: Buffer): number | null {
  return readWhole(serverHello, (reader) => {
    // Version and random, then the session id that is echoed.
    reader.take(2 + 32);
    reader.vector(1);
    const suite = reader.uint(2);
    reader.uint(1);
    if (!reader.isAtEnd()) reader.vector(2);
    return suite;
  });
}
