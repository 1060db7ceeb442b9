import type { Vendor } from '../model/vendor.ts';
import { addMember, respace } from './change-body.ts';
import { goodRequest, setHeader, signedRequest, withBody } from './change-request.ts';
import type { CaseTemplate, Kit, WireRequest } from './conformance-case.ts';
import {
  eventFieldOf,
  eventHeaderOf,
  ladderMs,
  listedFields,
  longField,
  nullableFields,
  proseFields,
  toleranceMs,
} from '../vendors/facts.ts';
import { ofIds, ofLongText, ofTimed } from './vendor-facts.ts';

const MIB = 1024 * 1024;
const BURST = 20;
const SLOW_MS = 2000;
/** Emoji of one and of several code points, right to left, a combining accent, a character beyond the basic plane. */
const ODD_TEXT = 'Zoë 🎉 👩‍👩‍👧 שלום مرحبا e\u0301 𝒳 \u202eabc\u202c "quoted" \\ back / slash';

const RFC_9110 = 'https://www.rfc-editor.org/rfc/rfc9110';
const RFC_9112 = 'https://www.rfc-editor.org/rfc/rfc9112';
const RFC_8259 = 'https://www.rfc-editor.org/rfc/rfc8259';

/** One case for each sample of each event. */
export function eventCases({ events }: Vendor): CaseTemplate[] {
  return events.flatMap(({ name, variants }) => [
    eventCase(
      `event-full-${name}`,
      `${name}, every field filled, is taken`,
      (kit) => [goodRequest(kit, { event: name })],
      'the event is not handled, or a rule is stricter than the vendor',
      'take the event as the vendor sends it: webhook sample prints its body',
    ),
    eventCase(
      `event-minimal-${name}`,
      `${name}, blank, null or missing what may be, is taken`,
      (kit) => [goodRequest(kit, { event: name, sample: 'minimal' })],
      'a field is expected that may be blank, null or missing',
      'treat every field but the ids as optional: webhook events says which may be null',
    ),
    ...Object.keys(variants ?? {}).map((variant) =>
      eventCase(
        `event-${variant}-${name}`,
        `${name} in its variant ${variant} is taken`,
        (kit) => [goodRequest(kit, { event: name, variant })],
        'a documented value or form is not handled',
        `handle it: webhook sample --variant ${variant} prints its body`,
      ),
    ),
  ]);
}

function eventCase(
  id: string,
  title: string,
  change: CaseTemplate['change'],
  mistake: string,
  fix: string,
): CaseTemplate {
  return { id, title, severity: 'must', isSample: true, change, mistake, fix };
}

