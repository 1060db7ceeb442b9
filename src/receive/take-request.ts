import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Header } from '../model/plan.ts';
import { tlsOf } from './client-identity.ts';
import { readBody, type BodyBudget } from './read-body.ts';
import type { Answer, AnswerOf, ReceivedOver, ReceivedRequest, ReceiverOptions, Reply } from './received.ts';
import { isTooLarge, refuseBody } from './refuse-body.ts';
import type { AnswerWriter } from './write-answers.ts';

/** What all requests of one receiver share. */
export interface Taking {
  options: ReceiverOptions;
  budget: BodyBudget;
  answer: AnswerOf;
  answers: AnswerWriter;
}

/** Reads a request, has it answered, and refuses it when its body is not to be taken. */
export function takeRequest(
  incoming: IncomingMessage,
  response: ServerResponse,
  { options, budget, answer, answers }: Taking,
): void {
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
    const request = {
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: headerPairs(incoming.rawHeaders),
      body,
      remoteAddress: socket.remoteAddress ?? '',
    };
    const reply = tryAnswer(
      answer,
      request,
      { tls: tlsOf(socket), nthOnConnection: countRequest(socket), hasLeft: () => socket.destroyed },
      options,
    );
    if (!(reply instanceof Promise)) {
      answers.write(reply, response, socket, release);
      return;
    }
    void reply
      .catch((error: unknown) => failed(error, options))
      .then((one) => answers.write(one, response, socket, release));
  });
}

/** Whatever a stranger sent must not end the program. */
function tryAnswer(
  answer: AnswerOf,
  request: ReceivedRequest,
  over: ReceivedOver,
  options: ReceiverOptions,
): Reply | Promise<Reply> {
  try {
    return answer(request, over);
  } catch (error) {
    return failed(error, options);
  }
}

function failed(error: unknown, { onError }: ReceiverOptions): Answer {
  onError?.(error);
  return { status: 500, body: 'the receiver failed\n' };
}

const requestCounts = new WeakMap<Socket, number>();

function countRequest(socket: Socket): number {
  const nth = (requestCounts.get(socket) ?? 0) + 1;
  requestCounts.set(socket, nth);
  return nth;
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
