import type { JsonObject } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { readEventKey, readObject } from '../vendors/event-key.ts';
import { GOOD_MANNERS, type Manners } from './manners.ts';
import type { Answer, ReceivedRequest } from './received.ts';
import { makeSeenEvents, type SeenEvents } from './seen-events.ts';

/** A request, and what the server knows of the connection it came over. */
export interface StepRequest extends ReceivedRequest {
  /** Milliseconds since the epoch. */
  receivedAtMs: number;
  isSecure: boolean;
  hasClientCertificate: boolean;
  /** 1 for the first request of a connection. */
  nthOnConnection: number;
}

export interface StepAnswer extends Answer {
  /** How long to wait before answering. */
  delayMs?: number;
}

export interface Step {
  answer: StepAnswer;
  /** The key of the event that was processed just now; null when none was. */
  effect: string | null;
}

/** How the request's signature is judged: put in from outside, for signing is not this room's. */
export interface Signing {
  verify(headers: readonly Header[], body: Uint8Array, nowMs: number): 'valid' | 'stale' | 'forged' | 'missing';
  /** The hex digest the vendor would make. The options are for receivers that get it wrong. */
  digest(body: Uint8Array, options?: DigestOptions): string;
}

export interface DigestOptions {
  /** As its digits stand in the header. */
  timestamp?: string;
  key?: KeyForm;
  algorithm?: 'sha1' | 'sha256' | 'sha512';
}

/** What is made of the secret before it is the key. */
export type KeyForm = 'whole' | 'base64-decoded' | 'without-prefix';

export interface ReceiverSetup {
  vendor: Vendor;
  /** Null for a vendor that signs nothing. */
  signing: Signing | null;
  /** Plain http is refused. */
  requiresTls?: boolean;
  requiresClientCertificate?: boolean;
  /** The addresses that may call; without it anybody may. */
  allow?: readonly string[];
  /** In what this receiver is wrong on purpose. */
  bug?: { change: (good: Manners) => Partial<Manners> };
}

/** What a receiver remembers from one request to the next; changed by each step. */
export interface Memory {
  /** What was processed: ids, and signatures that can be used once. */
  seen: SeenEvents;
  /** When the last requests came. */
  arrivals: number[];
  /** A bug has broken it for good. */
  isBroken: boolean;
}

export const makeMemory = (): Memory => ({ seen: makeSeenEvents(), arrivals: [], isBroken: false });

/** Everything that is known while one request is handled. */
export interface Context {
  request: StepRequest;
  setup: ReceiverSetup;
  memory: Memory;
  /** Null before the body was read, and when it is no JSON object. */
  payload: JsonObject | null;
}

/**
 * Handles one request as a receiver should that does everything right, or as its bug has it. What it takes from outside
 * is in its arguments; only `memory` is changed. A program error of a bug is an answer: 500.
 */
export function receiveRequest(request: StepRequest, setup: ReceiverSetup, memory: Memory): Step {
  const manners = mannersOf(setup);
  const context: Context = { request, setup, memory, payload: null };
  noteArrival(request, memory);
  try {
    return handle(context, manners);
  } catch (error) {
    manners.afterError(context);
    return { answer: { status: 500, body: error instanceof Error ? error.message : '' }, effect: null };
  }
}

const known = new WeakMap<ReceiverSetup, Manners>();

function mannersOf(setup: ReceiverSetup): Manners {
  let manners = known.get(setup);
  if (manners === undefined) known.set(setup, (manners = { ...GOOD_MANNERS, ...setup.bug?.change(GOOD_MANNERS) }));
  return manners;
}

function handle(context: Context, manners: Manners): Step {
  const refused = manners.caller(context) ?? manners.form(context) ?? manners.signature(context);
  if (refused !== null)
    return {
      answer: refused,
      effect: manners.processesRefused ? keyOf(context, readObject(context.request.body)) : null,
    };
  context.payload = manners.read(context.request.body);
  const unfit = manners.content(context);
  if (unfit !== null) return { answer: unfit, effect: null };
  const { memory } = context;
  const marks = manners.marks(context);
  if (marks.some((mark) => memory.seen.has(mark))) return { answer: manners.repeated(context), effect: null };
  manners.handle(context);
  for (const mark of marks) memory.seen.add(mark);
  return { answer: manners.success(context), effect: keyOf(context, context.payload) };
}

/** The key under which the event counts as processed. */
function keyOf({ setup, request }: Context, payload: JsonObject | null): string | null {
  return readEventKey(setup.vendor, request.headers, payload);
}

function noteArrival({ receivedAtMs }: StepRequest, { arrivals }: Memory): void {
  arrivals.push(receivedAtMs);
  if (arrivals.length > 100) arrivals.shift();
}
