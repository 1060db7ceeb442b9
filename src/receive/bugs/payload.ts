import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Field, Vendor } from '../../model/vendor.ts';
import type { Bug } from '../bugs.ts';
import { readScalar } from '../../vendors/event-key.ts';
import type { Context } from '../reference-receiver.ts';

const DEEP = 100;
const MANY = 1000;
const FRESH_MS = 3_600_000;

/** A bug that throws while it processes some events: answered 500. */
const throwing = (
  name: string,
  mistake: string,
  isTooMuch: (context: Context & { payload: JsonObject }) => boolean,
  applies?: Bug['applies'],
): Bug => ({
  name,
  mistake,
  ...(applies === undefined ? {} : { applies }),
  change: () => ({
    handle: (context) => {
      if (context.payload !== null && isTooMuch({ ...context, payload: context.payload })) throw new Error(mistake);
    },
  }),
});

/** A bug that throws already while it reads some bodies. */
const choking = (name: string, mistake: string, isTooMuch: (text: string, body: Uint8Array) => boolean): Bug => ({
  name,
  mistake,
  change: (good) => ({
    read: (body) => {
      if (isTooMuch(Buffer.from(body).toString('utf8'), body)) throw new Error(mistake);
      return good.read(body);
    },
  }),
});

/** Mistakes with what the body says. */
export const PAYLOAD_BUGS: readonly Bug[] = [
  choking('crashes-on-malformed-json', 'answering 500 to a body that is no JSON', (text) => !isJson(text)),
  choking(
    'crashes-on-null',
    'answering 500 to JSON that is no object',
    (text) => (isJson(text) && typeof JSON.parse(text) !== 'object') || text.trim() === 'null',
  ),
  {
    name: 'accepts-anything',
    mistake: 'answering success to a body that could not be read: the event is lost',
    change: (good) => ({
      content: (context) => (context.payload === null ? good.success(context) : good.content(context)),
    }),
  },
  choking('crashes-on-invalid-utf8', 'answering 500 to bytes that are no UTF-8', (_, body) => !isUtf8(body)),
  choking('crashes-on-deep-nesting', 'answering 500 to deep nesting', (text) => text.includes('['.repeat(DEEP))),
  choking('crashes-on-duplicate-keys', 'answering 500 to a key that stands twice', hasDuplicateKey),
  throwing('crashes-on-many-keys', 'answering 500 to very many keys', ({ payload }) =>
    Object.values(payload).some(
      (value) => typeof value === 'object' && value !== null && Object.keys(value).length > MANY,
    ),
  ),
  throwing('crashes-on-huge-numbers', 'answering 500 to numbers beyond 64 bits', ({ payload }) =>
    Object.values(payload).some((value) =>
      [value].flat().some((one) => typeof one === 'number' && Math.abs(one) > 1e300),
    ),
  ),
  throwing(
    'three-byte-unicode',
    'storing text as three-byte UTF-8 (MySQL utf8): an emoji is answered 500',
    ({ payload }) => /[\u{10000}-\u{10ffff}]/u.test(JSON.stringify(payload)),
  ),
  {
    name: 'blocks-escapes',
    mistake: 'letting a filter in front take JSON escapes for an attack',
    change: (good) => ({
      form: (context) =>
        /\\[u/]/.test(Buffer.from(context.request.body).toString('latin1')) ? { status: 403 } : good.form(context),
    }),
  },
  {
    name: 'reads-by-pattern',
    mistake: 'reading fields by a pattern instead of a JSON parser: white space between tokens breaks it',
    change: (good) => ({
      form: (context) =>
        /^\s*\{\s+"/.test(Buffer.from(context.request.body.subarray(0, 64)).toString('latin1'))
          ? { status: 400 }
          : good.form(context),
    }),
  },
  throwing(
    'unknown-event-fails',
    'failing on an event it does not know',
    ({ payload, setup: { vendor } }) =>
      eventNameOf(vendor, payload) !== null && vendor.events.every(({ name }) => name !== eventNameOf(vendor, payload)),
    hasEventName,
  ),
  throwing(
    'knows-one-event',
    'knowing only the first event',
    ({ payload, setup: { vendor } }) =>
      hasEventName(vendor) ? eventNameOf(vendor, payload) !== vendor.events[0]?.name : 'METHOD' in payload,
    ({ events }) => events.length > 1,
  ),
  throwing(
    'strict-values',
    'failing on a value that the documentation does not name',
    ({ payload, setup }) =>
      !fieldsFit(
        setup.vendor,
        payload,
        ({ values }, value) => values === undefined || value === null || values.value.includes(value),
      ),
    hasValues,
  ),
  throwing(
    'sample-values-only',
    "failing on every value but that of the documentation's sample",
    ({ payload, setup }) =>
      !fieldsFit(
        setup.vendor,
        payload,
        ({ values, example }, value) => values === undefined || example === value || value === '' || value === null,
      ),
    hasValues,
  ),
  throwing('requires-every-field', 'failing on a blank or missing field', ({ payload, setup }) =>
    lacksSomething(setup.vendor, payload),
  ),
  throwing(
    'null-in-list',
    'failing on a null inside a list, such as the name of an attachment',
    ({ payload }) =>
      Object.values(payload)
        .filter(Array.isArray)
        .flat()
        .some((element: JsonValue) => isPlain(element) && Object.values(element).includes(null)),
    ({ events }) =>
      events.some(({ fields }) => fields.some(({ items }) => items?.fields?.some(({ nullable }) => nullable))),
  ),
  throwing(
    'expects-numbers',
    'expecting numbers',
    ({ payload }) =>
      Object.entries(payload).some(([name, value]) => name.startsWith('ID_') && typeof value !== 'number'),
    ({ events }) =>
      events.some(({ fields }) => fields.some(({ generated, type }) => generated === 'number-id' && type === 'string')),
  ),
  throwing(
    'flat-addresses',
    'treating addresses as strings',
    ({ payload }) => typeof payload['from'] === 'object',
    ({ events }) => events.some(({ fields }) => fields.some(({ name, type }) => name === 'from' && type === 'object')),
  ),
  {
    name: 'strict-schema',
    mistake: 'refusing a field it does not know',
    change: (good) => ({
      content: (context) =>
        Object.keys(context.payload ?? {}).some((name) =>
          context.setup.vendor.events.every(({ fields }) => fields.every((field) => field.name !== name)),
        )
          ? { status: 400 }
          : good.content(context),
    }),
  },
  {
    name: 'fresh-events-only',
    mistake: 'refusing an event whose own date is old: honest retries come until the end of the ladder',
    change: (good) => ({ content: (context) => (isOld(context) ? { status: 400 } : good.content(context)) }),
  },
  {
    name: 'no-dedupe',
    mistake: 'processing an event again when it is delivered again',
    change: () => ({ marks: () => [] }),
  },
  {
    name: 'conflict-on-repeat',
    mistake: 'answering a repeated event with an error: the vendor goes on retrying',
    change: () => ({ repeated: () => ({ status: 409 }) }),
  },
];

export function hasEventName({ events }: Vendor): boolean {
  return events.some(({ fields }) => fields.some(({ generated }) => generated === 'event-name'));
}

export function eventNameOf({ events }: Vendor, payload: JsonObject): string | null {
  const field = events.flatMap(({ fields }) => fields).find(({ generated }) => generated === 'event-name');
  return field === undefined ? null : readScalar(payload, field.name);
}

function hasValues({ events }: Vendor): boolean {
  return events.some(({ fields }) => anyField(fields, ({ values }) => values !== undefined));
}

function anyField(fields: readonly Field[], is: (field: Field) => boolean): boolean {
  return fields.some((field) => is(field) || anyField(field.fields ?? [], is));
}

/** Is every value that some event's list describes as `fits` says? */
function fieldsFit(
  { events }: Vendor,
  payload: JsonObject,
  fits: (field: Field, value: JsonValue) => boolean,
): boolean {
  const check = (fields: readonly Field[], object: JsonObject): boolean =>
    Object.entries(object).every(([name, value]) =>
      fields
        .filter((field) => field.name === name)
        .every(
          (field) =>
            fits(field, value) && (field.fields === undefined || !isPlain(value) || check(field.fields, value)),
        ),
    );
  return check(
    events.flatMap(({ fields }) => fields),
    payload,
  );
}

/** A blank or null where the sample has something, or a documented field that is not there. */
function lacksSomething({ events }: Vendor, payload: JsonObject): boolean {
  const lists = events.map(({ fields }) => fields);
  const own =
    lists.find((fields) => Object.keys(payload).every((name) => fields.some((field) => field.name === name))) ?? [];
  const lacks = (fields: readonly Field[], object: JsonObject): boolean =>
    fields.some((field) => {
      const value = object[field.name];
      if (value === undefined) return field.example !== undefined || field.generated !== undefined;
      if (field.fields !== undefined && isPlain(value)) return lacks(field.fields, value);
      if (Array.isArray(value)) return value.length === 0 && field.minimal !== undefined;
      return (value === null || value === '') && value !== field.example;
    });
  return lacks(own, payload);
}

function isPlain(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first field that holds the time of the event, read as UTC. */
function isOld({ request, setup, payload }: Context): boolean {
  const field = setup.vendor.events
    .flatMap(({ fields }) => fields)
    .find(({ generated }) => generated?.startsWith('time-'));
  const text = field === undefined ? null : readScalar(payload, field.name);
  if (text === null) return false;
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(`${text.replace(' ', 'T').replace(/Z$/, '')}Z`);
  return request.receivedAtMs - ms > FRESH_MS;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isUtf8(body: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    return false;
  }
}

/** Of the outermost object. */
function hasDuplicateKey(text: string): boolean {
  const keys = new Set<string>();
  let depth = 0;
  for (const [token, string] of text.matchAll(/("(?:[^"\\]|\\.)*")(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    if (depth !== 1 || string === undefined) continue;
    if (keys.has(string)) return true;
    keys.add(string);
  }
  return false;
}
