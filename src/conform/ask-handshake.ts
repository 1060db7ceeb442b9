import { fillJson, fillText, type Handshake } from '../model/handshake.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import { readScalar } from '../vendors/event-key.ts';
import { setHeader } from './change-request.ts';
import type { EventFactory, GoodEvent } from './conformance-case.ts';

const CHALLENGE_LENGTH = 13;

/** A question of the vendor's, not signed yet. */
export interface AskedQuestion {
  event: GoodEvent;
  challenge: string;
}

export interface QuestionChoice {
  /** The address that the endpoint is to call. */
  callback?: string;
  /** Members of the body that differ. */
  values?: JsonObject;
}

/** Asks what the vendor asks, with a new challenge. */
export function askHandshake(
  { id, method, query = {}, headers = {}, body: listed }: Handshake,
  factory: EventFactory,
  { callback = '', values = {} }: QuestionChoice = {},
): AskedQuestion {
  // Longer ones look like secrets, and are taken out of what is kept of an answer.
  const challenge = factory.newId().slice(0, CHALLENGE_LENGTH);
  const slots = { challenge, callback, id: factory.newId(), time: factory.now() };
  const { url: called, headers: usual } = factory.event();
  const url = new URL(called);
  for (const [name, value] of Object.entries(query)) url.searchParams.append(name, fillText(value, slots));
  // The factory's vendor may name other addresses in it.
  const body = factory.vendor.handshakes?.value.find((one) => one.id === id)?.body ?? listed;
  const hasBody = method === 'POST' && body !== undefined;
  const filled = hasBody ? fillJson(body, slots) : null;
  const sent = isObject(filled) ? { ...filled, ...values } : filled;
  const own = usual.filter(([name]) => hasBody || name.toLowerCase() !== 'content-type');
  const repeating = isObject(sent) ? repeatBody(own, sent, factory) : own;
  const all = Object.entries(headers).reduce<readonly Header[]>(
    (list, [name, value]) => setHeader(list, name, fillText(value, slots)),
    repeating,
  );
  const bytes = sent === null ? new Uint8Array() : Buffer.from(JSON.stringify(sent), 'utf8');
  return { challenge, event: { event: id, url, method, headers: all, body: bytes, key: null } };
}

/** Headers that repeat a field of an event repeat this body's. */
function repeatBody(headers: readonly Header[], body: JsonObject, { vendor }: EventFactory): readonly Header[] {
  return vendor.headers.reduce<readonly Header[]>((list, { name, value }) => {
    const repeated = typeof value === 'object' && 'field' in value ? readScalar(body, value.field) : null;
    return repeated === null ? list : setHeader(list, name, repeated);
  }, headers);
}
