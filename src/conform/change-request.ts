import type { Header } from '../model/plan.ts';
import type { EventChoice, Expectation, GoodEvent, Kit, SigningChoice, WireRequest } from './conformance-case.ts';

/** The request a vendor would send. */
export function goodRequest(
  kit: Kit,
  choice: EventChoice = {},
  signing: SigningChoice = {},
  expect: Expectation = 'accepted',
): WireRequest {
  return signedRequest(kit, kit.event(choice), expect, signing);
}

/** The event, rightly signed unless `signing` says otherwise. */
export function signedRequest(
  kit: Kit,
  event: GoodEvent,
  expect: Expectation,
  signing: SigningChoice = {},
): WireRequest {
  return withSignature(kit, event, kit.sign(event.body, signing), expect);
}

/** With this text in the signature header, or without that header. */
export function withSignature(
  { vendor }: Kit,
  { event, headers, body, key }: GoodEvent,
  signature: string | null,
  expect: Expectation,
): WireRequest {
  const name = vendor.signature.value?.header;
  return {
    event,
    method: 'POST',
    headers: name === undefined || signature === null ? headers : [...headers, [name, signature]],
    body,
    expect,
    key,
  };
}

/** With the right signature made into another text. */
export function withChangedSignature(
  kit: Kit,
  change: (signature: string) => string,
  expect: Expectation = 'refused',
): WireRequest[] {
  const event = kit.event();
  return [withSignature(kit, event, change(kit.sign(event.body) ?? ''), expect)];
}

/** The event with another body, signed. */
export function withBody(kit: Kit, change: (body: Uint8Array) => Uint8Array, expect: Expectation): WireRequest {
  const event = kit.event();
  return signedRequest(kit, { ...event, body: change(event.body) }, expect);
}

/** The value of a header replaced, or the header added. */
export function setHeader(headers: readonly Header[], name: string, value: string): Header[] {
  const lower = name.toLowerCase();
  const without = headers.filter(([other]) => other.toLowerCase() !== lower);
  return [...without, [headers.find(([other]) => other.toLowerCase() === lower)?.[0] ?? name, value]];
}

/** The hex digest in a signature header. */
export const DIGEST = /[0-9a-f]{40,}/;
