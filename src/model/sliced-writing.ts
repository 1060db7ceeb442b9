import { readSync } from 'node:fs';
import type { Socket } from 'node:net';

export interface SlicedWriting {
  /** All has been handed to the system. */
  done(): void;
  /** What a socket that fails has received, and Node would drop. The failure is also the socket's own `error`. */
  rescued(bytes: Buffer): void;
  /** The rest is not wanted any more. */
  isStopped?(): boolean;
}

const SLICE_BYTES = 16 * 1024;

/**
 * Writes bytes so that between two slices an answer can be received: a server may answer and close before it has read
 * everything.
 */
export function writeInSlices(socket: Socket, bytes: Buffer, writing: SlicedWriting): void {
  const rest = bytes.subarray(SLICE_BYTES);
  socket.write(bytes.subarray(0, SLICE_BYTES), (error) => {
    if (error) takeRest(socket, (received) => writing.rescued(received));
    else if (rest.length === 0) writing.done();
    else setImmediate(() => writing.isStopped?.() || writeInSlices(socket, rest, writing));
  });
}

/** More than any answer that is read. */
const MAX_RESTS = 8;

/**
 * Node closes a socket whose write failed and drops what it has received; on Linux about one early answer in four
 * hundred is lost so. Node has no API for this, and no descriptor on Windows; of TLS it would be no plain text.
 */
function takeRest(socket: Socket, take: (bytes: Buffer) => void): void {
  const { fd = -1 } = (socket as Socket & { _handle?: { fd?: number } | null })._handle ?? {};
  if (fd < 0 || 'encrypted' in socket) return;
  try {
    for (let rests = 0; rests < MAX_RESTS; rests += 1) {
      const bytes = Buffer.alloc(64 * 1024);
      const count = readSync(fd, bytes);
      if (count === 0) return;
      take(bytes.subarray(0, count));
    }
  } catch {
    // Nothing is left.
  }
}