/** What the vendor sends, or may send, must be taken. */
export const ACCEPT_CASES: readonly CaseTemplate[] = [
  {
    id: 'unknown-value',
    title: 'a value that the documentation does not name is taken',
    severity: 'must',
    applies: ({ vendor }) => listedFields(vendor) !== null,
    change: (kit) => [withUnknownValues(kit)],
    mistake: 'a strict enum throws on a value it does not know',
    fix: 'keep an unknown value as it is, and answer success: a 5xx is retried until the vendor gives up',
  },
  {
    id: 'null-fields',
    title: 'null is taken wherever it may stand, in lists too',
    severity: 'must',
    applies: ({ vendor }) => vendor.events.some((event) => nullableFields(event).length > 0),
    change: (kit) =>
      kit.vendor.events
        .filter((event) => nullableFields(event).length > 0)
        .map((event) => ({
          ...goodRequest(kit, {
            event: event.name,
            values: Object.fromEntries(nullableFields(event).map((path) => [path, 'null'])),
          }),
          label: event.name,
        })),
    mistake: 'a method of a text is called on null: an attachment without a name, a mail without a subject',
    fix: 'treat every field that webhook events calls nullable as one that may be null',
  },
  {
    id: 'unknown-field',
    title: 'a field the vendor may add one day does no harm',
    severity: 'must',
    change: (kit) => [withBody(kit, (body) => addMember(body, 'hookproof_added', '{"a":[1,null]}'), 'accepted')],
    mistake: 'a strict schema refuses fields it does not know',
    fix: 'ignore unknown fields (additionalProperties: true)',
  },
  {
    id: 'unknown-event',
    title: 'an event of an unknown name is answered with success',
    severity: 'must',
    applies: ({ vendor }) => eventFieldOf(vendor) !== null,
    change: (kit) => [withUnknownEvent(kit)],
    mistake: 'a switch over event names throws, or answers 4xx, in its default branch',
    fix: 'answer success and ignore it: else the vendor retries it to the end of its ladder',
  },
  {
    id: 'unicode',
    title: 'emoji, right-to-left text and combining accents are taken',
    severity: 'must',
    applies: ({ vendor }) => proseFields(vendor).length > 0,
    change: (kit) => [
      goodRequest(kit, { values: Object.fromEntries(proseFields(kit.vendor).map((path) => [path, ODD_TEXT])) }),
    ],
    mistake: 'the body is read in another charset before the HMAC, or the database column holds three-byte UTF-8 only',
    fix: 'verify and parse the raw bytes as UTF-8; in MySQL use utf8mb4',
  },
  {
    id: 'json-escaped',
    title: 'JSON with / and non-ASCII escaped is taken',
    severity: 'must',
    change: (kit) => [goodRequest(kit, { jsonStyle: 'php' })],
    mistake: 'the HMAC is computed over JSON written anew, or a filter takes escapes for an attack',
    fix: 'keep the raw body (express.raw(), request.get_data(), php://input) and verify those bytes',
    reference: `${RFC_8259}#section-7`,
  },
  {
    id: 'json-spaced',
    title: 'JSON with white space between its tokens is taken',
    severity: 'must',
    change: (kit) => [withBody(kit, respace, 'accepted')],
    mistake: 'the HMAC is computed over JSON written anew, or fields are read by a pattern',
    fix: 'verify the raw bytes, and read them with a JSON parser',
    reference: `${RFC_8259}#section-2`,
  },
  largeBody('large-1mib', 'a body of 1 MiB is taken', MIB),
  largeBody('large-5mib', 'a body of 5 MiB is taken', 5 * MIB),
  {
    id: 'chunked',
    title: 'a body in chunks, without Content-Length, is taken',
    severity: 'must',
    change: (kit) => [addHeader(goodRequest(kit), 'Transfer-Encoding', 'chunked')],
    mistake: 'a Content-Length is insisted on (411), or the body is read by its length alone',
    fix: 'let the server read chunked bodies; in nginx: proxy_request_buffering on',
    reference: `${RFC_9112}#section-7.1`,
  },
  {
    id: 'headers-lower-case',
    title: 'header names in lower case are understood',
    severity: 'must',
    change: (kit) => [renameHeaders(goodRequest(kit), (name) => name.toLowerCase())],
    mistake: 'headers are looked up in one spelling of their names',
    fix: 'look headers up without regard to case: proxies and HTTP/2 write them in lower case',
    reference: `${RFC_9110}#section-5.1`,
  },
  {
    id: 'headers-title-case',
    title: 'header names in Title-Case are understood',
    severity: 'must',
    change: (kit) => [
      renameHeaders(goodRequest(kit), (name) =>
        name.toLowerCase().replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase()),
      ),
    ],
    mistake: 'headers are looked up in one spelling of their names',
    fix: 'look headers up without regard to case: Go and many proxies write X-Like-This',
    reference: `${RFC_9110}#section-5.1`,
  },
  {
    id: 'content-type-charset',
    title: 'application/json; charset=utf-8 is taken',
    severity: 'must',
    change: (kit) => [addHeader(goodRequest(kit), 'Content-Type', 'application/json; charset=utf-8')],
    mistake: 'the content type is compared as a whole text',
    fix: 'compare the part before the semicolon, without regard to case',
    reference: `${RFC_9110}#section-8.3.1`,
  },
  {
    id: 'keep-alive',
    title: 'a good request after a refused one on the same connection is taken',
    severity: 'must',
    change: (kit) => [...refusable(kit), goodRequest(kit)].map((request) => ({ ...request, way: 'reused-connection' })),
    mistake: 'a refused request is answered before its body was read: the rest is taken for the next request',
    fix: 'read the body to its end, or close the connection with the answer (Connection: close)',
    reference: `${RFC_9112}#section-9.3`,
  },
  {
    id: 'expect-continue',
    title: 'a request with Expect: 100-continue is taken',
    severity: 'must',
    change: (kit) => [{ ...goodRequest(kit), way: 'expect-continue' }],
    mistake: 'the header is refused with 417, or the server waits for a body it did not ask for',
    fix: 'answer 100 Continue (most servers do it by themselves), or ignore the header',
    reference: `${RFC_9110}#section-10.1.1`,
  },
  {
    id: 'burst',
    title: `${BURST} requests at once are taken`,
    severity: 'must',
    isBurst: true,
    change: (kit) => Array.from({ length: BURST }, () => goodRequest(kit)),
    mistake: 'a limit of rate or of connections is too low, or concurrent requests lock each other out',
    fix: 'vendors deliver in bursts: put the event into a queue and answer; raise the limit',
  },
  {
    id: 'same-id-again',
    title: 'an event that is delivered twice is answered with success twice, and processed once',
    severity: ofIds,
    change: (kit) => deliverTwice(kit),
    mistake: 'the id is not kept, or a repeated id is answered with an error (409)',
    fix: 'keep the ids of processed events (a unique key in the database) and answer success to a repeated one',
  },
  {
    id: 'late-retry',
    title: "an event from the beginning of the vendor's retry ladder is taken",
    severity: 'must',
    change: (kit) => [goodRequest(kit, { agoMs: ladderMs(kit.vendor) })],
    mistake: 'the age of the event is held against a window: honest late retries are refused',
    fix: "judge the time of the signature where there is one; let the event's own date be as old as the vendor retries",
  },
  {
    id: 'within-window',
    title: 'a signature of half the tolerated age is taken',
    severity: 'must',
    applies: ofTimed,
    change: (kit) => [goodRequest(kit, {}, { agoMs: toleranceMs(kit.vendor) / 2 })],
    mistake: 'the window is smaller than the documented one, or the time is read in another unit',
    fix: "tolerate what the vendor's documentation says, and read the time in the unit it says",
  },
  {
    id: 'quick-answer',
    title: "the answer comes within the vendor's time-out, and within 2 seconds",
    severity: 'must',
    slowAboveMs: SLOW_MS,
    change: (kit) => [goodRequest(kit)],
    mistake: 'the work is done before answering',
    fix: 'put the event into a queue, answer, and do the work afterwards',
  },
];

