import type { WireHeaders } from './wire.ts';

/** A request for the wire. */
export interface Call {
  url: URL;
  method: string;
  headers: WireHeaders;
  body: Uint8Array;
}

/** The request line and the headers, with the empty line behind them. */
export const writeHead = (call: Call): Buffer => Buffer.from(headText(call), 'utf8');

/** The whole request in one buffer: put together from two, its bytes would be copied twice. */
export function writeRequest(call: Call): Buffer {
  const [head, body] = [headText(call), writeBody(call)];
  const headBytes = Buffer.byteLength(head, 'utf8');
  const bytes = Buffer.allocUnsafe(headBytes + body.byteLength);
  bytes.write(head, 0, 'utf8');
  bytes.set(body, headBytes);
  return bytes;
}

function headText({ url, method, headers }: Call): string {
  let text = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`;
  for (const [name, value] of headers.sent) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
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
