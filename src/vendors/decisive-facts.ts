import type { Certainty, Evidence } from '../model/fact.ts';
import type { Field, Remark, Vendor, VendorEvent } from '../model/vendor.ts';
import { contentTypeOf } from './body-facts.ts';
import {
  dateFieldOf,
  eventFieldOf,
  eventHeaderOf,
  exampleOf,
  fieldsOf,
  type FoundField,
  idHeaderOf,
  idPathsOf,
  ladderMs,
  longField,
  nullableFields,
  proseFields,
} from './facts.ts';

// The facts that decide what an endpoint should answer, each once: a verdict is never surer than they are.

/** If it were otherwise, the expected answer of a case would be wrong. */
export interface DecisiveFact {
  /** As a noun: `the retry ladder`, `that name may be null`. */
  words: string;
  certainty: Certainty;
  /** Why it is not sure, where its certainty does not say it. */
  why?: string;
}

/** Finds the facts of one kind in a vendor's data; none where they decide nothing. */
export type FactReader = (vendor: Vendor) => readonly DecisiveFact[];

/** From sure to unsure. Who writes a vendor file is its authority. */
const RANK: Record<Certainty, number> = { user: 0, doc: 1, pub: 2, inf: 3, us: 4 };

/** Whether a failure may rest on it: documented, seen in public, or said by the user. */
export const isSure = ({ certainty }: Pick<Evidence, 'certainty'>): boolean => RANK[certainty] <= RANK.pub;

/** `the retry ladder: our choice, not documented` */
export const assumptionText = ({ words, certainty, why }: DecisiveFact): string =>
  `${words}: ${why ?? (certainty === 'inf' ? 'inferred, not documented' : 'our choice, not documented')}`;

/** The retry ladder, as far as its length goes: a documented end makes it sure, whatever its steps. */
export const retryLadder: FactReader = (vendor) => {
  const { delaysMs, deactivatesAfterMs } = vendor.retries;
  const isBounded = deactivatesAfterMs !== undefined && deactivatesAfterMs.value >= ladderMs(vendor);
  return [{ words: 'the retry ladder', certainty: (isBounded ? deactivatesAfterMs : delaysMs).certainty }];
};

/** The field with the event's own date. */
export const eventDate: FactReader = (vendor) => {
  const path = dateFieldOf(vendor)?.path;
  return fieldsOf(vendor.events[0])
    .filter((one) => one.path === path)
    .map(({ field }) => factOf(field, `the date in ${path}`, 'meaning'));
};

/** No vendor says how old an event's own date may be. */
export const ageLimit: FactReader = () => [{ words: 'the age from which an event is refused', certainty: 'us' }];

/** That requests are not signed, where that is so. */
export const signsNothing: FactReader = ({ title, signature }) =>
  signature.value === null ? [{ words: `that ${title} signs nothing`, certainty: signature.certainty }] : [];

const TOLERANCE = "the tolerance of the signature's time";

/** Where the vendor says none, ours. */
export const signatureTolerance: FactReader = ({ signature }) => {
  const time = signature.value?.timestamp;
  return time === undefined ? [] : [{ words: TOLERANCE, certainty: time.toleranceMs?.certainty ?? 'us' }];
};

/** That there is a tolerance at all: where none is known, honest receivers may take a signature of any age. */
export const anyTolerance: FactReader = ({ signature }) => {
  const time = signature.value?.timestamp;
  return time === undefined || time.toleranceMs !== undefined ? [] : [{ words: TOLERANCE, certainty: 'us' }];
};

/** How far its time may lie in the future. */
export const futureTolerance: FactReader = (vendor) => {
  const own = vendor.signature.value?.timestamp?.futureToleranceMs;
  return own === undefined ? signatureTolerance(vendor) : [{ words: TOLERANCE, certainty: own.certainty }];
};

/** After which answers the vendor comes again. */
export const retryConditions: FactReader = ({ title, retries: { onlyOn, neverOn, stopHeader, delaysByEvent = {} } }) =>
  [onlyOn, neverOn, stopHeader, ...Object.values(delaysByEvent)].flatMap((fact) =>
    fact === undefined ? [] : [{ words: `which answers ${title} retries`, certainty: fact.certainty }],
  );

/** That several events come in one request. */
export const batchRule: FactReader = ({ title, batch }) =>
  batch === undefined ? [] : [{ words: `that ${title} sends several events at once`, certainty: batch.certainty }];

/** No vendor says how its events follow each other in a request. */
export const batchOrder: FactReader = () => [{ words: 'in which order a request has its events', certainty: 'us' }];

/** No vendor says what becomes of the others. */
export const badElements: FactReader = () => [
  { words: 'what happens to a request in which one of several events is unreadable', certainty: 'us' },
];

