import type { JsonObject } from '../model/json.ts';
import { readEventKey } from '../vendors/event-key.ts';
import { readEvents } from '../vendors/read-body.ts';
import { CORRECT_BEHAVIOUR } from './correct-behaviour.ts';
import type { ReceivedOver, ReceivedRequest } from './received-request.ts';
import type {
  ReceiverBehaviour,
  ReceiverMemory,
  ReceiverSetup,
  StepAnswer,
  StepContext,
  StepRequest,
} from './receiver-behaviour.ts';
import { makeSeenEvents } from './seen-events.ts';

/** What became of a request. */
export interface HandledRequest {
  answer: StepAnswer;
  /** The keys of the events that were processed just now. */
  effects: readonly string[];
}

export const makeMemory = (): ReceiverMemory => ({ seen: makeSeenEvents(), arrivals: [], isBroken: false });

/** A request as the server got it, with what it knows of the connection. */
export const toStep = (
  { method, path, headers, body, remoteAddress }: ReceivedRequest,
  { tls, nthOnConnection }: ReceivedOver,
  receivedAtMs: number,
  fetchedKey?: string | null,
): StepRequest => ({
  method,
  path,
  headers,
  body,
  remoteAddress,
  receivedAtMs,
  isSecure: tls !== null,
  hasClientCertificate: tls !== null && tls.client !== null,
  nthOnConnection,
  fetchedKey,
});

/**
 * Handles one request as a correct receiver does, or as its bug has it. Everything from outside is in the arguments;
 * only `memory` is changed. An error that a bug throws is an answer: 500.
 */
export function receiveRequest(request: StepRequest, setup: ReceiverSetup, memory: ReceiverMemory): HandledRequest {
  const behaviour = behaviourOf(setup);
  const context: StepContext = { request, setup, memory, payload: null, position: 0 };
  noteArrival(request, memory);
  try {
    return handle(context, behaviour);
  } catch (error) {
    behaviour.afterError(context);
    return { answer: { status: 500, body: error instanceof Error ? error.message : '' }, effects: [] };
  }
}

const known = new WeakMap<ReceiverSetup, ReceiverBehaviour>();

function behaviourOf(setup: ReceiverSetup): ReceiverBehaviour {
  let behaviour = known.get(setup);
  if (behaviour === undefined)
    known.set(setup, (behaviour = { ...CORRECT_BEHAVIOUR, ...setup.bug?.change(CORRECT_BEHAVIOUR) }));
  return behaviour;
}

function handle(context: StepContext, behaviour: ReceiverBehaviour): HandledRequest {
  const { setup } = context;
  const refusedCaller = behaviour.caller(context);
  const question = refusedCaller === null ? behaviour.handshake(context) : null;
  if (question !== null) return { answer: question, effects: [] };
  const refused = refusedCaller ?? behaviour.form(context) ?? behaviour.signature(context);
  if (refused !== null)
    return {
      answer: refused,
      effects: behaviour.processesRefused ? keysOf(context, readEvents(setup.vendor, context.request) ?? []) : [],
    };
  const events: readonly (JsonObject | null)[] = behaviour.read(context) ?? [null];
  const unfit = firstOf(context, events, behaviour.content);
  if (unfit !== null) return { answer: unfit, effects: [] };
  const marked = events.map((_, position) => behaviour.marks(at(context, events, position)));
  const fresh = listFresh(marked, context);
  if (fresh.length === 0) return { answer: behaviour.repeated(at(context, events, 0)), effects: [] };
  // All or nothing: a request that fails is sent again as a whole.
  for (const position of fresh) behaviour.handle(at(context, events, position));
  for (const marks of marked) for (const mark of marks) context.memory.seen.add(mark);
  const effects = fresh.flatMap((position) => keyOf(context, events[position] ?? null, position) ?? []);
  return { answer: behaviour.success(at(context, events, 0)), effects };
}

/** The context with this event in it. One object serves all: bugs keep what they know in it. */
function at(context: StepContext, events: readonly (JsonObject | null)[], position: number): StepContext {
  context.payload = events[position] ?? null;
  context.position = position;
  return context;
}

function firstOf(
  context: StepContext,
  events: readonly (JsonObject | null)[],
  step: ReceiverBehaviour['content'],
): StepAnswer | null {
  for (const position of events.keys()) {
    const answer = step(at(context, events, position));
    if (answer !== null) return answer;
  }
  return null;
}

/** Those that no earlier request had, and no event before them in this one. */
function listFresh(marked: readonly (readonly string[])[], { memory }: StepContext): number[] {
  if (marked.length === 1) return marked[0]?.some((mark) => memory.seen.has(mark)) ? [] : [0];
  const own = new Set<string>();
  return [...marked.entries()].flatMap(([position, marks]) => {
    const [first] = marks;
    if (marks.some((mark) => memory.seen.has(mark)) || (first !== undefined && own.has(first))) return [];
    if (first !== undefined) own.add(first);
    return [position];
  });
}

const keysOf = (context: StepContext, events: readonly JsonObject[]): string[] =>
  events.flatMap((event, position) => keyOf(context, event, position) ?? []);

/** The key under which the event counts as processed. */
function keyOf({ setup, request }: StepContext, payload: JsonObject | null, position: number): string | null {
  return readEventKey(setup.vendor, request.headers, payload, position);
}

function noteArrival({ receivedAtMs }: StepRequest, { arrivals }: ReceiverMemory): void {
  arrivals.push(receivedAtMs);
  if (arrivals.length > 100) arrivals.shift();
}
