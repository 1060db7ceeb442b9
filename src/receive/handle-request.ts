import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Header } from '../model/plan.ts';
import {
  tlsOf,
  type Answer,
  type AnswerOf,
  type ReceivedOver,
  type ReceivedRequest,
  type Reply,
} from './received-request.ts';
import {
  announcedBytes,
  isTooLarge,
  refuseBody,
  refuseHosts,
  refuseRequest,
  type RefusedBody,
  type RejectionOptions,
} from './rejection.ts';

export interface HandlingOptions extends RejectionOptions {
  /** Called when making an answer failed; the sender gets 500. */
  onError?: (error: unknown) => void;
}

/** What all requests of one receiver share. */
export interface RequestHandling {
  options: HandlingOptions;
  budget: BodyBudget;
  answer: AnswerOf;
  answers: AnswerWriter;
}

/** Reads a request and has it answered, or refuses its body. */
export function handleRequest(incoming: IncomingMessage, response: ServerResponse, handling: RequestHandling): void {
  const { options, budget, answer, answers } = handling;
  const refused = refuseHosts(incoming);
  if (refused !== null) {
    refuseRequest(refused, incoming, response, options);
    return;
  }
  if (isTooLarge(incoming, options.maxBodyBytes)) {
    refuseBody('too-large', incoming, response, options);
    return;
  }
  readBody(incoming, options.maxBodyBytes, budget, (body) => {
    if (typeof body === 'string') {
      refuseBody(body, incoming, response, options);
      return;
    }
    const { socket } = incoming;
    const release = (): void => {
      budget.heldBytes -= body.length;
    };
    const reply = tryAnswer(answer, toRequest(incoming, body), describeConnection(socket), options);
    if (!(reply instanceof Promise)) {
      answers.write(reply, response, socket, release);
      return;
    }
    void reply
      .catch((error: unknown) => failed(error, options))
      .then((one) => answers.write(one, response, socket, release));
  });
}

/** How many bytes of bodies one server holds at this moment, all requests together. */
export interface BodyBudget {
  heldBytes: number;
  maxHeldBytes: number;
}

/**
 * Reads the body of a request and calls `done` once, with its bytes or with why there are none. Beyond `maxBytes`, or
 * beyond the budget of the whole server, it keeps nothing more; draining the rest is up to the caller. The bytes count
 * as held until the caller subtracts them from `budget`.
 */
function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  budget: BodyBudget,
  done: (read: Buffer | RefusedBody) => void,
): void {
  let body: BodyParts | null = collectParts(announcedBytes(incoming));
  let length = 0;
  const finish = (read: Buffer | RefusedBody): void => {
    // The request outlives its body, and these listeners live as long.
    body = null;
    if (typeof read === 'string') budget.heldBytes -= length;
    done(read);
  };
  // Added with `on` and never removed: with every request that costs more than being called in vain.
  incoming.on('data', (chunk: Buffer) => {
    if (body === null) return;
    length += chunk.length;
    budget.heldBytes += chunk.length;
    if (length > maxBytes) finish('too-large');
    else if (budget.heldBytes > budget.maxHeldBytes) finish('busy');
    else body.add(chunk);
  });
  incoming.on('end', () => body !== null && finish(body.whole()));
  incoming.on('error', () => body !== null && finish('left'));
  incoming.on('close', () => body !== null && finish('left'));
}

interface BodyParts {
  add(chunk: Buffer): void;
  whole(): Buffer;
}

/** A caller who announces much and sends little takes no memory for it. */
const BELIEVED_SHARE = 1 / 8;

/**
 * Put together at its end, a body would be there twice for a moment. Where its length is announced, and a part of it
 * has come, it gets its place at once.
 */
function collectParts(announced: number | null): BodyParts {
  let place: Buffer | null = null;
  let chunks: Buffer[] = [];
  let length = 0;
  return {
    add(chunk) {
      if (place === null) chunks.push(chunk);
      else chunk.copy(place, length);
      length += chunk.length;
      if (place !== null || announced === null || length === announced || length < announced * BELIEVED_SHARE) return;
      place = Buffer.allocUnsafeSlow(announced);
      let at = 0;
      for (const one of chunks) at += one.copy(place, at);
      chunks = [];
    },
    whole: () => place ?? (chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length)),
  };
}

function toRequest({ method = 'GET', url = '/', rawHeaders, socket }: IncomingMessage, body: Buffer): ReceivedRequest {
  return { method, path: url, headers: headerPairs(rawHeaders), body, remoteAddress: socket.remoteAddress ?? '' };
}

const requestCounts = new WeakMap<Socket, number>();

function describeConnection(socket: Socket): ReceivedOver {
  const nthOnConnection = (requestCounts.get(socket) ?? 0) + 1;
  requestCounts.set(socket, nthOnConnection);
  return { tls: tlsOf(socket), nthOnConnection, hasLeft: () => socket.destroyed };
}

function headerPairs(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] as string, fromWire(raw[at + 1] as string)]);
  return pairs;
}

const NOT_ASCII = /[\u0080-\u00ff]/;

/** Node gives header bytes as latin1; they are UTF-8 nowadays, and latin1 by tradition (RFC 9110 §5.5). */
function fromWire(value: string): string {
  if (!NOT_ASCII.test(value)) return value;
  const text = Buffer.from(value, 'latin1').toString('utf8');
  return text.includes('\uFFFD') ? value : text;
}

/** Whatever a caller sent must not end the program. */
function tryAnswer(
  answer: AnswerOf,
  request: ReceivedRequest,
  over: ReceivedOver,
  options: HandlingOptions,
): Reply | Promise<Reply> {
  try {
    return answer(request, over);
  } catch (error) {
    return failed(error, options);
  }
}

function failed(error: unknown, { onError }: HandlingOptions): Answer {
  onError?.(error);
  return { status: 500, body: 'the receiver failed\n' };
}

export interface AnswerWriter {
  /** Queues an answer; `onWritten` is called once it is written. */
  write(reply: Reply, response: ServerResponse, socket: Socket, onWritten: () => void): void;
  /** Writes the answers that are still queued. */
  writeNow(): void;
}

/**
 * Writes all answers to what came in one turn of the event loop together, at its end. Written one by one between
 * requests, each wakes up its sender alone: with many senders that took a tenth of the time of both sides.
 */
export function makeAnswerWriter(onError: (error: unknown) => void): AnswerWriter {
  let waiting: [Reply, ServerResponse, Socket, () => void][] = [];
  const writeNow = (): void => {
    const all = waiting;
    waiting = [];
    for (const [reply, response, socket, onWritten] of all) {
      try {
        writeAnswer(reply, response, socket);
      } catch (error) {
        // A header that HTTP does not allow, for instance. The others still get their answers.
        socket.destroy();
        onError(error);
      }
      onWritten();
    }
  };
  return {
    write(...one) {
      if (waiting.push(one) === 1) setImmediate(writeNow);
    },
    writeNow,
  };
}

function writeAnswer(reply: Reply, response: ServerResponse, socket: Socket): void {
  if (socket.destroyed) return;
  if (reply === 'drop') {
    socket.destroy();
    return;
  }
  const { status, headers = [], body = '' } = reply;
  const isEmpty = status === 204 || status === 304;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  const raw: string[] = [];
  for (const [name, value] of headers) raw.push(name, toWire(value));
  if (!isEmpty) raw.push('content-length', String(length));
  response.writeHead(status, raw);
  response.end(isEmpty ? undefined : body);
}

/** The bytes of the text's UTF-8 as latin1, which is how Node takes header values. */
const toWire = (value: string): string => Buffer.from(value, 'utf8').toString('latin1');
