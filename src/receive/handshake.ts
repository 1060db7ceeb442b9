import type { Method } from '../model/body-format.ts';
import { fillJson, fillText, type Handshake } from '../model/handshake.ts';
import { queryOf } from '../model/http-url.ts';
import { tryParseJson, type JsonValue } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type { Vendor } from '../model/vendor.ts';
import { methodOf } from '../vendors/body-facts.ts';
import { readHeader } from '../vendors/event-key.ts';
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

/** Answers it as the vendor waits for; a signed one only where its signature fits. Null: it is no handshake. */
export function answerHandshake({ request, setup: { vendor, signing } }: StepContext): StepAnswer | null {
  const asked = matchHandshake(vendor, request);
  if (asked === null) return null;
  const { isSigned, forgedStatuses, answer } = asked.handshake;
  if (isSigned && signing !== null && signing.verify(request, request.receivedAtMs) !== 'valid')
    return { status: forgedStatuses?.[0] ?? 401, keepsBody: true };
  return { ...writeAnswer(answer, asked.challenge, signing), keepsBody: true };
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
  { method, query = {}, headers = {}, body }: Handshake,
  question: Question,
  eventMethod: Method,
): string | null {
  if (question.method !== method) return null;
  const asked = queryOf(question.path);
  const found: string[] = [];
  const isMatch =
    Object.entries(query).every(([name, value]) => matchText(value, asked.get(name), found)) &&
    Object.entries(headers).every(([name, value]) => matchText(value, readHeader(question.headers, name), found)) &&
    (body === undefined || matchJson(body, readJson(question.body), found));
  // One that is told by nothing but its method, which is that of events.
  const isToldByMethod = body === undefined && Object.keys({ ...query, ...headers }).length === 0;
  return isMatch && !(isToldByMethod && method === eventMethod) ? (found[0] ?? '') : null;
}

/** Questions are short: what is longer is an event, and not parsed for this. */
const MAX_BYTES = 16 * 1024;

function readJson(body: Uint8Array): JsonValue | undefined {
  return body.length > MAX_BYTES ? undefined : tryParseJson(Buffer.from(body).toString('utf8'));
}

const SLOT = '{challenge}';

function matchText(template: string, text: string | null | undefined, found: string[]): boolean {
  if (text === null || text === undefined) return false;
  const at = template.indexOf(SLOT);
  if (at === -1) return text === template;
  const [before, after] = [template.slice(0, at), template.slice(at + SLOT.length)];
  if (text.length < before.length + after.length || !text.startsWith(before) || !text.endsWith(after)) return false;
  found.push(text.slice(before.length, text.length - after.length));
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
