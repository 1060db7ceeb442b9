import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { AppError } from '../model/error.ts';
import type { Header } from '../model/plan.ts';
import { originOf, startListening, WHY } from './listen-on.ts';
import type { Answer } from './received-request.ts';

export interface AttachmentListener {
  /** `http://127.0.0.1:8080`: what links begin with. */
  origin: string;
  /** No response is under way. */
  isQuiet(): boolean;
  /** Stops listening, lets downloads under way finish for two seconds, cuts what is left. */
  close(): Promise<void>;
}

export interface AttachmentServerOptions {
  /** Name or address to listen on; an address of all interfaces gives an origin on loopback. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** How long a caller may take to send its request's headers. */
  headersTimeoutMs?: number;
  /** Called whenever the last response under way has ended. */
  onQuiet?: () => void;
}

const HEADERS_TIMEOUT_MS = 5000;
/** A reader that reads nothing for this long is disconnected. */
const IDLE_TIMEOUT_MS = 30_000;
const CLOSE_GRACE_MS = 2000;

/**
 * Serves what `lookup` finds for a path with its query (`/att/…?exp=…&sig=…`), by GET and HEAD only.
 * Throws AppError('usage') when host and port cannot be listened on.
 */
export async function serveAttachments(
  { host, port, headersTimeoutMs = HEADERS_TIMEOUT_MS, onQuiet }: AttachmentServerOptions,
  lookup: (pathAndQuery: string) => AttachmentAnswer,
): Promise<AttachmentListener> {
  const underWay = new Set<ServerResponse>();
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: headersTimeoutMs,
      requestTimeout: 2 * headersTimeoutMs,
      // By default Node looks for late callers only every 30 seconds.
      connectionsCheckingInterval: Math.min(headersTimeoutMs, 1000),
      keepAliveTimeout: 1000,
    },
    (request, response) => {
      underWay.add(response);
      response.once('close', () => {
        underWay.delete(response);
        if (underWay.size === 0) onQuiet?.();
      });
      try {
        answer(request, response, lookup);
      } catch {
        // Whatever a caller asked for must not end the program that is sending.
        write(response, textReply(500, 'The attachment could not be served.\n'));
      }
    },
  );
  server.maxConnections = 256;
  server.timeout = IDLE_TIMEOUT_MS;
  await listen(server, host, port);
  let closing: Promise<void> | undefined;
  return {
    origin: originOf(server, 'http', host),
    isQuiet: () => underWay.size === 0,
    close: () => (closing ??= closeServer(server, underWay)),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  lookup: (pathAndQuery: string) => AttachmentAnswer,
): void {
  // An unwanted upload is discarded unread.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    write(response, textReply(405, 'Attachments are fetched by GET.\n'));
    return;
  }
  const found = lookup(request.url ?? '/');
  if (found.status === 200 && request.method === 'GET') whenWritten(request, response, () => found.onFetched?.());
  write(response, attachmentReply(found));
}

/** Node 20 emits `finish` also for a response whose reader broke off. */
function whenWritten({ socket }: IncomingMessage, response: ServerResponse, then: () => void): void {
  response.once('finish', () => {
    if (!socket.destroyed) then();
  });
}

function write(response: ServerResponse, { status, headers = [], body = '' }: Answer): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.setHeader('content-length', Buffer.byteLength(body));
  response.statusCode = status;
  // Node itself omits the body when the request was HEAD.
  response.end(body);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await startListening(server, host, port);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new AppError('usage', `attachments cannot be served on ${host}:${port}: ${WHY[code] ?? code}`, {
      hint: 'give a free port of this machine, such as 127.0.0.1:8099, or port 0 for any free one',
      cause,
    });
  }
}

/**
 * `server.close()` alone would cut downloads: Node counts a response as over once it is handed to
 * the socket, however much of it is still to be sent.
 */
async function closeServer(server: Server, underWay: ReadonlySet<ServerResponse>): Promise<void> {
  let grace: NodeJS.Timeout | undefined;
  await Promise.race([
    Promise.all([...underWay].map((response) => once(response, 'close'))),
    new Promise((resolve) => {
      grace = setTimeout(resolve, CLOSE_GRACE_MS);
    }),
  ]);
  clearTimeout(grace);
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** What a link leads to: the bytes, or why they are refused. `onFetched` is called once a GET got all of them. */
export type AttachmentAnswer =
  | { status: 200; contentType: string; filename: string; content: Uint8Array; onFetched?: () => void }
  | { status: 403 | 404 | 410 };

const REASONS = {
  403: 'This link was changed: its signature does not match.\n',
  404: 'This attachment does not exist, or it was fetched long ago.\n',
  410: 'This link has expired.\n',
};
/** A browser must not run what a mail claims to be, nor cache it: a link works for whoever holds it. */
const COMMON: readonly Header[] = [
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-store'],
];

/** The answer to a GET of the link; a HEAD gets the same headers. */
export function attachmentReply(found: AttachmentAnswer): Answer {
  if (found.status !== 200) return textReply(found.status, REASONS[found.status]);
  const { contentType, filename, content } = found;
  return {
    status: 200,
    headers: [
      ['content-type', checkContentType(contentType)],
      ['content-disposition', makeDisposition(filename)],
      ...COMMON,
    ],
    body: content,
  };
}

function textReply(status: number, text: string): Answer {
  return { status, headers: [['content-type', 'text/plain; charset=utf-8'], ...COMMON], body: text };
}

/** The type comes from somebody's mail: anything but a plain `type/subtype` could break the header. */
function checkContentType(contentType: string): string {
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(contentType) ? contentType : 'application/octet-stream';
}

/** RFC 6266, with the exact name in RFC 5987 form and an ASCII one for old clients. No folders. */
function makeDisposition(filename: string): string {
  // Through bytes and back: half a surrogate pair would make encodeURIComponent throw.
  const base = Buffer.from(filename).toString().split(/[/\\]/).at(-1)?.trim() || 'attachment';
  const ascii = base.replace(/[^\x20-\x7e]|["%\\]/gu, '_');
  const extended = encodeURIComponent(base).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`;
}
