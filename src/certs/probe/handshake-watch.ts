import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { writeInSlices } from '../../model/sliced-writing.ts';
import {
  openFlight,
  readCertificateRequest,
  readCertificateMessage,
  type CertificateRequestMessage,
  readCipherSuite,
  cutMessages,
  cutRecords,
  keepBeginning,
  MESSAGE,
  RECORD,
  type HandshakeMessage,
  type TlsVersion,
  type TlsRecord,
} from './tls-messages.ts';

/** What the bytes of a handshake show and Node has no API for. */
export interface HandshakeSeen {
  /** Null until something came; false when what came is no TLS at all. */
  speaksTls: boolean | null;
  serverHello: boolean;
  /** The server sent a CertificateRequest; null when the handshake did not get far enough to know. */
  requested: boolean | null;
  /** What stands in it; null when there is none, or it could not be read. */
  request: CertificateRequestMessage | null;
  /** Our Certificate message held a certificate; null when unknown. */
  certificateSent: boolean | null;
  /**
   * The certificates of our Certificate message as DER, leaf first: none when there was no message; null when unknown.
   */
  certificatesSent: readonly Buffer[] | null;
  /** The server's certificates as DER, in the order it sent them; none when unknown. */
  serverCertificates: readonly Buffer[];
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

/** Of each direction. A list of a thousand CAs and a long chain fit; what comes after is not looked at. */
const MAX_HANDSHAKE_BYTES = 256 * 1024;

/** Records the bytes of a handshake and interprets them on request. */
export function watchHandshake(version: TlsVersion): HandshakeWatch {
  const received = keepBeginning(MAX_HANDSHAKE_BYTES);
  const sent = keepBeginning(MAX_HANDSHAKE_BYTES);
  const secrets: HandshakeSecrets = { server: null, client: null };
  let over = false;
  return {
    received: received.add,
    sent(bytes) {
      if (!over) sent.add(bytes);
    },
    keylog(line) {
      const [label, , secret] = line.toString('latin1').trim().split(' ');
      if (label === 'SERVER_HANDSHAKE_TRAFFIC_SECRET') secrets.server = Buffer.from(secret ?? '', 'hex');
      if (label === 'CLIENT_HANDSHAKE_TRAFFIC_SECRET') secrets.client = Buffer.from(secret ?? '', 'hex');
    },
    handshakeIsOver() {
      over = true;
    },
    seen() {
      const firstByte = received.bytes()[0];
      const theirs = cutRecords(received.bytes());
      const ours = cutRecords(sent.bytes());
      return {
        speaksTls:
          firstByte === undefined ? null : firstByte >= RECORD.changeCipherSpec && firstByte <= RECORD.applicationData,
        ...(version === 'TLSv1.3' ? readSealed(theirs, ours, secrets) : readPlain(theirs, ours)),
      };
    },
  };
}

interface HandshakeSecrets {
  server: Buffer | null;
  client: Buffer | null;
}

type HandshakeRead = Omit<HandshakeSeen, 'speaksTls'>;

const handshakeContents = (records: readonly TlsRecord[]): Buffer[] =>
  records.filter(({ type }) => type === RECORD.handshake).map(({ content }) => content);
const bodyOf = (messages: readonly HandshakeMessage[], wanted: number): Buffer | null =>
  messages.find(({ type }) => type === wanted)?.body ?? null;

/** TLS 1.2: everything that matters goes in plain text, until each side changes to its cipher. */
function readPlain(theirs: readonly TlsRecord[], ours: readonly TlsRecord[]): HandshakeRead {
  const [plain, sealed] = splitAtCipher(theirs);
  const messages = cutMessages(handshakeContents(plain));
  // The first sealed handshake record is the server's Finished; a HelloRequest would be the second.
  const renegotiated = handshakeContents(sealed).length > 1;
  // A resumed session has no ServerHelloDone: the server changes to its cipher at once.
  const asksNoMore = sealed.length > 0 || bodyOf(messages, MESSAGE.serverHelloDone) !== null;
  const seen = readMessages('TLSv1.2', messages, cutMessages(handshakeContents(splitAtCipher(ours)[0])), asksNoMore);
  // What goes out in the second handshake is not seen.
  const unseen = renegotiated && seen.requested === false ? { certificateSent: null, certificatesSent: null } : {};
  return { serverHello: bodyOf(messages, MESSAGE.serverHello) !== null, ...seen, ...unseen, renegotiated };
}

function splitAtCipher(records: readonly TlsRecord[]): [TlsRecord[], TlsRecord[]] {
  const at = records.findIndex(({ type }) => type === RECORD.changeCipherSpec);
  return at === -1 ? [[...records], []] : [records.slice(0, at), records.slice(at)];
}

/**
 * TLS 1.3: only the hellos are plain. After a HelloRetryRequest, which looks like a ServerHello, the last one counts.
 */
function readSealed(
  theirs: readonly TlsRecord[],
  ours: readonly TlsRecord[],
  secrets: HandshakeSecrets,
): HandshakeRead {
  const hello = cutMessages(handshakeContents(theirs)).findLast(({ type }) => type === MESSAGE.serverHello);
  const suite = hello === undefined ? null : readCipherSuite(hello.body);
  const open = (records: readonly TlsRecord[], secret: Buffer | null): HandshakeMessage[] =>
    (suite === null || secret === null ? null : openFlight(records, secret, suite)) ?? [];
  const flight = open(theirs, secrets.server);
  const seen = readMessages('TLSv1.3', flight, open(ours, secrets.client), bodyOf(flight, MESSAGE.finished) !== null);
  return { serverHello: hello !== undefined, ...seen, renegotiated: false };
}

/** `asksNoMore`: the server's flight was seen to its end, so what is not in it was not sent. */
function readMessages(
  version: TlsVersion,
  theirs: readonly HandshakeMessage[],
  ours: readonly HandshakeMessage[],
  asksNoMore: boolean,
): Omit<HandshakeRead, 'serverHello' | 'renegotiated'> {
  const requestBody = bodyOf(theirs, MESSAGE.certificateRequest);
  const sentBody = bodyOf(ours, MESSAGE.certificate);
  const serverBody = bodyOf(theirs, MESSAGE.certificate);
  // A client sends a Certificate message exactly when it was asked for one (RFC 8446 §4.4.2, RFC 5246 §7.4.6).
  const requested = requestBody !== null || sentBody !== null ? true : asksNoMore ? false : null;
  const certificatesSent =
    sentBody === null ? (requested === false ? [] : null) : readCertificateMessage(sentBody, version);
  return {
    requested,
    request: requestBody === null ? null : readCertificateRequest(requestBody, version),
    certificateSent: certificatesSent === null ? null : certificatesSent.length > 0,
    certificatesSent,
    serverCertificates: (serverBody === null ? null : readCertificateMessage(serverBody, version)) ?? [],
  };
}

/** A stream that passes everything through to `socket` and shows it to `watch`. TLS runs on top of it. */
export function tapSocket(socket: Socket, watch: { received(bytes: Buffer): void; sent(bytes: Buffer): void }): Duplex {
  const take = (bytes: Buffer): void => {
    watch.received(bytes);
    if (!tap.push(bytes)) socket.pause();
  };
  const tap = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (bytes: Buffer, _encoding, done) => {
      watch.sent(bytes);
      writeInSlices(socket, bytes, { done, rescued: take });
    },
    final: (done) => {
      socket.end(() => done());
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', take);
  socket.on('end', () => tap.push(null));
  // What was received before is decrypted first: an answer counts, however the connection ends after it.
  socket.on('error', (error) => setImmediate(() => tap.destroy(error)));
  return tap;
}