function largeBody(id: string, title: string, bytes: number): CaseTemplate {
  return {
    id,
    title,
    severity: ofLongText,
    isLarge: true,
    change: (kit) => [largeRequest(kit, 'large '.repeat(Math.ceil(bytes / 6)))],
    mistake: 'a limit for bodies is lower than what the vendor sends (express.json(): 100 KB, nginx: 1 MB)',
    fix: "raise it: express.raw({ limit: '30mb' }); nginx: client_max_body_size 30m; PHP: post_max_size",
  };
}

/**
 * Where no text of the vendor's is ever so long, a field that may be added one day holds it: only the size is odd then.
 */
function largeRequest(kit: Kit, text: string): WireRequest {
  const path = longField(kit.vendor);
  return path === null
    ? withBody(kit, (body) => addMember(body, 'hookproof_added', JSON.stringify(text)), 'accepted')
    : goodRequest(kit, { values: { [path]: text } });
}

function withUnknownValues(kit: Kit): WireRequest {
  const { event, fields } = listedFields(kit.vendor) ?? { event: '', fields: [] };
  return goodRequest(kit, {
    event,
    values: Object.fromEntries(
      fields.map(({ path, field }) => [path, field.type === 'string' ? 'hookproof_unknown' : '99']),
    ),
  });
}

function withUnknownEvent(kit: Kit): WireRequest {
  const name = `${kit.vendor.events[0]?.name}_hookproof_unknown`;
  const event = kit.event({ values: { [eventFieldOf(kit.vendor) ?? '']: name } });
  const header = eventHeaderOf(kit.vendor);
  return signedRequest(
    kit,
    header === null ? event : { ...event, headers: setHeader(event.headers, header, name) },
    'tolerated',
  );
}

/** Something a receiver refuses with the body still unread: of an unsigned vendor a wrong content type. */
function refusable(kit: Kit): WireRequest[] {
  if (kit.vendor.signature.value !== null) return [goodRequest(kit, {}, { secret: 'another' }, 'whatever')];
  return [addHeader({ ...goodRequest(kit), expect: 'whatever' }, 'Content-Type', 'text/plain')];
}

/** Signed anew, as every retry is. */
function deliverTwice(kit: Kit): WireRequest[] {
  const event = kit.event();
  return [signedRequest(kit, event, 'accepted'), signedRequest(kit, event, 'repeated')];
}

function addHeader(request: WireRequest, name: string, value: string): WireRequest {
  return { ...request, headers: setHeader(request.headers, name, value) };
}

function renameHeaders(request: WireRequest, rename: (name: string) => string): WireRequest {
  return { ...request, headers: request.headers.map(([name, value]) => [rename(name), value]) };
}
