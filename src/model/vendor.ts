import type { Evidence, Fact } from './fact.ts';
import type { BatchRule, BodyFormat, JsonStyle, Method } from './body-format.ts';
import type { AnswerBody, Handshake } from './handshake.ts';
import type { Generated } from './generated.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { Signature } from './signature.ts';

/** A statement in words: a fact that no other property carries. */
export interface VendorNote extends Evidence {
  text: string;
}

/** What is known, with another certainty, of a part of a field or header; only what rests on that part is less sure. */
export interface Remark extends VendorNote {
  /**
   * `meaning`: what the value stands for, such as the zone of a time, or whether it stays the same over retries; who
   * only takes it need not know. `null`: that it may be null. `absence`: that it may be missing.
   */
  about: 'meaning' | 'null' | 'absence';
}

export type VendorId = string;

/** One field of a payload. The order of a field list is the order of the keys on the wire. */
export interface Field extends Evidence {
  name: string;
  type: 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array';
  /** What the full sample holds. Objects with `fields` and generated values need none. */
  example?: JsonValue;
  /** What the minimal sample holds; without it the example serves, unless the field is `optional`. */
  minimal?: JsonValue;
  /** May be absent: the minimal sample leaves it out, and without an example so does every sample. */
  optional?: boolean;
  /** May be null. */
  nullable?: boolean;
  /** The smallest number there can be. */
  minimum?: number;
  generated?: Generated;
  /** What is generated may be an empty text instead. */
  mayBeBlank?: true;
  /** Text that people write, in any letters: a line, or as long as a mail. */
  prose?: 'line' | 'long';
  /** All values the vendor's documentation names; a receiver should still survive another one. */
  values?: Fact<readonly JsonValue[]>;
  /** The fields of an object. Absent on an object of any keys. */
  fields?: readonly Field[];
  /** Other keys than `fields` names may stand there, with any value. */
  anyKeys?: true;
  /** The elements of an array; without an `example` a sample holds one of them. */
  items?: Omit<Field, 'name' | 'certainty'>;
  /** Name of the data-selection element (Mail-Plus) that switches this field on or off; such a field may be absent. */
  selectable?: string;
  /** What is known of it with another certainty. */
  remarks?: readonly Remark[];
}

export interface VendorEvent extends Evidence {
  name: string;
  summary: string;
  /** Off unless the customer asks for it: an endpoint may never get it. */
  optIn?: Fact<true>;
  fields: readonly Field[];
  /** Further samples by name: what differs from the full sample, as top-level values. */
  variants?: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>;
  /** Whole bodies that the vendor itself shows, word for word, by the name of their variant. */
  examples?: Readonly<Record<string, Fact<JsonObject>>>;
  /** Any of its fields may be left out. */
  partial?: Fact<true>;
  /** This event can be made from a mail: which mapping (see `plan/from-mail.ts`). */
  fromMail?: 'mailkite-message' | 'mailkite-selfhost-message' | 'mail-plus-message';
  /** Of a mail: one event for each of its recipients. */
  perRecipient?: boolean;
  /** What the full sample's one linked attachment holds, so that a link to it can be served. */
  sampleAttachment?: { filename: string; contentType: string; text: string };
  /** Dotted path of the field that identifies the event; absent where the vendor has no id in the body. */
  idField?: string;
  /** Dotted path of a field that tells events apart where the body has no id; a receiver cannot dedupe by it. */
  keyField?: string;
}

/** One header the vendor sends beside the signature: a fixed text, or a value of the event. */
export interface VendorHeader extends Evidence {
  name: string;
  value: string | { generated: Generated } | { field: string };
  /** Other values that the vendor's own examples send: a receiver takes them too. */
  alsoSent?: Fact<readonly string[]>;
  /** What is known of it with another certainty. */
  remarks?: readonly Remark[];
}

/** Waits before the second, third … attempt, in milliseconds; or the same one again and again. */
export type RetrySteps = readonly number[] | { everyMs: number; forMs: number };

/** A status, all of its class, or that there was no answer at all. */
export type RetryCondition = number | '3xx' | '4xx' | '5xx' | 'no-answer';

/** A header that tells a receiver which attempt this is. */
export interface RetryHeader extends Evidence {
  name: string;
  /** `attempt`: 1 for the first; `retry`: 0 for the first; `left`: how many may still come. */
  value: 'attempt' | 'retry' | 'left';
  /** It is not sent with the first attempt. */
  isOfRetries?: true;
}

export interface RetryLadder {
  delaysMs: Fact<RetrySteps>;
  /** Of single events, by their name; no waits: they are never sent again. */
  delaysByEvent?: Readonly<Record<string, Fact<RetrySteps>>>;
  /** After anything else the event is thrown away for good. Left out: it comes again after everything but success. */
  onlyOn?: Fact<readonly RetryCondition[]>;
  /** After these the event is thrown away for good. */
  neverOn?: Fact<readonly RetryCondition[]>;
  /** A header in the answer that keeps the vendor from coming again. */
  stopHeader?: Fact<{ name: string; value: string }>;
  attemptHeaders?: readonly RetryHeader[];
  /** After this long without success the vendor deactivates the whole webhook. */
  deactivatesAfterMs?: Fact<number>;
}

