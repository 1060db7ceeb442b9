import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReceiverOptions } from './received.ts';
import { remoteOf } from './rejection.ts';

/** How long the rest of a body that nobody wants is read, so that its sender gets to see the answer. */
const DRAIN_MS = 2000;
const CONTENT_LENGTH = 'content-length';

/** It says so itself, before it is read. Not by `headers`: Node would first make an object of all of them. */
export function isTooLarge({ rawHeaders }: IncomingMessage, maxBodyBytes: number): boolean {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === CONTENT_LENGTH.length && name.toLowerCase() === CONTENT_LENGTH)
      return Number(rawHeaders[at + 1]) > maxBodyBytes;
  }
  return false;
}

/** Answers a request whose body is not taken; what still comes of it is read and dropped for a while. */
export function refuseBody(
  why: 'too-large' | 'busy' | 'left',
  incoming: IncomingMessage,
  response: ServerResponse,
  { maxBodyBytes, onRejected }: ReceiverOptions,
): void {
  const remoteAddress = remoteOf(incoming.socket);
  if (why === 'left') {
    onRejected?.({ remoteAddress, status: null, cause: 'left', reason: 'it broke off in the middle of a request' });
    return;
  }
  const status = why === 'too-large' ? 413 : 503;
  const reason =
    why === 'too-large'
      ? `its body is larger than ${maxBodyBytes} bytes`
      : 'too many large bodies are under way at once';
  onRejected?.({ remoteAddress, status, cause: why, reason });
  const text = `${reason}\n`;
  response.writeHead(status, {
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': text.length,
  });
  response.write(text);
  // Closed at once, the sender would lose the answer to the reset that its unread bytes cause.
  const timer = setTimeout(() => incoming.socket.destroy(), DRAIN_MS);
  incoming.once('close', () => clearTimeout(timer));
  incoming.once('end', () => response.end());
  incoming.resume();
}