/** That one request may carry several signatures. */
export const rotation: FactReader = ({ title, signature: { certainty } }) => [
  { words: `that ${title} sends several signatures at once`, certainty },
];

/** Which of the 2xx count as success. */
export const successRule: FactReader = ({ success }) => [{ words: 'the success rule', certainty: success.certainty }];

export const timeOut: FactReader = ({ timeoutMs }) => [
  { words: `the time-out of ${timeoutMs.value / 1000} s`, certainty: timeoutMs.certainty },
];

export const contentType: FactReader = (vendor) => {
  const said = vendor.headers
    .filter(({ name }) => name.toLowerCase() === 'content-type')
    .map((header) => factOf(header, 'the content type', 'meaning'));
  return said.length > 0 || contentTypeOf(vendor) === null ? said : [{ words: 'the content type', certainty: 'us' }];
};

export const jsonStyle: FactReader = ({ title, jsonStyle: style }) => [
  { words: `how ${title} writes JSON`, certainty: style.certainty },
];

/** Vendors deliver in bursts: experience, and no more. */
export const bursts: FactReader = ({ title }) => [
  { words: `that ${title} sends that many events at once`, certainty: 'us' },
];

/** By what an event is known again: its id, in the body or in a header. */
export const eventIds: FactReader = (vendor) => {
  const words = 'how a repeated event is recognised';
  const paths = idPathsOf(vendor);
  if (paths.length > 0)
    return fieldsOf(vendor.events[0])
      .filter(({ path }) => paths.includes(path))
      .map(({ field }) => ({ words, certainty: certaintyOf(field, 'meaning') }));
  const header = vendor.headers.find(({ name }) => name === idHeaderOf(vendor));
  return [{ words, certainty: header === undefined ? 'us' : certaintyOf(header, 'meaning') }];
};

/** The fields that people write into. */
export const proseTexts: FactReader = (vendor) => {
  const paths = proseFields(vendor);
  return byCertainty(
    fieldsOf(vendor.events[0]).filter(({ path }) => paths.includes(path)),
    ({ field }) => field.certainty,
    (names) => `that people write into ${names}`,
  );
};

/** Bodies that carry whole texts of mails are large; of others it is nowhere said. */
export const largeTexts: FactReader = (vendor) => {
  const long = fieldsOf(vendor.events[0]).find(({ path }) => path === longField(vendor));
  return [{ words: 'that a body may be that large', certainty: long?.field.certainty ?? 'us' }];
};

/** That fields may be null which nobody documents as such, or in events that the endpoint may never get. */
export const assumedNulls: FactReader = (vendor) =>
  vendor.events.flatMap((event) => [
    ...(event.optIn === undefined || nullableFields(event).length === 0 ? [] : optInFacts(vendor, event)),
    ...nullFacts(nullableFields(event).filter((one) => !isSureNull(one))),
  ]);

/** The fields of an event that may be null, as far as that is sure, and the event is one that every endpoint gets. */
export function sureNulls(event: VendorEvent): string[] {
  const nullable = event.optIn === undefined ? nullableFields(event) : [];
  return nullable.filter(isSureNull).map(({ path }) => path);
}

/** The other fields that may be null. */
export function unsureNulls(event: VendorEvent): string[] {
  const sure = new Set(sureNulls(event));
  return nullableFields(event)
    .map(({ path }) => path)
    .filter((path) => !sure.has(path));
}

const isSureNull = ({ field }: Pick<FoundField, 'field'>): boolean => isSure({ certainty: certaintyOf(field, 'null') });

/** The texts and numbers that are null in the minimal sample, and in no other, by assumption alone. */
export function assumedBlanks(event: VendorEvent): string[] {
  const unsure = unsureNulls(event);
  return fieldsIn(event, 'minimal')
    .filter(({ path, field }) => unsure.includes(path) && isNullIn(field, 'minimal') && !isNullIn(field, 'full'))
    .filter(({ field }) => !isSureNull({ field }) && field.fields === undefined && field.items === undefined)
    .map(({ path }) => path);
}

/** Whether the minimal sample differs from the full one by more than its assumed blanks. */
export function hasSureBlanks(event: VendorEvent): boolean {
  const assumed = assumedBlanks(event);
  return fieldsOf(event).some(({ path, field }) =>
    field.minimal === undefined
      ? isMissing(field) && !isNeverFilled(field)
      : !assumed.includes(path) && JSON.stringify(field.minimal) !== JSON.stringify(field.example),
  );
}