export type AckMode = 'lenient' | 'ack' | 'control';

export interface SuccessRule {
  /** `'2xx'`, or the only statuses that count. */
  statuses: '2xx' | readonly number[];
  /** What the body must be, beside the status. */
  body?: AnswerBody;
  /** How many redirects the vendor follows; left out: none, and a redirect is no success. */
  redirects?: { follow: number };
  /** The acknowledgement modes the vendor offers; the first is its default. */
  ackModes?: readonly AckMode[];
}

/** What a vendor demands of the private key of a customer's own certificate. */
export interface OwnKeyRule {
  type: 'rsa';
  encrypted: boolean;
}

/** A part of a vendor's network that has a name of its own: `us`, `sandbox`. */
export interface NamedNetwork {
  name: string;
  cidrs?: readonly string[];
  /** Its addresses are those that this name has in DNS. */
  dnsName?: string;
  /** The day of this list, where it is another one than that of the whole: lists rot. */
  asOf?: string;
}

/** How a receiver can tell that a request is the vendor's, and what the vendor asks of the receiver's TLS. */
export interface Trust {
  /** The vendor shows a client certificate; the note says how it is made. */
  clientCertificate?: Fact<true>;
  ownKey?: Fact<OwnKeyRule>;
  /** A certificate given by the customer replaces every trust store: the endpoint is trusted by it alone. */
  pinnedCertificate?: Fact<true>;
  /** The vendor's TLS library sends no certificate when the server's list of CAs does not name its issuer. */
  needsListedIssuer?: Fact<true>;
  /** It calls https URLs alone. */
  httpsOnly?: Fact<true>;
  /** Where it calls from, as CIDR. */
  networks?: Fact<readonly (string | NamedNetwork)[]>;
  /** The PTR of a calling address is a name below this one. */
  reverseDnsSuffix?: Fact<string>;
}

/**
 * A published request with its signature, which shows that a description of the signature is right. What stands in the
 * headers, the URL or the body as they are given here need not be given again.
 */
export interface VendorVector {
  name?: string;
  /** As the vendor shows it to its users: made for examples, and in use nowhere. */
  secret?: string;
  /** In place of the secret where the vendor signs with a key pair. */
  publicKey?: string;
  /** The event's id, for the header that carries it. */
  id?: string;
  /** As its text stands in the request. */
  timestamp?: string;
  /** Default: `POST`. */
  method?: string;
  url?: string;
  headers?: Readonly<Record<string, string>>;
  /** The name of the event. */
  event?: string;
  body: string;
  /** The text at the signature's place, or the value in it alone. */
  signature: string;
  source?: string;
  /** When it was looked up, as `YYYY-MM-DD`, where that is another day than the vendor's. */
  asOf?: string;
}

/** Everything hookproof knows of one vendor: data only, no functions. */
export interface Vendor {
  id: VendorId;
  title: string;
  documentation: string;
  /** Where the facts marked `pub` were seen, unless they name a source of their own. */
  publicSource?: string;
  /** When its facts were looked up, as `YYYY-MM-DD`, unless they name a day of their own. */
  asOf: string;
  events: readonly VendorEvent[];
  headers: readonly VendorHeader[];
  /** Null: the vendor signs nothing. */
  signature: Fact<Signature | null>;
  /** Sent beside it, of the same secret. */
  furtherSignatures?: Fact<readonly Signature[]>;
  /** What it asks of an endpoint beside its events. */
  handshakes?: Fact<readonly Handshake[]>;
  /** Known answers, which the description of its signatures must give. */
  vectors?: readonly VendorVector[];
  success: Fact<SuccessRule>;
  timeoutMs: Fact<number>;
  retries: RetryLadder;
  trust: Trust;
  /** How the vendor writes JSON. */
  jsonStyle: Fact<JsonStyle>;
  /** How an event becomes the body of a request. Left out: as JSON. */
  body?: Fact<BodyFormat>;
  /** Left out: several events never go in one request. */
  batch?: Fact<BatchRule>;
  /** Left out: POST, and GET where the fields stand in the URL. */
  method?: Fact<Method>;
  /** Signed attachment links (MailKite): see `sign/attachment-url.ts`. */
  attachments?: { validForMs: Fact<number> };
  /** What else a receiver should know: rules outside the request. */
  notes?: readonly VendorNote[];
  receiverMistakes?: readonly ListedMistake[];
}

/**
 * A mistake that this vendor's receivers make often. Experience, so `us` unless it says otherwise: `doc` where the
 * vendor's own sample makes the mistake.
 */
export interface ListedMistake extends Partial<Evidence> {
  /** In the catalogue `vendors/receiver-mistakes.ts`. */
  id: string;
  /** Completes "receivers fail by …"; left out where the catalogue's words will do. */
  text?: string;
}
