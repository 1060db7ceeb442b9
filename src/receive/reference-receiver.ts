import type { JsonObject } from '../model/json.ts';
import { readEventKey, readObject } from '../vendors/event-key.ts';
import { CORRECT_BEHAVIOUR } from './correct-behaviour.ts';
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
  /** The key of the event that was processed just now; null when none was. */
  effect: string | null;
}

export const makeMemory = (): ReceiverMemory => ({ seen: makeSeenEvents(), arrivals: [], isBroken: false });

/**
 * Handles one request as a correct receiver does, or as its bug has it. Everything from outside is in the arguments;
 * only `memory` is changed. An error that a bug throws is an answer: 500.
 */
export function receiveRequest(request: StepRequest, setup: ReceiverSetup, memory: ReceiverMemory): HandledRequest {
  const behaviour = behaviourOf(setup);
  const context: StepContext = { request, setup, memory, payload: null };
  noteArrival(request, memory);
  try {
    return handle(context, behaviour);
  } catch (error) {
    behaviour.afterError(context);
    return { answer: { status: 500, body: error instanceof Error ? error.message : '' }, effect: null };
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
  const refusedCaller = behaviour.caller(context);
  const question = refusedCaller === null ? behaviour.handshake(context) : null;
  if (question !== null) return { answer: question, effect: null };
  const refused = refusedCaller ?? behaviour.form(context) ?? behaviour.signature(context);
  if (refused !== null)
    return {
      answer: refused,
      effect: behaviour.processesRefused ? keyOf(context, readObject(context.request.body)) : null,
    };
  context.payload = behaviour.read(context.request.body);
  const unfit = behaviour.content(context);
  if (unfit !== null) return { answer: unfit, effect: null };
  const { memory } = context;
  const marks = behaviour.marks(context);
  if (marks.some((mark) => memory.seen.has(mark))) return { answer: behaviour.repeated(context), effect: null };
  behaviour.handle(context);
  for (const mark of marks) memory.seen.add(mark);
  return { answer: behaviour.success(context), effect: keyOf(context, context.payload) };
}

/** The key under which the event counts as processed. */
function keyOf({ setup, request }: StepContext, payload: JsonObject | null): string | null {
  return readEventKey(setup.vendor, request.headers, payload);
}

function noteArrival({ receivedAtMs }: StepRequest, { arrivals }: ReceiverMemory): void {
  arrivals.push(receivedAtMs);
  if (arrivals.length > 100) arrivals.shift();
}
