import type { Attempt } from '../model/attempt.ts';
import type { ClaimedCertificate } from '../model/certificate-claim.ts';
import type { AnswerBody, ChallengeProof } from '../model/handshake.ts';
import type { Header } from '../model/plan.ts';
import type { KeyMistake, VendorTrait } from '../model/receiver-mistake.ts';
import type { MessagePart } from '../model/signature.ts';
import type { Vendor } from '../model/vendor.ts';
import type { FactReader } from '../vendors/decisive-facts.ts';
import type { CaseVerdict } from './case-verdict.ts';

/**
 * `accept`: what the vendor sends must be accepted; `refuse`: what it does not send must not; `robust`: nothing may
 * break the receiver.
 */
export type Group = 'accept' | 'refuse' | 'robust';

/**
 * `must`: events are lost, or unauthorised callers get in; `should`: it will hurt some day, or a matter of taste, or
 * rests on what nobody documents. Computed in `severity.ts`.
 */
export type Severity = 'must' | 'should';

/**
 * Who could send the requests of a case: the vendor; anyone, the secret not needed (a forgery, a capture sent again, a
 * claim); or only who can sign, which is anyone where the vendor signs nothing.
 */
export type Sender = 'vendor' | 'anyone' | 'secret-holder';

/**
 * What should become of one request:
 * - `accepted`: the vendor's success, and one effect · `tolerated`: success, whatever the effect
 * - `repeated`: success, and no effect beside that of the first
 * - `refused`: a 4xx and no effect · `refused-4xx`: the same, and a 5xx is a failure, not a warning
 * - `no-effect`: any answer but a 5xx, and no effect · `either`: any answer but a 5xx · `whatever`: any answer
 * - `survived`: any answer but a 5xx, and the body may be accepted or not
 * - `answered`: as the request's `answer` says, whatever the vendor counts as success of an event
 * - `called-back`: the same, and the address in it is called · `not-called`: any answer but a 5xx, and it is not
 * - `same`: as the other requests of the case that are marked so · `shut-out`: not admitted; no answer will do, too
 */
export type Expectation =
  | 'accepted'
  | 'tolerated'
  | 'repeated'
  | 'refused'
  | 'refused-4xx'
  | 'no-effect'
  | 'either'
  | 'whatever'
  | 'survived'
  | 'answered'
  | 'called-back'
  | 'not-called'
  | 'same'
  | 'shut-out';

/**
 * How a request travels, where that is not as usual: on a connection of its own, with the client certificate there is.
 */
export type RequestRoute = 'expect-continue' | 'reused-connection' | 'without-certificate' | 'plain-http';

/** One request as it goes on the wire, and what should become of it. */
export interface WireRequest {
  /** The name of the vendor's event that it was made from. */
  event: string;
  url: URL;
  method: string;
  headers: readonly Header[];
  body: Uint8Array;
  expect: Expectation;
  /** Of a handshake: what must come back. */
  answer?: ExpectedAnswer;
  /** The address in it that the endpoint is to call, or must not. */
  callback?: CallbackAddress;
  /** Under which the event counts among the effects; null when it cannot be recognised there. */
  key: string | null;
  /** The keys of further events in the same request. */
  moreKeys?: readonly string[];
  route?: RequestRoute;
  /** What distinguishes it from the other requests of its case. */
  label?: string;
  /** How old its event is, in milliseconds, where the case looks for the age up to which events are taken. */
  ageMs?: number;
}

/** The answer to a handshake, its challenge filled in. Null: anything will do. */
export interface ExpectedAnswer {
  statuses: '2xx' | readonly number[];
  bodies: readonly AnswerBody[] | null;
  header: { name: string; value: string } | null;
}

/** An address of ours, new for each request, and whether anybody called it. */
export interface CallbackAddress {
  url: string;
  /** The user says that the endpoint takes its host for one of the vendor's: asked rightly, it must call it. */
  isTrusted: boolean;
  isCalled(): boolean;
  /** Waits until it is called, and no longer than this many milliseconds. */
  settle(maxMs: number): Promise<void>;
}

/** An event of its own: nothing else in the run has its ids. Unsigned. */
export interface GoodEvent {
  /** The vendor's name for it. */
  event: string;
  url: URL;
  method: string;
  headers: readonly Header[];
  body: Uint8Array;
  key: string | null;
  moreKeys?: readonly string[];
}

/** An event and the signature that belongs to it. */
export interface SignedEvent {
  /** As the vendor sends it. */
  whole: GoodEvent;
  /** With the time beside the signature where the vendor writes one there, and without any signature. */
  bare: GoodEvent;
  /** The text at the signature's place. */
  text: string;
  /** The encoded signature in that text. */
  value: string;
  /** It is what the vendor would send all the same: the mistake comes to nothing. */
  isRight(): boolean;
  /** The text with other values in it: more than one where a request may carry several signatures. */
  textWith(values: string | readonly string[]): string;
}

export interface EventChoice {
  /** Default: the vendor's first. */
  event?: string;
  sample?: 'full' | 'minimal';
  variant?: string;
  /** Values of fields by dotted path, as `--set` reads them. */
  values?: Readonly<Record<string, string>>;
  jsonStyle?: 'php';
  /** The names of further events in the same request, of a vendor that sends batches. */
  more?: readonly string[];
  /** How long ago it happened, in milliseconds. */
  agoMs?: number;
}

