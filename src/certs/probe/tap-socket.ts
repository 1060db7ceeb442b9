import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A stream that passes everything through to `socket` and shows it on the way: TLS goes on top of it. */
export function tapSocket(socket: Socket, watch: { received(bytes: Buffer): void; sent(bytes: Buffer): void }): Duplex {
  const tap = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (bytes: Buffer, _encoding, done) => {
      watch.sent(bytes);
      socket.write(bytes, done);
    },
    final: (done) => {
      socket.end(() => done());
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (bytes: Buffer) => {
    watch.received(bytes);
    if (!tap.push(bytes)) socket.pause();
  });
  socket.on('end', () => tap.push(null));
  socket.on('error', (error) => tap.destroy(error));
  return tap;
}
