/** A TLS version that can be asked for by name. TLS 1.0 and 1.1 are refused by every OpenSSL 3. */
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** What the bytes of a handshake tell that Node has no API for. */
export interface HandshakeSeen {
  /** Null until something came; false when what came is no TLS at all. */
  speaksTls: boolean | null;
  serverHello: boolean;
  /** The server sent a CertificateRequest; null when the handshake did not get far enough to know. */
  requested: boolean | null;
  /** Our Certificate message held a certificate; null when unknown. */
  certificateSent: boolean | null;
  /** TLS 1.2: the server started a second handshake, where a certificate may be asked for unseen. */
  renegotiated: boolean;
}

export interface HandshakeWatch {
  received(bytes: Buffer): void;
  sent(bytes: Buffer): void;
  /** A line of Node's `keylog` event: the secrets that open the encrypted part of a TLS 1.3 handshake. */
  keylog(line: Buffer): void;
  /** From here on we send data of our own, which is no longer part of the handshake. */
  handshakeIsOver(): void;
  seen(): HandshakeSeen;
}

const RECORD = { changeCipherSpec: 20, handshake: 22, applicationData: 23 } as const;
const MESSAGE = { serverHello: 2, certificate: 11, certificateRequest: 13, serverHelloDone: 14 } as const;

/** Reads along with a handshake. TLS 1.2 is plain text until its end; TLS 1.3 is not, see `judgeFlight`. */
export function watchHandshake(version: TlsVersion): HandshakeWatch {
  const messages = new Set<number>();
  let firstByte: number | null = null;
  let ownCertificateBytes: number | null = null;
  let sealed = false;
  let sealedHandshakes = 0;
  let over = false;
  let flightBytes = 0;

  const readServerMessage = messageReader((type) => messages.add(type));
  const readOwnMessage = messageReader((type, length) => {
    if (type === MESSAGE.certificate) ownCertificateBytes = length;
  });
  const readReceived = recordReader((type, content) => {
    if (type === RECORD.changeCipherSpec) sealed = true;
    else if (type === RECORD.handshake && (!sealed || version === 'TLSv1.3')) readServerMessage(content);
    else if (type === RECORD.handshake) sealedHandshakes += 1;
  });
  const readSent = recordReader((type, content) => {
    if (type === RECORD.handshake && !sealed) readOwnMessage(content);
    if (type === RECORD.applicationData) flightBytes += content.length - SEAL_BYTES;
  });

  return {
    received(bytes) {
      firstByte ??= bytes[0] ?? null;
      readReceived(bytes);
    },
    sent(bytes) {
      if (!over) readSent(bytes);
    },
    keylog() {},
    handshakeIsOver() {
      over = true;
    },
    seen() {
      const asked = version === 'TLSv1.3' ? judgeFlight(flightBytes) : judgeMessages(messages, ownCertificateBytes);
      return {
        speaksTls: firstByte === null ? null : firstByte >= 20 && firstByte <= 23,
        serverHello: messages.has(MESSAGE.serverHello),
        ...asked,
        // The first sealed handshake record is the server's Finished; a HelloRequest would be the second.
        renegotiated: version === 'TLSv1.2' && sealedHandshakes > 1,
      };
    },
  };
}

type Asked = Pick<HandshakeSeen, 'requested' | 'certificateSent'>;

function judgeMessages(messages: ReadonlySet<number>, ownCertificateBytes: number | null): Asked {
  const requested = messages.has(MESSAGE.certificateRequest) || (messages.has(MESSAGE.serverHelloDone) ? false : null);
  // An empty list is its three length bytes alone (RFC 5246 §7.4.6).
  const sent = ownCertificateBytes === null ? null : ownCertificateBytes > 3;
  return { requested, certificateSent: requested === false ? false : sent };
}

/** Content type and authentication tag that every TLS 1.3 cipher of OpenSSL's default list adds to a record. */
const SEAL_BYTES = 1 + 16;
const FINISHED_BYTES: ReadonlySet<number> = new Set([4 + 32, 4 + 48]);
const EMPTY_CERTIFICATE_BYTES = 8;

/**
 * In TLS 1.3 a client sends a Certificate message exactly when it was asked for one (RFC 8446 §4.4.2), and its
 * last flight is otherwise Finished alone. All three have known sizes, so the sum of what we sent, encrypted
 * as it is, tells them apart. Any other sum is "unknown", never a guess.
 */
function judgeFlight(bytes: number): Asked {
  if (FINISHED_BYTES.has(bytes)) return { requested: false, certificateSent: false };
  if (FINISHED_BYTES.has(bytes - EMPTY_CERTIFICATE_BYTES)) return { requested: true, certificateSent: false };
  // No certificate with its signature is shorter than this.
  return bytes > 200 ? { requested: true, certificateSent: true } : { requested: null, certificateSent: null };
}

/** Cuts a stream into TLS records (RFC 8446 §5.1). */
function recordReader(onRecord: (type: number, content: Buffer) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt16BE(3)) {
      const end = 5 + rest.readUInt16BE(3);
      onRecord(rest[0] as number, rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  };
}

/** Cuts the content of handshake records into messages (RFC 8446 §4): one may span several records. */
function messageReader(onMessage: (type: number, length: number) => void): (content: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (content) => {
    rest = Buffer.concat([rest, content]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUIntBE(1, 3)) {
      const length = rest.readUIntBE(1, 3);
      onMessage(rest[0] as number, length);
      rest = rest.subarray(4 + length);
    }
  };
}
