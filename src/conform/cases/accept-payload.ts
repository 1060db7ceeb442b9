import type { Vendor, VendorEvent } from '../../model/vendor.ts';
import { readObject, readScalar } from '../../vendors/event-key.ts';
import {
  assumedBlanks,
  assumedNulls,
  hasSureBlanks,
  jsonStyle,
  largeTexts,
  proseTexts,
  sampleOf,
  shownExample,
  sureNulls,
  unsureNulls,
} from '../../vendors/decisive-facts.ts';
import {
  eventFieldOf,
  eventHeaderOf,
  exampleOf,
  listedFields,
  LARGEST_EVENT_BYTES,
  longField,
  proseFields,
  variantNames,
} from '../../vendors/facts.ts';
import { addField, changeJson } from '../change-body.ts';
import { goodRequest, respace, setHeader, signedRequest, withBody } from '../change-request.ts';
import type { CaseTemplate, EventFactory, WireRequest } from '../conformance-case.ts';

const MIB = 1024 * 1024;
/** Holds the place of a large text. */
const FILLING = 'hookproof-filling';
/** Emoji of one and of several code points, right to left, a combining accent, a character beyond the basic plane. */
const ODD_TEXT = 'Zoë 🎉 👩‍👩‍👧 שלום مرحبا e\u0301 𝒳 \u202eabc\u202c "quoted" \\ back / slash';

const RFC_8259 = 'https://www.rfc-editor.org/rfc/rfc8259';

/** One case for each sample of each event, but for a minimal one that would be sent just as the full one is. */
export function eventCases({ events }: Vendor): CaseTemplate[] {
  return events.flatMap((event) => {
    const { name } = event;
    const minimal: CaseTemplate = {
      ...EVENT_CASE,
      id: `event-minimal-${name}`,
      title: `${name} with optional fields blank, null or missing is accepted`,
      restsOn: [sampleOf(name, 'minimal')],
      change: (factory) => [minimalRequest(factory, event)],
      mistake: 'a field that may be blank, null or missing is required',
      fix: 'treat every field except the ids as optional: webhook events shows which may be null',
    };
    return [
      {
        ...EVENT_CASE,
        id: `event-full-${name}`,
        title: `${name} with every field filled is accepted`,
        restsOn: [sampleOf(name, 'full')],
        change: (factory) => [goodRequest(factory, { event: name })],
        mistake: 'the event is not handled, or a rule is stricter than the vendor',
        fix: 'accept the event as the vendor sends it: webhook sample prints its body',
      },
      ...(hasSureBlanks(event) ? [minimal] : []),
      ...variantNames(event).map((variant): CaseTemplate => ({
        ...EVENT_CASE,
        id: `event-${variant}-${name}`,
        title: exampleOf(event, variant)
          ? `${name} as in the vendor's own example is accepted`
          : `${name} in its variant ${variant} is accepted`,
        restsOn: [exampleOf(event, variant) ? shownExample(name, variant) : sampleOf(name, 'full')],
        change: (factory) => [goodRequest(factory, { event: name, variant })],
        mistake: 'a documented value or form is not handled',
        fix: `handle it: webhook sample --variant ${variant} prints its body`,
      })),
    ];
  });
}

const EVENT_CASE = { sender: 'vendor', isSample: true } as const;

const LARGE_CASE = {
  sender: 'vendor',
  restsOn: [largeTexts],
  isLarge: true,
  mistake: 'the limit for bodies is lower than what the vendor sends (express.json(): 100 KB, nginx: 1 MB)',
  fix: "raise it: express.raw({ limit: '30mb' }); nginx: client_max_body_size 30m; PHP: post_max_size",
} as const;

const NULL_CASE = {
  sender: 'vendor',
  restsOn: [],
  mistake: 'a string method is called on null: an attachment without a name, a mail without a subject',
  fix: 'handle null in every field that webhook events calls nullable',
} as const;

