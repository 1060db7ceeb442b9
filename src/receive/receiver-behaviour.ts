import type { ChallengeProof } from '../model/handshake.ts';
import type { JsonObject } from '../model/json.ts';
import type { KeyMistake } from '../model/receiver-mistake.ts';
import type { MessagePart } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import type { Answer, ReceivedRequest } from './received-request.ts';
import type { SeenEvents } from './seen-events.ts';

/** How a receiver treats a request, in the order of the steps. A bug replaces some of them. */
export interface ReceiverBehaviour {
  /** Who calls: TLS, client certificate, address. */
  caller: BehaviourStep;
  /** Ends the request where it is no event but a question of the vendor's. */
  handshake: BehaviourStep;
  /** Method, content type. */
  form: BehaviourStep;
  signature: BehaviourStep;
  /** The effect takes place although the request is refused. */
  processesRefused: boolean;
  /** The events of the request; null: none can be read. May throw. */
  read: (context: StepContext) => readonly JsonObject[] | null;
  /** What the body says must fit the headers and the time. This and what follows is asked of each event. */
  content: BehaviourStep;
  /** By what the event is recognised when it comes a second time. */
  marks: (context: StepContext) => string[];
  /** The answer to a request whose events were all processed before. */
  repeated: (context: StepContext) => StepAnswer;
  /** Processes the event. May throw. */
  handle: (context: StepContext) => void;
  success: (context: StepContext) => StepAnswer;
  /** After a step has thrown. */
  afterError: (context: StepContext) => void;
}

/** A check that ends the request with its answer, or lets it pass with null. */
export type BehaviourStep = (context: StepContext) => StepAnswer | null;

/** The steps that a bug puts in place of the correct ones, which it may use. An error it throws carries the mistake. */
export type BehaviourChange = (correct: ReceiverBehaviour, mistake: string) => Partial<ReceiverBehaviour>;

/** A request, and what the server knows of the connection it came over. */
export interface StepRequest extends ReceivedRequest {
  /** Milliseconds since the epoch. */
  receivedAtMs: number;
  isSecure: boolean;
  hasClientCertificate: boolean;
  /** 1 for the first request of a connection. */
  nthOnConnection: number;
  /** The text of a public key or certificate, as an answer asked to have it fetched; null: there is none. */
  fetchedKey?: string | null;
}

export interface StepAnswer extends Answer {
  /** Its body is one that the vendor waits for: it is sent whatever acknowledgements are asked for. */
  keepsBody?: true;
  /** An address that the receiver calls beside answering. */
  calls?: string;
  /** An address whose public key is needed first: with that in it the request is to be handled again. */
  fetchesKey?: string;
  /** How long to wait before answering. */
  delayMs?: number;
}

/** Everything that is known while one request is handled. */
export interface StepContext {
  request: StepRequest;
  setup: ReceiverSetup;
  memory: ReceiverMemory;
  /** The event that is looked at. Null before the body was read, and when it holds none. */
  payload: JsonObject | null;
  /** Which of the request's events that is, from 0. */
  position: number;
}

export interface ReceiverSetup {
  vendor: Vendor;
  /** Null for a vendor that signs nothing. */
  signing: Signing | null;
  /** Plain http is refused. */
  requiresTls?: boolean;
  requiresClientCertificate?: boolean;
  /** The addresses that may call; without it anybody may. */
  allow?: readonly string[];
  /** Addresses of this origin are called, too, where the vendor asks for a call. */
  callbackOrigin?: string;
  /** The one account of the vendor's that is its own; without it any may ask for a call. */
  account?: string;
  /** What this receiver does wrong on purpose. */
  bug?: { change: (correct: ReceiverBehaviour) => Partial<ReceiverBehaviour> };
}

/** What a receiver remembers from one request to the next; changed by each step. */
export interface ReceiverMemory {
  /** What was processed: ids, and signatures that can be used once. */
  seen: SeenEvents;
  /** When the last requests came. */
  arrivals: number[];
  /** A bug has broken it for good. */
  isBroken: boolean;
}

/** How the request's signature is judged: put in from outside, for signing is not this room's. */
export interface Signing {
  verify(request: SignedRequestParts, nowMs: number): 'valid' | 'stale' | 'forged' | 'missing';
  /** The text where the signature stands; undefined without one. */
  textOf(request: SignedRequestParts): string | undefined;
  /** The challenge of a handshake, signed. */
  prove(proof: ChallengeProof, challenge: string): string;
  /**
   * The encoded signature the vendor would make; null where the request lacks what is signed, or nobody but the vendor
   * can compute it. The options are for receivers that get it wrong.
   */
  compute(request: SignedRequestParts, options?: ComputeOptions): string | null;
  /** Whether this encoded signature is the request's. */
  fits(request: SignedRequestParts, value: string, options?: ComputeOptions): boolean;
  /**
   * What stands where the vendor writes its signature, each time it stands there, and however little of it fits.
   * `ignoresScheme`: signatures of every scheme are taken for the vendor's.
   */
  read(request: SignedRequestParts, ignoresScheme?: boolean): ReadSignature[];
  /** Milliseconds of a time as its text stands in the request, in the vendor's unit; null for a text that is none. */
  readTime(text: string): number | null;
}

/** One text in the place of the signature. */
export interface ReadSignature {
  text: string;
  /** The encoded signatures in it. */
  values: readonly string[];
  /** The times in it, or where else the vendor writes the time. */
  times: readonly string[];
}

/** What a signature may be made of. */
export type SignedRequestParts = Pick<StepRequest, 'method' | 'path' | 'headers' | 'body' | 'isSecure'>;

export interface ComputeOptions {
  /** As its digits stand in the request. */
  timestamp?: string;
  key?: KeyMistake;
  /** In the place of the vendor's. */
  publicKey?: string;
  hash?: 'sha1' | 'sha256' | 'sha512';
  /** In which of them it is written, instead of the vendor's. */
  encoding?: 'hex' | 'base64';
  /** Of which parts, instead of the vendor's. */
  message?: readonly MessagePart[];
  /** What the vendor adds to the URL is not compared with the request: not at all, or not where it is missing. */
  ignoresAddedQuery?: 'always' | 'missing';
  /** The URL is taken for another, made from the one that was called. */
  url?: (called: string) => string;
}
