import type { JsonValue } from './json.ts';
import type { Encoding, KeyForm, SignatureAlgorithm } from './signature.ts';

/**
 * What a vendor sends before or beside its events, to see whether the endpoint is its customer's. In every text
 * `{challenge}` stands for one that is new each time, `{id}` for a new UUID, `{time}` for now in ISO 8601, and
 * `{callback}` for the address that the endpoint has to call.
 */
export interface Handshake {
  /** `url-verification` */
  id: string;
  /** What holds when it passes: `the challenge that a new URL gets is answered`. */
  title: string;
  /** When the vendor sends it: as a webhook is made or changed, or again and again. */
  when: 'create' | 'update' | 'periodic';
  method: 'POST' | 'GET' | 'HEAD';
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  /** JSON. */
  body?: JsonValue;
  /** The part of the body that it is told by. Default: all of it. */
  toldBy?: JsonValue;
  /** As events are. */
  isSigned?: true;
  answer: HandshakeAnswer;
  /** With a signature that does not fit, the vendor wants one of these statuses (Xero: 401). */
  forgedStatuses?: readonly number[];
  /** The endpoint must call an address that stands in the body. */
  callback?: HandshakeCallback;
}

/** An address that the endpoint calls by GET, to show that it got the message and wants the events. */
export interface HandshakeCallback {
  /** Where in the body it stands: a dotted path. */
  field: string;
  /** The hosts where the vendor's own addresses lie, by https alone; `*` stands for one label of a name. */
  hosts: readonly [string, ...string[]];
  /** Dotted path of what tells one sender of the vendor's from another: a receiver knows its own. */
  account?: string;
}

/** Whether the endpoint may call it: by https, on the usual port, and one of the hosts as a whole. */
export function isVendorsAddress(text: string, { hosts }: Pick<HandshakeCallback, 'hosts'>): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, port, username, password } = new URL(text);
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false;
  const labels = hostname.split('.');
  return hosts.some((pattern) => {
    const wanted = pattern.split('.');
    return (
      wanted.length === labels.length &&
      wanted.every((one, index) => (one === '*' ? labels[index] !== '' : one === labels[index]))
    );
  });
}

export interface HandshakeAnswer {
  statuses: '2xx' | readonly number[];
  /** Any one of them will do. Left out: anything. */
  bodies?: readonly AnswerBody[];
  /** A header that must come back. */
  header?: { name: string; value: string };
  /** What `{v}` stands for in those texts: the challenge, signed with the secret. */
  proof?: ChallengeProof;
}

/** A whole text, white space around it apart, or the members that a JSON object must have. */
export type AnswerBody = { text: string } | { json: Readonly<Record<string, string>> };

/** Whether the body of an answer is the one that is waited for. */
export function matchesBody(expected: AnswerBody, text: string): boolean {
  if ('text' in expected) return text.trim() === expected.text;
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(expected.json).every(
      ([name, member]) => Object.hasOwn(value, name) && (value as Record<string, unknown>)[name] === member,
    );
  } catch {
    return false;
  }
}

/** As a person reads it. */
export const writeBody = (body: AnswerBody): string => ('text' in body ? body.text : JSON.stringify(body.json));

export interface ChallengeProof {
  algorithm: SignatureAlgorithm;
  /** Default: `hex`. */
  encoding?: readonly Encoding[];
  /** Default: the secret's UTF-8 bytes. */
  key?: KeyForm;
}

/** What stands for a value that is not known before. */
export const SLOT = /\{(challenge|v|id|time|callback)\}/;
const SLOTS = new RegExp(SLOT, 'g');

/** Puts the values in the places of a text: `{challenge}`, `{v}`. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(SLOTS, (slot, name: string) => values[name] ?? slot);
}

/** The same in every text of a JSON value. */
export function fillJson(value: JsonValue, values: Readonly<Record<string, string>>): JsonValue {
  if (typeof value === 'string') return fillText(value, values);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => fillJson(one, values));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillJson(one, values)]));
}