/** Bodies that no sample has, but the vendor may send: odd texts, unknown values, other JSON, megabytes. */
export const PAYLOAD_CASES: readonly CaseTemplate[] = [
  // What is not documented yet: no vendor says that it will come, but a receiver that fails on it loses every event
  // then.
  {
    id: 'unknown-value',
    title: 'an undocumented value is accepted',
    sender: 'vendor',
    restsOn: [],
    appliesTo: 'listed-values',
    change: (factory) => [withUnknownValues(factory)],
    mistake: 'a strict enum throws on a value it does not know',
    fix: 'keep an unknown value unchanged, and answer with success: a 5xx is retried until the vendor gives up',
  },
  {
    ...NULL_CASE,
    id: 'null-fields',
    title: 'null is accepted wherever it may occur, including in lists',
    appliesTo: 'nullable-fields',
    change: (factory) => withNulls(factory, sureNulls),
  },
  {
    ...NULL_CASE,
    id: 'null-fields-assumed',
    title: 'null is accepted where it is undocumented but plausible',
    restsOn: [assumedNulls],
    appliesTo: 'assumed-nulls',
    change: (factory) => withNulls(factory, unsureNulls),
  },
  {
    id: 'unknown-field',
    title: 'a field the vendor may add one day does no harm',
    sender: 'vendor',
    restsOn: [],
    appliesTo: 'structured-body',
    change: (factory) => [withBody(factory, addField(factory.vendor, 'hookproof_added', '{"a":[1,null]}'), 'accepted')],
    mistake: 'a strict schema refuses fields it does not know',
    fix: 'ignore unknown fields (additionalProperties: true)',
  },
  {
    id: 'unknown-event',
    title: 'an event with an unknown name is answered with success',
    sender: 'vendor',
    restsOn: [],
    appliesTo: 'event-names',
    change: (factory) => [withUnknownEvent(factory)],
    mistake: 'a switch over event names throws, or answers 4xx, in its default branch',
    fix: 'answer with success and ignore it: otherwise the vendor retries it to the end of its ladder',
  },
  {
    id: 'unicode',
    title: 'emoji, right-to-left text and combining accents are accepted',
    sender: 'vendor',
    restsOn: [proseTexts],
    appliesTo: 'prose',
    change: (factory) => [
      goodRequest(factory, { values: Object.fromEntries(proseFields(factory.vendor).map((path) => [path, ODD_TEXT])) }),
    ],
    mistake:
      'the body is read in the wrong charset before the HMAC, or the database column only holds three-byte UTF-8',
    fix: 'verify and parse the raw bytes as UTF-8; in MySQL use utf8mb4',
  },
  {
    id: 'json-escaped',
    title: 'JSON with / and non-ASCII escaped is accepted',
    sender: 'vendor',
    restsOn: [jsonStyle],
    appliesTo: ['json-body', 'escapable-text'],
    change: (factory) => [goodRequest(factory, { jsonStyle: 'php' })],
    mistake: 'the HMAC is computed over re-serialised JSON, or a filter mistakes escapes for an attack',
    fix: 'keep the raw body (express.raw(), request.get_data(), php://input) and verify those bytes',
    reference: `${RFC_8259}#section-7`,
  },
  {
    id: 'json-spaced',
    title: 'JSON with white space between its tokens is accepted',
    sender: 'vendor',
    restsOn: [jsonStyle],
    appliesTo: 'json-text',
    change: (factory) => [withBody(factory, changeJson(factory.vendor, respace), 'accepted')],
    mistake: 'the HMAC is computed over re-serialised JSON, or fields are read with a regex',
    fix: 'verify the raw bytes, and read them with a JSON parser',
    reference: `${RFC_8259}#section-2`,
  },
  {
    ...LARGE_CASE,
    id: 'large-1mib',
    title: 'a body of 1 MiB is accepted',
    appliesTo: 'structured-body',
    change: (factory) => [largeRequest(factory, MIB)],
  },
  {
    ...LARGE_CASE,
    id: 'large-5mib',
    title: 'a body of 5 MiB is accepted',
    appliesTo: 'structured-body',
    change: (factory) => [largeRequest(factory, LARGEST_EVENT_BYTES)],
  },
];

/**
 * Exactly so many bytes: a limit of this size lets it in. Where no text of the vendor's is ever so long, a field that
 * may be added one day holds it: only the size is odd then.
 */
function largeRequest(factory: EventFactory, bytes: number): WireRequest {
  const path = longField(factory.vendor);
  const event = factory.event(path === null ? {} : { values: { [path]: FILLING } });
  const body =
    path === null
      ? addField(factory.vendor, 'hookproof_added', JSON.stringify(FILLING))(event.body)
      : Buffer.from(event.body);
  const text = 'large_'.repeat(Math.ceil(bytes / 6)).slice(0, bytes - body.byteLength + FILLING.length);
  const at = Buffer.from(body).indexOf(FILLING);
  const grown = Buffer.concat([body.subarray(0, at), Buffer.from(text), body.subarray(at + FILLING.length)]);
  return signedRequest(factory, { ...event, body: grown }, 'accepted');
}

/** Each event that has such fields, with null in all of them. */
function withNulls(factory: EventFactory, nullsOf: (event: VendorEvent) => string[]): WireRequest[] {
  return factory.vendor.events
    .filter((event) => nullsOf(event).length > 0)
    .map((event) => ({
      ...goodRequest(factory, {
        event: event.name,
        values: Object.fromEntries(nullsOf(event).map((path) => [path, 'null'])),
      }),
      label: event.name,
    }));
}

/** What is blank there by assumption alone is as in the full sample: of that there is a case of its own. */
function minimalRequest(factory: EventFactory, event: VendorEvent): WireRequest {
  const full = readObject(factory.event({ event: event.name }).body);
  const values = assumedBlanks(event).flatMap((path) => {
    const value = readScalar(full, path);
    return value === null ? [] : [[path, value] as const];
  });
  return goodRequest(factory, { event: event.name, sample: 'minimal', values: Object.fromEntries(values) });
}

function withUnknownValues(factory: EventFactory): WireRequest {
  const { event, fields } = listedFields(factory.vendor) ?? { event: '', fields: [] };
  return goodRequest(factory, {
    event,
    values: Object.fromEntries(
      fields.map(({ path, field }) => [path, field.type === 'string' ? 'hookproof_unknown' : '99']),
    ),
  });
}

function withUnknownEvent(factory: EventFactory): WireRequest {
  const name = `${factory.vendor.events[0]?.name}_hookproof_unknown`;
  const event = factory.event({ values: { [eventFieldOf(factory.vendor) ?? '']: name } });
  const header = eventHeaderOf(factory.vendor);
  return signedRequest(
    factory,
    header === null ? event : { ...event, headers: setHeader(event.headers, header, name) },
    'tolerated',
  );
}
