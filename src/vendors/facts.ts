import type { JsonObject, JsonValue } from '../model/json.ts';
import {
  flattenParts,
  headerAt,
  holdsOfUrl,
  URL_PIECES,
  type Signature,
  type SignatureTime,
} from '../model/signature.ts';
import type { Fact } from '../model/fact.ts';
import type { Generated, GeneratedTime } from '../model/generated.ts';
import type { AckMode, Field, SuccessRule, Trust, Vendor, VendorEvent, VendorHeader } from '../model/vendor.ts';
import { contentTypeOf } from './body-facts.ts';
import { isId, isTime } from './generated-forms.ts';
import { delaysOf } from './retry-rule.ts';

// Whatever follows from a vendor's data, once: rooms ask here and never look a vendor up by its id.

export const signatureOf = ({ signature }: Vendor): Signature | null => signature.value;
/** What the vendor sends to prove itself: its signature, and those beside it. */
export const signaturesOf = ({ signature, furtherSignatures }: Vendor): readonly Signature[] =>
  signature.value === null ? [] : [signature.value, ...(furtherSignatures?.value ?? [])];
/** The header that carries the signature; null where there is none, or it stands elsewhere. */
export const signatureHeaderOf = ({ signature }: Vendor): string | null =>
  signature.value === null ? null : headerAt(signature.value.at);
/** A signature or its time stands in the body or the URL, which are other bytes then than those that were planned. */
export const signsWithin = perVendor((vendor) =>
  signaturesOf(vendor).some(
    ({ at, timestamp, addedQuery }) =>
      addedQuery !== undefined || [at, timestamp?.at].some((place) => place !== undefined && headerAt(place) === null),
  ),
);
/** What is signed, or where the signature stands, depends on how the URL was called. */
export const readsUrl = perVendor((vendor) =>
  signaturesOf(vendor).some(
    ({ at, message, addedQuery }) =>
      'query' in at ||
      addedQuery !== undefined ||
      flattenParts(message).some((part) => URL_PIECES.some((piece) => holdsOfUrl(part, piece))),
  ),
);
/** The unit of the time in the signature; undefined where it carries none. */
export const timeUnitOf = ({ signature }: Vendor): SignatureTime['unit'] | undefined =>
  signature.value?.timestamp?.unit;
/** How the vendor's own secrets begin. */
export const secretPrefixOf = ({ signature }: Vendor): string | undefined => signature.value?.key?.prefix;
/** Some question of the vendor's has an address in it that must be called. */
export const wantsCall = ({ handshakes }: Vendor): boolean =>
  handshakes?.value.some(({ callback }) => callback !== undefined) ?? false;
export const isSigned = ({ signature }: Vendor): boolean => signature.value !== null;
/** The signature carries a time. */
export const isTimed = ({ signature }: Vendor): boolean => signature.value?.timestamp !== undefined;
/** How far the signature's time may be off; 0 where it carries none. */
export const toleranceMs = ({ signature }: Vendor): number => signature.value?.timestamp?.toleranceMs?.value ?? 0;

/**
 * Which of the comma-separated parts of the signature header holds its time or its digest; null where there are no
 * such parts.
 */
export function signaturePart({ signature }: Vendor, slot: '{t}' | '{v}'): number | null {
  const parts = signature.value?.format.split(',') ?? [];
  const at = parts.findIndex((part) => part.includes(slot));
  return at === -1 || parts.length === 1 ? null : at;
}

export function isSuccessStatus(status: number | null, { statuses }: Pick<SuccessRule, 'statuses'>): boolean {
  if (status === null) return false;
  return statuses === '2xx' ? status >= 200 && status <= 299 : statuses.includes(status);
}

/** The statuses that count as success, as a person reads it: `any 2xx`, `200 or 202`. */
export function successText({ statuses }: Pick<SuccessRule, 'statuses'>): string {
  return statuses === '2xx' ? 'any 2xx' : statuses.join(' or ');
}

/** What counts as success, and how a person reads it: `Mailkit: HTTP 200`. */
export interface NamedSuccessRule extends SuccessRule {
  text: string;
}

/** The vendor's rule for success; without a vendor, any 2xx. */
export function namedSuccessRule(vendor: Vendor | null): NamedSuccessRule {
  const statuses = vendor?.success.value.statuses ?? '2xx';
  const words = successText({ statuses });
  const text = statuses === '2xx' ? words : `HTTP ${words}`;
  return { statuses, text: vendor === null ? text : `${vendor.title}: ${text}` };
}

/** The acknowledgement mode the vendor uses unless told otherwise; undefined where it has none. */
export const defaultAckMode = ({ ackModes }: Pick<SuccessRule, 'ackModes'>): AckMode | undefined => ackModes?.[0];

/** How long after the first attempt the vendor's last one comes. */
export const ladderMs = perVendor(({ retries }) => delaysOf(retries).reduce((sum, delay) => sum + delay, 0));

