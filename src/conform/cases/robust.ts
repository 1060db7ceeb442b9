import { addField, addManyFields, repeatField } from '../change-body.ts';
import { goodRequest, setHeader, withBody } from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';
import { NO_ROOM, withElement } from './accept-batch.ts';

const DEPTH = 10_000;
const KEYS = 10_000;
const HEADER_BYTES = 16 * 1024;
const RFC_8259 = 'https://www.rfc-editor.org/rfc/rfc8259';

const ROBUST_CASE = {
  sender: 'secret-holder',
  restsOn: [],
  reference: `${RFC_8259}#section-9`,
} as const;

/** Nothing may break the receiver: no 5xx, and it accepts a good request afterwards. */
export const ROBUST_CASES: readonly CaseTemplate[] = [
  {
    ...ROBUST_CASE,
    id: 'deep-nesting',
    title: `survives JSON ${DEPTH} levels deep`,
    appliesTo: 'json-body',
    change: (factory) => survives(factory, withMember('['.repeat(DEPTH) + ']'.repeat(DEPTH))),
    mistake: 'a recursive parser runs out of stack, and nothing catches it',
    fix: 'catch parser errors and answer 400; limit the depth',
  },
  {
    ...ROBUST_CASE,
    id: 'many-keys',
    title: `survives an object of ${KEYS} keys`,
    appliesTo: 'structured-body',
    change: (factory) => survives(factory, (good) => withBody(good, addManyFields(good.vendor, KEYS), 'survived')),
    mistake: 'a limit on fields throws, and nothing catches it',
    fix: 'answer 400 if there are too many, or ignore unknown fields',
  },
  {
    ...ROBUST_CASE,
    id: 'huge-numbers',
    title: 'survives numbers beyond 64 bits',
    appliesTo: 'json-body',
    change: (factory) => survives(factory, withMember(`[1e400,-1e400,${'9'.repeat(400)},1e-400]`)),
    mistake: 'a number overflows, and nothing catches it',
    fix: 'read numbers leniently; answer 400 if they are out of range',
  },
  {
    ...ROBUST_CASE,
    id: 'duplicate-keys',
    title: 'survives duplicate keys',
    appliesTo: 'structured-body',
    change: (factory) => survives(factory, (good) => withBody(good, repeatField(good.vendor), 'survived')),
    mistake: 'a strict parser throws, and nothing catches it',
    fix: 'answer 400, or take the last value as most parsers do',
    reference: `${RFC_8259}#section-4`,
  },
  {
    ...ROBUST_CASE,
    id: 'invalid-utf8',
    title: 'survives a body that is not UTF-8',
    appliesTo: 'structured-body',
    change: (factory) => survives(factory, withMember(Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22]))),
    mistake: 'decoding throws, and nothing catches it',
    fix: 'catch decoding errors and answer 400',
  },
  {
    ...ROBUST_CASE,
    id: 'batch-odd-element',
    title: 'survives a non-object among several events',
    appliesTo: 'batches',
    change: (factory) => withElement(factory, 'null', 'survived').flatMap((odd) => survives(factory, () => odd)),
    mistake: 'the non-object is treated as an event, and nothing catches it',
    fix: 'answer 400, or skip what is not an event',
    emptyBecause: NO_ROOM,
  },
  {
    ...ROBUST_CASE,
    id: 'large-header',
    title: `survives a header of ${HEADER_BYTES / 1024} KiB`,
    change: (factory) => survives(factory, withLargeHeader),
    mistake: 'the server fails instead of answering 431 or 400',
    fix: 'limit the size of headers, and answer 431',
    reference: 'https://www.rfc-editor.org/rfc/rfc6585#section-5',
  },
];

/** Something odd, rightly signed; then the endpoint must still accept a good request. */
function survives(factory: EventFactory, odd: (factory: EventFactory) => WireRequest): WireRequest[] {
  return [{ ...odd(factory), key: null }, goodRequest(factory)];
}

function withMember(value: string | Uint8Array): (factory: EventFactory) => WireRequest {
  return (factory) => withBody(factory, addField(factory.vendor, 'hookproof', value), 'survived');
}

function withLargeHeader(factory: EventFactory): WireRequest {
  const request = goodRequest(factory, {}, {}, 'survived');
  return { ...request, headers: setHeader(request.headers, 'X-Padding', 'x'.repeat(HEADER_BYTES)) };
}