/** The event, and its fields as this sample has them; the minimal one without its assumed blanks. */
export function sampleOf(name: string, sample: 'full' | 'minimal'): FactReader {
  return (vendor) => {
    const event = vendor.events.find((one) => one.name === name);
    if (event === undefined) return [];
    const fields = fieldsIn(event, sample);
    const assumed = sample === 'full' ? [] : assumedBlanks(event);
    const sent = fields.filter(({ path }) => !assumed.includes(path));
    return [
      ...nameFacts(vendor, event),
      ...byCertainty(
        fields,
        ({ field }) => field.certainty,
        (names) => `the ${names.includes(',') ? 'fields' : 'field'} ${names}`,
      ),
      ...(event.optIn === undefined ? [] : optInFacts(vendor, event)),
      ...nullFacts(sent.filter(({ field }) => isNullIn(field, sample))),
      ...(sample === 'full' ? [] : missingFacts(sent.filter(({ field }) => isMissing(field)))),
    ];
  };
}

/** The event, and the body that the vendor itself shows. */
export function shownExample(name: string, variant: string): FactReader {
  return (vendor) => {
    const event = vendor.events.find((one) => one.name === name);
    const example = event && exampleOf(event, variant);
    if (event === undefined || example === undefined) return [];
    const { certainty } = example;
    return [
      ...nameFacts(vendor, event),
      { words: `the example ${variant} of ${name}`, certainty },
      ...(event.optIn === undefined ? [] : optInFacts(vendor, event)),
    ];
  };
}

/** What a blank object or list of a minimal sample would hold is not in it. */
function fieldsIn(event: VendorEvent, sample: 'full' | 'minimal'): FoundField[] {
  const fields = fieldsOf(event);
  if (sample === 'full') return fields.filter(({ field }) => !isNeverFilled(field));
  const cut = fields.filter(({ field }) => field.minimal !== undefined || isMissing(field));
  return fields.filter(({ path }) => !cut.some((above) => path.startsWith(`${above.path}.`)));
}

/** Optional and without an example: no full sample has it. */
const isNeverFilled = ({ optional, example, generated, fields, items }: Field): boolean =>
  optional === true && example === undefined && generated === undefined && fields === undefined && items === undefined;

/** The name of an event is a fact of its own only where it is sent. */
function nameFacts(vendor: Vendor, { name, certainty }: VendorEvent): DecisiveFact[] {
  const isSent = eventFieldOf(vendor) !== null || eventHeaderOf(vendor) !== null;
  return isSent ? [{ words: `the event ${name}`, certainty }] : [];
}

/** Removed where the user names the event. */
const optInFacts = ({ title }: Vendor, { name }: VendorEvent): DecisiveFact[] => [
  {
    words: `that the endpoint is for ${name}`,
    certainty: 'us',
    why: `opt-in at ${title}, but --events does not name it`,
  },
];

const nullFacts = (fields: readonly FoundField[]): DecisiveFact[] =>
  byCertainty(
    fields,
    ({ field }) => certaintyOf(field, 'null'),
    (names) => `that ${names} may be null`,
  );

const missingFacts = (fields: readonly FoundField[]): DecisiveFact[] =>
  byCertainty(
    fields,
    ({ field }) => certaintyOf(field, 'absence'),
    (names) => `that ${names} may be missing`,
  );

const isNullIn = (field: Field, sample: 'full' | 'minimal'): boolean =>
  (sample === 'minimal' && field.minimal !== undefined ? field.minimal : field.example) === null;

const isMissing = ({ optional, minimal }: Field): boolean => optional === true && minimal === undefined;

/** A field or header of which something is said. */
interface Remarked {
  certainty: Certainty;
  remarks?: readonly Remark[];
}

/** A field or header, as far as this part of it goes: what is said of one may be less sure than the rest. */
function factOf(of: Remarked, words: string, about: Remark['about']): DecisiveFact {
  const certainty = certaintyOf(of, about);
  const weak = of.remarks?.find((remark) => remark.about === about && remark.certainty === certainty);
  const part = weak === undefined || certainty === of.certainty ? '' : ` (${weak.text})`;
  return { words: words + part, certainty };
}

function certaintyOf({ certainty, remarks = [] }: Remarked, about: Remark['about']): Certainty {
  return remarks
    .filter((remark) => remark.about === about)
    .reduce((weakest, remark) => weaker(weakest, remark.certainty), certainty);
}

const weaker = (one: Certainty, other: Certainty): Certainty => (RANK[other] > RANK[one] ? other : one);

/** One fact for all fields of the same certainty. */
function byCertainty(
  fields: readonly FoundField[],
  certaintyIn: (found: FoundField) => Certainty,
  words: (names: string) => string,
): DecisiveFact[] {
  const found = new Map<Certainty, string[]>();
  for (const one of fields) {
    const certainty = certaintyIn(one);
    found.set(certainty, [...(found.get(certainty) ?? []), one.path]);
  }
  return [...found].map(([certainty, names]) => ({ words: words([...new Set(names)].join(', ')), certainty }));
}