/** Where the vendor calls from, as CIDR, each with the name of its part of the network. */
export function networksIn({ networks }: Trust): { cidr: string; name: string | null }[] {
  return (networks?.value ?? []).flatMap((one): { cidr: string; name: string | null }[] =>
    typeof one === 'string' ? [{ cidr: one, name: null }] : (one.cidrs ?? []).map((cidr) => ({ cidr, name: one.name })),
  );
}

/** The names in DNS whose addresses call. */
export const hostsIn = ({ networks }: Trust): string[] =>
  (networks?.value ?? []).flatMap((one) => (typeof one === 'string' ? [] : (one.dnsName ?? [])));

/** An address that may call for the vendor: the first of its network; else one of nobody (RFC 5737). */
export function vendorAddress({ trust }: Vendor): string {
  const [first] = networksIn(trust);
  return first?.cidr.split('/', 1)[0] ?? '192.0.2.10';
}

/** The header whose value is made anew for each event: of several the first. */
export const idHeaderOf = perVendor(
  ({ headers }): string | null => headers.find(({ value }) => isId(generatedIn(value)))?.name ?? null,
);

/** The dotted paths of the fields that identify an event. */
export const idPathsOf = perVendor(({ events }) => [...new Set(events.flatMap(({ idField }) => idField ?? []))]);
/** The dotted paths of the fields that people tell events apart by, where the body has no id. */
export const keyPathsOf = perVendor(({ events }) => [...new Set(events.flatMap(({ keyField }) => keyField ?? []))]);

/** Every event that is made of its list has the same id: nothing tells one from another. */
export const hasFixedId = (event: VendorEvent): boolean =>
  event.idField !== undefined &&
  fieldsOf(event).find(({ path }) => path === event.idField)?.field.generated === undefined;

/** The media types under which the vendor's bodies come, its own examples included. */
export const mediaTypesOf = perVendor((vendor): readonly string[] => {
  const header = vendor.headers.find(({ name }) => name.toLowerCase() === 'content-type');
  const values = header === undefined ? [contentTypeOf(vendor)] : [header.value, ...(header.alsoSent?.value ?? [])];
  return values.flatMap((value) => (typeof value === 'string' ? [mediaTypeOf(value)] : []));
});

/** `application/json` of `Application/JSON; charset=utf-8`. */
export const mediaTypeOf = (value: string): string => value.split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** Can a receiver know an event again when it comes a second time? */
export const hasEventIds = (vendor: Vendor): boolean => idHeaderOf(vendor) !== null || idPathsOf(vendor).length > 0;

/** The field of the body that says which event it is, as a dotted path; one at the top comes before one further in. */
export const eventFieldOf = perVendor(({ events: [event] }): string | null => {
  const paths = fieldsOf(event)
    .filter(({ field }) => field.generated === 'event-name')
    .map(({ path }) => path);
  return paths.find((path) => !path.includes('.')) ?? paths[0] ?? null;
});

/** The header that repeats the event's name. */
export const eventHeaderOf = perVendor((vendor) => headerLike(vendor, (made) => made === 'event-name'));

/** The headers that repeat a field of the body. */
export const repeatsOf = perVendor((vendor) =>
  vendor.headers.flatMap(({ name, value }) => {
    const path = pathBehind(vendor, value);
    return path === null ? [] : [{ name, path }];
  }),
);

/** Which field of the body a header repeats: as the vendor says, or the one with the event's name. */
function pathBehind(vendor: Vendor, value: VendorHeader['value']): string | null {
  if (typeof value === 'string') return null;
  if ('field' in value) return value.field;
  return value.generated === 'event-name' ? eventFieldOf(vendor) : null;
}

/** The header that tells the event's time. */
export const dateHeaderOf = perVendor((vendor) => headerLike(vendor, isEventTime));

/** In which form that header tells it. */
export const dateHeaderFormOf = perVendor((vendor): GeneratedTime | null => {
  const header = vendor.headers.find(({ name }) => name === dateHeaderOf(vendor));
  const made = header && madeOf(vendor, header.value);
  return isTime(made) ? made : null;
});

/** The field with the event's time and its form: the one that a header repeats, or else the first. */
export const dateFieldOf = perVendor((vendor): { path: string; form: GeneratedTime } | null => {
  const times = fieldsOf(vendor.events[0]).filter(({ field }) => isEventTime(field.generated));
  const repeated = new Set(repeatsOf(vendor).map(({ path }) => path));
  const { path, field } = times.find((one) => repeated.has(one.path)) ?? times[0] ?? {};
  return path === undefined || !isTime(field?.generated) ? null : { path, form: field.generated };
});

/** All fields of an event that hold a time in the past, and their forms; the dates of a mail too. */
export const datesOf = (event: VendorEvent): { path: string; form: GeneratedTime }[] =>
  fieldsOf(event).flatMap(({ path, field: { generated } }) =>
    isTime(generated) && (generated.offsetMs ?? 0) <= 0 ? [{ path, form: generated }] : [],
  );

