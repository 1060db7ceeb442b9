import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { WireHeaders } from './wire.ts';

/** A request for the wire. */
export interface Call {
  url: URL;
  method: string;
  headers: WireHeaders;
  body: Uint8Array;
}

/** The request line and the headers, with the empty line behind them. */
export function writeHead({ url, method, headers }: Call): Buffer {
  const lines = headers.sent.map(([name, value]) => `${name}: ${value}`);
  return Buffer.from([`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines, '', ''].join('\r\n'), 'utf8');
}

const SLICE_BYTES = 16 * 1024;

/** The bytes of the body as they go out, in slices. */
export function* sliceBody({ headers, body }: Call): Generator<Uint8Array> {
  for (let at = 0; at < body.byteLength; at += SLICE_BYTES) {
    const slice = body.subarray(at, at + SLICE_BYTES);
    yield headers.chunked ? chunkOf(slice) : slice;
  }
  if (headers.chunked && body.byteLength > 0) yield Buffer.from('0\r\n\r\n');
}

const chunkOf = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.byteLength.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

export interface SlicedWriting {
  /** All has been handed to the system. */
  done(): void;
  /** What a socket that fails has received, and Node would drop. */
  rescued(bytes: Buffer): void;
  /** The answer has come, and the rest is not wanted. */
  isStopped(): boolean;
}

/**
 * Between two slices an answer can be received: a server may answer and close before it has read everything. A failure
 * is also the socket's, whose `error` tells of it.
 */
export function writeSlices(socket: Socket, slices: Iterator<Uint8Array>, writing: SlicedWriting): void {
  const next = slices.next();
  if (next.done === true) {
    writing.done();
    return;
  }
  socket.write(next.value, (error) => {
    if (error) takeRest(socket, writing.rescued);
    else setImmediate(() => writing.isStopped() || writeSlices(socket, slices, writing));
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
