/** Content types of records (RFC 8446 §5.1). */
export const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** Types of handshake messages (RFC 8446 §4, RFC 5246 §7.4). */
export const MESSAGE = {
  serverHello: 2,
  certificate: 11,
  certificateRequest: 13,
  serverHelloDone: 14,
  finished: 20,
} as const;

export interface TlsRecord {
  type: number;
  /** The five bytes before the content: what TLS 1.3 authenticates with it. */
  header: Buffer;
  content: Buffer;
}

export interface HandshakeMessage {
  type: number;
  body: Buffer;
}

/** The complete records of a stream from its beginning; a rest that is no complete record is left out. */
export function cutRecords(stream: Buffer): TlsRecord[] {
  const records: TlsRecord[] = [];
  let offset = 0;
  while (stream.length - offset >= 5) {
    const end = offset + 5 + stream.readUInt16BE(offset + 3);
    if (end > stream.length) break;
    const header = stream.subarray(offset, offset + 5);
    records.push({ type: header.readUInt8(0), header, content: stream.subarray(offset + 5, end) });
    offset = end;
  }
  return records;
}

/** The complete messages in the contents of handshake records: one may span several, and several may share one. */
export function cutMessages(contents: readonly Buffer[]): HandshakeMessage[] {
  const stream = Buffer.concat(contents);
  const messages: HandshakeMessage[] = [];
  let offset = 0;
  while (stream.length - offset >= 4) {
    const end = offset + 4 + stream.readUIntBE(offset + 1, 3);
    if (end > stream.length) break;
    messages.push({ type: stream.readUInt8(offset), body: stream.subarray(offset + 4, end) });
    offset = end;
  }
  return messages;
}

/** Keeps the first `maxBytes` of a stream. Copies: a slice would keep the whole buffer it was cut from. */
export function keepBeginning(maxBytes: number): { add(bytes: Buffer): void; bytes(): Buffer } {
  let kept = Buffer.alloc(4096);
  let length = 0;
  return {
    add(bytes) {
      const part = bytes.subarray(0, maxBytes - length);
      if (length + part.length > kept.length)
        kept = Buffer.concat([kept], Math.min(maxBytes, 2 * (length + part.length)));
      length += part.copy(kept, length);
    },
    bytes: () => kept.subarray(0, length),
  };
}