/** Neither when a pause ends nor the date of a mail is when the event happened. */
const isEventTime = (made: Generated | undefined): boolean =>
  isTime(made) && made.offsetMs === undefined && made.of === undefined;

/** The header whose value, or the field it repeats, is made so. */
function headerLike(vendor: Vendor, isMeant: (made: Generated) => boolean): string | null {
  const isOne = ({ value }: VendorHeader): boolean => {
    const made = madeOf(vendor, value);
    return made !== undefined && isMeant(made);
  };
  return vendor.headers.find(isOne)?.name ?? null;
}

function madeOf({ events: [event] }: Vendor, value: VendorHeader['value']): Generated | undefined {
  if (typeof value === 'string' || 'generated' in value) return generatedIn(value);
  return fieldsOf(event).find(({ path }) => path === value.field)?.field.generated;
}

const generatedIn = (value: VendorHeader['value']): Generated | undefined =>
  typeof value === 'object' && 'generated' in value ? value.generated : undefined;

export interface FoundField {
  /** Dotted; of a list it goes through the first element, which a full sample has. */
  path: string;
  field: Field;
}

/** All fields of an event, those within others too. */
export const fieldsOf = (event: VendorEvent | undefined): readonly FoundField[] =>
  event === undefined ? [] : fieldsWithin(event);

const fieldsWithin = perData((event: VendorEvent): readonly FoundField[] => {
  const below = (fields: readonly Field[], prefix: string): FoundField[] =>
    fields.flatMap((field) => [
      { path: prefix + field.name, field },
      ...below(field.fields ?? [], `${prefix}${field.name}.`),
      ...below(field.items?.fields ?? [], `${prefix}${field.name}.0.`),
    ]);
  return below(event.fields, '');
});

/** The names under which an event's further samples are asked for: our variants, and the vendor's own examples. */
export const variantNames = ({ variants = {}, examples = {} }: VendorEvent): string[] => [
  ...Object.keys(variants),
  ...Object.keys(examples),
];

/** The body that the vendor itself shows under this name; undefined where the name is none of an example. */
export const exampleOf = ({ examples = {} }: VendorEvent, name: string): Fact<JsonObject> | undefined =>
  Object.hasOwn(examples, name) ? examples[name] : undefined;

/** The fields that people write into. */
export function proseFields({ events: [event] }: Vendor): string[] {
  return fieldsOf(event)
    .filter(({ field }) => field.prose !== undefined)
    .map(({ path }) => path);
}

/** The first field that holds texts of any length. */
export function longField({ events: [event] }: Vendor): string | null {
  return fieldsOf(event).find(({ field }) => field.prose === 'long')?.path ?? null;
}

/** The first event with fields of documented values, and those fields. */
export function listedFields({ events }: Vendor): { event: string; fields: FoundField[] } | null {
  for (const event of events) {
    const fields = fieldsOf(event).filter(({ field }) => field.values !== undefined);
    if (fields.length > 0) return { event: event.name, fields };
  }
  return null;
}

/** The fields of the event that may be null, and that its full sample has. */
export function nullableFields(event: VendorEvent): FoundField[] {
  return fieldsOf(event).filter(({ field }) => field.nullable && !field.optional);
}

/** Is the value one that the documentation names? Any is where it names none, and so is null. */
export const isListed = ({ values }: Pick<Field, 'values'>, value: JsonValue): boolean =>
  values === undefined || value === null || values.value.includes(value);

/** What is known of a field or header in words: its note, and what has another certainty than the rest. */
export function noteOf({
  certainty,
  note,
  remarks = [],
  values,
}: Pick<Field, 'certainty' | 'note' | 'remarks' | 'values'>): string | null {
  const texts = [
    ...(note === undefined ? [] : [note]),
    ...(values === undefined || values.certainty === certainty ? [] : [`the values are [${values.certainty}]`]),
    ...remarks.map((remark) => `${remark.text} [${remark.certainty}]`),
  ];
  return texts.length === 0 ? null : texts.join('; ');
}

/** Makes a fact of a vendor once. */
export function perVendor<Derived>(make: (vendor: Vendor) => Derived): (vendor: Vendor) => Derived {
  return perData(make);
}

/** Makes what follows from a part of a vendor's data once: it is asked for with every request, or every case. */
function perData<Data extends object, Derived>(make: (data: Data) => Derived): (data: Data) => Derived {
  const made = new WeakMap<Data, { fact: Derived }>();
  return (data) => {
    let known = made.get(data);
    if (known === undefined) made.set(data, (known = { fact: make(data) }));
    return known.fact;
  };
}

/** No vendor says how large an event may be: so much is tried of each endpoint. */
export const LARGEST_EVENT_BYTES = 5 * 1024 * 1024;
