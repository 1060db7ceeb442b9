import { connect, isIP } from 'node:net';
import { collectAnswer, type HttpAnswer } from './http-post.ts';

/** What plain http, without TLS, got on one port. */
export interface PlainResult {
  port: number;
  /** Null when no HTTP answer came. */
  status: number | null;
  /** Somebody listens there. */
  connected: boolean;
  durationMs: number;
}

/** Sends `request` as it is to a port of an address, without TLS, on a connection of its own. Never rejects. */
export function probePlain(
  endpoint: { host: string; port: number },
  request: Uint8Array,
  timeoutMs: number,
): Promise<PlainResult> {
  // A name was looked up before, and leads nowhere.
  if (isIP(endpoint.host) === 0)
    return Promise.resolve({ port: endpoint.port, status: null, connected: false, durationMs: 0 });
  const beganAt = performance.now();
  const socket = connect({ host: endpoint.host, port: endpoint.port, autoSelectFamily: true, noDelay: true });
  let connected = false;
  let answer: HttpAnswer | null = null;
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({
        port: endpoint.port,
        status: answer?.status ?? null,
        connected,
        durationMs: performance.now() - beganAt,
      });
    };
    const timer = setTimeout(finish, timeoutMs);
    socket.once('connect', () => {
      connected = true;
      socket.write(request);
    });
    socket.on(
      'data',
      collectAnswer((found) => {
        answer = found;
        finish();
      }, finish),
    );
    socket.on('error', finish);
    socket.once('close', finish);
  });
}
