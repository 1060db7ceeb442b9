import { changeBetweenTexts } from '../model/json-tokens.ts';
import type { JsonObject } from '../model/json.ts';
import type { Header } from '../model/plan.ts';
import type {
  EventChoice,
  Expectation,
  GoodEvent,
  EventFactory,
  SignedEvent,
  SigningChoice,
  WireRequest,
} from './conformance-case.ts';

/** The request a vendor would send. */
export function goodRequest(
  factory: EventFactory,
  choice: EventChoice = {},
  signing: SigningChoice = {},
  expect: Expectation = 'accepted',
): WireRequest {
  return signedRequest(factory, factory.event(choice), expect, signing);
}

/** The event, rightly signed unless `signing` says otherwise. */
export function signedRequest(
  factory: EventFactory,
  event: GoodEvent,
  expect: Expectation,
  signing: SigningChoice = {},
): WireRequest {
  return requestOf(factory.sign(event, signing)?.whole ?? event, expect);
}

/** With this text in the place of the signature, or without any. */
export function withSignature(
  factory: EventFactory,
  event: GoodEvent,
  signature: string | null,
  expect: Expectation,
): WireRequest {
  return requestOf(factory.place(event, signature), expect);
}

export type SecretChoice = 'right' | 'another';

/** One signature of the event for each secret. */
export const signEach = (
  factory: EventFactory,
  event: GoodEvent,
  secrets: readonly SecretChoice[],
): (SignedEvent | null)[] => secrets.map((secret) => factory.sign(event, secret === 'right' ? {} : { secret }));

/** The event as it is. */
export const requestOf = (event: GoodEvent, expect: Expectation): WireRequest => ({ ...event, expect });

/** With the right signature made into another text. */
export function withChangedSignature(
  factory: EventFactory,
  change: (signature: string) => string,
  expect: Expectation = 'refused',
): WireRequest[] {
  const event = factory.event();
  const signed = factory.sign(event);
  return [withSignature(factory, signed?.bare ?? event, change(signed?.text ?? ''), expect)];
}

/** With the encoded signature changed, and what stands around it as it was. */
export function withChangedValue(
  factory: EventFactory,
  change: (value: string) => string,
  expect: Expectation = 'refused',
): WireRequest[] {
  const event = factory.event();
  const signed = factory.sign(event);
  const { bare = event, text = '', value = '' } = signed ?? {};
  return [
    withSignature(
      factory,
      bare,
      text.replace(value, () => change(value)),
      expect,
    ),
  ];
}

/** The event with another body, signed. */
export function withBody(
  factory: EventFactory,
  change: (body: Uint8Array) => Uint8Array,
  expect: Expectation,
): WireRequest {
  const event = factory.event();
  return signedRequest(factory, { ...event, body: change(event.body) }, expect, { isDamaged: true });
}

/** The value of a header replaced, or the header added. */
export function setHeader(headers: readonly Header[], name: string, value: string): Header[] {
  const lower = name.toLowerCase();
  const without = headers.filter(([other]) => other.toLowerCase() !== lower);
  return [...without, [headers.find(([other]) => other.toLowerCase() === lower)?.[0] ?? name, value]];
}

const HEX_TAIL = /[0-9a-f]{8}$/;

/** The encoded signature with another digit at this place, and of the same length. */
export function changeDigit(value: string, place: 'first' | 'middle' | 'last'): string {
  const digits = [...value];
  const { length } = value.replace(/(?:=|%3D)+$/i, '');
  const at = { first: 0, middle: Math.ceil(length / 2) - 1, last: length - 1 }[place];
  // The low bits of base64's last digit may mean nothing: these differ in a high one.
  const [one, other] = HEX_TAIL.test(value) ? ['0', '1'] : ['A', 'g'];
  return digits.with(at, digits[at] === one ? other : one).join('');
}

/** The same JSON with white space between its tokens. */
export function respace(body: Uint8Array): Uint8Array {
  const json = Buffer.from(body).toString('utf8');
  const spaced = changeBetweenTexts(json, /[{,:]/, (mark) => (mark === ':' ? ': ' : `${mark}\n  `));
  return Buffer.from(spaced, 'utf8');
}

/** With one more member at the end of the object; `value` as its bytes are to stand there. */
export function addMember(body: Uint8Array, name: string, value: string | Uint8Array): Uint8Array {
  const end = Buffer.from(body).lastIndexOf('}');
  return Buffer.concat([
    body.subarray(0, end),
    Buffer.from(`,${JSON.stringify(name)}:`),
    Buffer.from(value as Uint8Array),
    body.subarray(end),
  ]);
}

/** The first key and its value once more at the end: of a list those of the last object. */
export function repeatFirstMember(body: Uint8Array): Uint8Array {
  const value = JSON.parse(Buffer.from(body).toString('utf8')) as JsonObject | JsonObject[];
  const [first] = Object.entries((Array.isArray(value) ? value.at(-1) : value) ?? {});
  return first === undefined ? body : addMember(body, first[0], JSON.stringify(first[1]));
}

/** With one bit changed in the first letter of the text under this key: still JSON, and of the same form. */
export function flipBit(body: Uint8Array, key: string): Uint8Array {
  const changed = Buffer.from(body);
  const found = new RegExp(`"${key}"\\s*:\\s*"[^"\\\\a-zA-Z]*[a-zA-Z]`).exec(changed.toString('latin1'));
  const index = found === null ? changed.length - 2 : found.index + found[0].length - 1;
  changed[index] = (changed[index] ?? 0) ^ 1;
  return changed;
}

/** Cut between two characters, so that it is malformed as JSON alone, and not as UTF-8. */
export function firstHalf(body: Uint8Array): Uint8Array {
  let end = Math.floor(body.byteLength / 2);
  while (end > 0 && ((body[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return body.subarray(0, end);
}