export interface SigningChoice {
  secret?: 'another' | KeyMistake;
  /** How long ago it was signed, in milliseconds; negative is the future. */
  agoMs?: number;
  /** Of the time in the header, instead of the vendor's. */
  unit?: 's' | 'ms';
  hash?: 'sha1' | 'sha512';
  /** In which the signature is written, instead of the vendor's encoding. */
  encoding?: 'hex' | 'base64';
  /** Signed as if another URL were called, made from the one that is. */
  url?: (called: string) => string;
  /** Signed of these parts, instead of the vendor's; a signature beside the primary one stays as it is. */
  message?: readonly MessagePart[];
  /** Called and signed without what the vendor adds to the URL. */
  withoutAddedQuery?: true;
  /** Something that is signed may be missing in what the case made of the event: it then goes unsigned. */
  isDamaged?: true;
}

/** What cases are made from. Put in from outside: planning and signing are not this room's. */
export interface EventFactory {
  vendor: Vendor;
  event(choice?: EventChoice): GoodEvent;
  /** Null for a vendor that signs nothing. */
  sign(event: GoodEvent, how?: SigningChoice): SignedEvent | null;
  /** The event with this text where the signature stands, and no other signature; null: with none. */
  place(event: GoodEvent, text: string | null): GoodEvent;
  /** A text signed with the secret as a handshake asks for it; null without a secret. */
  prove(proof: ChallengeProof, text: string): string | null;
  /** A new value for the header that carries the event's id. */
  newId(): string;
  /** The time as a text, in ISO 8601 with milliseconds. */
  now(): string;
  /**
   * An address for a question that wants it called; null where the endpoint could reach none. `foreign`: not on the
   * host that it trusts, where there is one.
   */
  callback(host: 'trusted' | 'foreign'): CallbackAddress | null;
  /** Where a certificate lies whose key signs as another secret does; null where none is served. */
  foreignKeyUrl: string | null;
  /** What a proxy would tell of the client certificate at hand; null where none can be read. */
  claimedCertificate: ClaimedCertificate | null;
}

/** A request that went out, and what came of it. */
export interface SentRequest {
  /** The id of its case. */
  of: string;
  request: WireRequest;
  attempt: Attempt;
}

/** What decides which cases apply. */
export interface Setting {
  vendor: Vendor;
  /** The endpoint is an https one. */
  isSecure: boolean;
  /** A client certificate is at hand. */
  hasClientCertificate: boolean;
  /** The secret begins as the vendor's own do: without that, cutting the prefix off changes nothing. */
  hasSecretPrefix: boolean;
  /** Receivers fetch the vendor's key, and one of ours can be served where the endpoint reaches it. */
  servesForeignKey: boolean;
  /** An address of ours can be served where the endpoint reaches it. */
  servesCallback: boolean;
}

/** One case of the suite. */
export interface ConformanceCase {
  id: string;
  group: Group;
  /** What holds when it passes. */
  title: string;
  severity: Severity;
  /** The facts it rests on that nobody documents, in words: with one of them it is no `must`. */
  assumptions: readonly string[];
  /** The requests, made from good ones. */
  change: (factory: EventFactory) => WireRequest[];
  /** What no endpoint can be blamed for, in words: nothing is sent, and it is told. */
  told?: string;
  /** Why there may be nothing to send, in words, where `change` makes no request. */
  emptyBecause?: string;
  /** It sends nothing of its own: it judges the good requests of all cases that were tried. */
  ofRun?: (good: readonly SentRequest[], vendor: Vendor) => CaseVerdict;
  /** Just what the vendor sends, with nothing changed. */
  isSample?: boolean;
  /** All requests at once, instead of one after the other. */
  isBurst?: boolean;
  /** Its body is of megabytes. */
  isLarge?: boolean;
  /** An answer that takes longer is a warning. */
  slowAboveMs?: number;
  /** What receivers that fail it usually do. */
  mistake: string;
  fix: string;
  reference: string | null;
}

/** A text of a case, or how it reads for one vendor. */
export type CaseText = string | ((vendor: Vendor) => string);

export const textFor = (text: CaseText, vendor: Vendor): string => (typeof text === 'string' ? text : text(vendor));

/** A case before it is known for whom: data, but for `change` and texts that depend on the vendor. */
export interface CaseTemplate extends Omit<
  ConformanceCase,
  'severity' | 'assumptions' | 'reference' | 'group' | 'title' | 'mistake' | 'fix' | 'told'
> {
  title: CaseText;
  mistake: CaseText;
  fix: CaseText;
  told?: CaseText;
  sender: Sender;
  /**
   * The facts that, if they were otherwise, would make the expected answer wrong. None: a standard decides, or a
   * forgery.
   */
  restsOn: readonly FactReader[];
  /** Good practice beyond what the vendor asks: never more than a warning. */
  isAdvice?: true;
  /** The vendors with all of these traits. Left out: everybody. */
  appliesTo?: VendorTrait | readonly VendorTrait[];
  /** What the setting must offer. */
  needs?: readonly Exclude<keyof Setting, 'vendor'>[];
  /** Default: the vendor's documentation. */
  reference?: string;
}
