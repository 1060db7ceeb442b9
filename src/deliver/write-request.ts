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

const CHUNK_BYTES = 16 * 1024;

/** The bytes of the body as they go out. */
export function writeBody({ headers, body }: Call): Uint8Array {
  if (!headers.chunked || body.byteLength === 0) return body;
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.byteLength; at += CHUNK_BYTES) {
    const chunk = body.subarray(at, at + CHUNK_BYTES);
    pieces.push(Buffer.from(`${chunk.byteLength.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}
