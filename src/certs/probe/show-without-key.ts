import { randomBytes, type X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { cutMessages, cutRecords, MESSAGE, RECORD } from './tls-messages.ts';

/** internal_error (RFC 5246 §7.2.2). */
const CLOSING_ALERT = Buffer.from([2, 80]);

const CLIENT_HELLO = 1;
const MAX_RECORD_BYTES = 16_384;
/** ECDHE with AES-GCM, signed by EC and by RSA. */
const SUITES = [0xc02b, 0xc02f, 0xc02c, 0xc030];
/** RFC 8422 and RFC 5246: the curves and signatures that every server has. */
const EXTENSIONS: readonly [type: number, content: Buffer][] = [
  [10, vector(2, numbers(29, 23, 24))],
  [11, vector(1, Buffer.from([0]))],
  [13, vector(2, numbers(0x0403, 0x0804, 0x0401, 0x0807))],
];

/**
 * The client's side of a TLS 1.2 handshake as far as its certificates, leaf first: they go out in clear, and a server
 * judges them before the client has to prove that it has the key. Ends there with an alert.
 */
export function showWithoutKey(stream: Duplex, certificates: readonly X509Certificate[]): void {
  let received = Buffer.alloc(0);
  let isShown = false;
  stream.on('data', (bytes: Buffer) => {
    if (isShown) return;
    received = Buffer.concat([received, bytes]);
    const handshake = cutRecords(received).filter(({ type }) => type === RECORD.handshake);
    const messages = cutMessages(handshake.map(({ content }) => content));
    if (!messages.some(({ type }) => type === MESSAGE.serverHelloDone)) return;
    isShown = true;
    const chain = Buffer.concat(certificates.map(({ raw }) => vector(3, raw)));
    const shown = records(RECORD.handshake, message(MESSAGE.certificate, vector(3, chain)));
    stream.write(Buffer.concat([shown, records(RECORD.alert, CLOSING_ALERT)]));
  });
  stream.write(records(RECORD.handshake, message(CLIENT_HELLO, hello())));
}

function hello(): Buffer {
  const extensions = EXTENSIONS.map(([type, content]) => Buffer.concat([numbers(type), vector(2, content)]));
  return Buffer.concat([
    numbers(0x0303),
    randomBytes(32),
    vector(1, Buffer.alloc(0)),
    vector(2, numbers(...SUITES)),
    vector(1, Buffer.from([0])),
    vector(2, Buffer.concat(extensions)),
  ]);
}

/** Bytes with their length before them (RFC 5246 §4.3). */
function vector(lengthSize: 1 | 2 | 3, content: Buffer): Buffer {
  const length = Buffer.alloc(lengthSize);
  length.writeUIntBE(content.length, 0, lengthSize);
  return Buffer.concat([length, content]);
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => bytes.writeUInt16BE(value, 2 * index));
  return bytes;
}

const message = (type: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([type]), vector(3, body)]);

function records(type: number, content: Buffer): Buffer {
  const cut: Buffer[] = [];
  for (let at = 0; at < content.length; at += MAX_RECORD_BYTES)
    cut.push(
      Buffer.concat([Buffer.from([type]), numbers(0x0303), vector(2, content.subarray(at, at + MAX_RECORD_BYTES))]),
    );
  return Buffer.concat(cut);
}
