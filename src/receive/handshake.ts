import type { Method } from '../model/body-format.ts';
import {
  fillJson,
  fillText,
  isVendorsAddress,
  SLOT,
  type Handshake,
  type HandshakeCallback,
} from '../model/handshake.ts';
import { queryOf } from '../model/http-url.ts';
import { tryParseJson, type JsonValue } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { methodOf } from '../vendors/body-facts.ts';
import { readHeader, readObject, readScalar } from '../vendors/event-key.ts';
import type { Signing, StepAnswer, StepContext } from './receiver-behaviour.ts';

/** A question of the vendor's, and the challenge in it; empty where it carries none. */
export interface AskedHandshake {
  handshake: Handshake;
  challenge: string;
}

interface Question {
  method: string;
  /** Path and query. */
  path: string;
  headers: readonly Header[];
  body: Uint8Array;
}

/** The handshake that this request is, or null for an event. */
export function matchHandshake(vendor: Vendor, question: Question): AskedHandshake | null {
  for (const handshake of vendor.handshakes?.value ?? []) {
    const challenge = matchOne(handshake, question, methodOf(vendor));
    if (challenge !== null) return { handshake, challenge };
  }
  return null;
}

/** How a receiver decides over a question. A bug replaces some of it. */
export interface HandshakeRules {
  match: (vendor: Vendor, question: Question) => AskedHandshake | null;
  /** Whether its signature fits. */
  isGenuine: (context: StepContext, asked: Handshake) => boolean;
  /** Whether this address may be called. */
  mayCall: (address: string, callback: HandshakeCallback, context: StepContext) => boolean;
}

const RIGHT_RULES: HandshakeRules = {
  match: matchHandshake,
  isGenuine: ({ request, setup: { signing } }) => signing?.verify(request, request.receivedAtMs) === 'valid',
  mayCall: (address, callback, { request, setup }) =>
    (isVendorsAddress(address, callback) || isAtOrigin(address, setup.callbackOrigin)) &&
    (setup.account === undefined || readScalar(readObject(request.body), callback.account ?? '') === setup.account),
};

const isAtOrigin = (address: string, origin: string | undefined): boolean =>
  URL.canParse(address) && new URL(address).origin === origin && new URL(address).username === '';

/** Answers it as the vendor waits for; a signed one only where its signature fits. Null: it is no handshake. */
export function answerHandshake(context: StepContext, changed: Partial<HandshakeRules> = {}): StepAnswer | null {
  const { vendor, signing } = context.setup;
  const rules = { ...RIGHT_RULES, ...changed };
  const asked = rules.match(vendor, context.request);
  if (asked === null) return null;
  const { isSigned, forgedStatuses, answer, callback } = asked.handshake;
  const isGenuine = rules.isGenuine(context, asked.handshake);
  if (isSigned && signing !== null && !isGenuine) return { status: forgedStatuses?.[0] ?? 401, keepsBody: true };
  const written = { ...writeAnswer(answer, asked.challenge, signing), keepsBody: true } as const;
  // What nobody has verified may come from anybody: it is answered as ever, and nothing is called.
  if (callback === undefined || (isSigned && !isGenuine)) return written;
  const address = readScalar(readObject(context.request.body), callback.field);
  if (address === null || !rules.mayCall(address, callback, context))
    return { status: 403, body: "the address is not one of the vendor's", keepsBody: true };
  return { ...written, calls: address };
}

function writeAnswer(
  { statuses, bodies, header, proof }: Handshake['answer'],
  challenge: string,
  signing: Signing | null,
): StepAnswer {
  const values = { challenge, ...(proof === undefined ? {} : { v: signing?.prove(proof, challenge) ?? '' }) };
  const [body] = bodies ?? [];
  const headers: Header[] = header === undefined ? [] : [[header.name, fillText(header.value, values)]];
  const status = statuses === '2xx' ? 200 : (statuses[0] ?? 200);
  if (body === undefined) return { status, headers };
  if ('text' in body)
    return { status, headers: [...headers, ['content-type', 'text/plain']], body: fillText(body.text, values) };
  const json = JSON.stringify(fillJson(body.json, values));
  return { status, headers: [...headers, ['content-type', 'application/json']], body: json };
}

/** The challenge; null where the request is another one. */
function matchOne(
  { method, query = {}, headers = {}, body, toldBy = body }: Handshake,
  question: Question,
  eventMethod: Method,
): string | null {
  if (question.method !== method) return null;
  const asked = queryOf(question.path);
  const found: string[] = [];
  const isMatch =
    Object.entries(query).every(([name, value]) => matchText(value, asked.get(name), found)) &&
    Object.entries(headers).every(([name, value]) => matchText(value, readHeader(question.headers, name), found)) &&
    (toldBy === undefined || matchJson(toldBy, readJson(question.body), found));
  // One that is told by nothing but its method, which is that of events.
  const isToldByMethod = toldBy === undefined && Object.keys({ ...query, ...headers }).length === 0;
  return isMatch && !(isToldByMethod && method === eventMethod) ? (found[0] ?? '') : null;
}

/** Questions are short: what is longer is an event, and not parsed for this. */
const MAX_BYTES = 16 * 1024;

function readJson(body: Uint8Array): JsonValue | undefined {
  return body.length > MAX_BYTES ? undefined : tryParseJson(Buffer.from(body).toString('utf8'));
}

function matchText(template: string, text: string | null | undefined, found: string[]): boolean {
  if (text === null || text === undefined) return false;
  const slot = SLOT.exec(template);
  if (slot === null) return text === template;
  const [before, after] = [template.slice(0, slot.index), template.slice(slot.index + slot[0].length)];
  if (text.length < before.length + after.length || !text.startsWith(before) || !text.endsWith(after)) return false;
  if (slot[1] === 'challenge') found.push(text.slice(before.length, text.length - after.length));
  return true;
}

/** Other members may stand beside those of the template; of a list there are as many elements. */
function matchJson(template: JsonValue, value: JsonValue | undefined, found: string[]): boolean {
  if (typeof template === 'string') return typeof value === 'string' && matchText(template, value, found);
  if (typeof template !== 'object' || template === null) return template === value;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(template))
    return (
      Array.isArray(value) &&
      value.length === template.length &&
      template.every((one, index) => matchJson(one, value[index], found))
    );
  const isEmpty = Object.keys(template).length === 0;
  if (Array.isArray(value) || (isEmpty && Object.keys(value).length > 0)) return false;
  return Object.entries(template).every(([key, one]) => Object.hasOwn(value, key) && matchJson(one, value[key], found));
}
