import type { Generated } from '../../model/generated.ts';
import { isObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { Header } from '../../model/plan.ts';
import { mapParts, type MessagePart, type RequestPlace, type Signature } from '../../model/signature.ts';
import { makeAnonymiser } from './anonymise.ts';
import { draftHeaders } from './draft-headers.ts';
import { findEventName } from './event-name.ts';
import { findGenerated, findIdPath } from './generated-values.ts';
import { readSample, type SampledRequest } from './read-sample.ts';

/** What is known of a vendor that was learned from captures. */
export interface DraftParts {
  id: string;
  title: string;
  /** `YYYY-MM-DD` */
  asOf: string;
  /** The path of the schema of vendor files. */
  schemaPath: string;
  request: SampledRequest;
  /** The other captures. */
  others: readonly SampledRequest[];
  signature: Signature;
  further: readonly Signature[];
  /** What proved the signature. */
  proof: string;
  /** When the request was made, as far as is known. */
  madeAtMs: number | null;
  /** How the vendor writes JSON; null where that is no style of ours. */
  jsonStyle: string | null;
  /** The event's name, where the user says it. */
  event?: string;
  keepsValues: boolean;
  holdsSecret: (text: string) => boolean;
}

/** The content of a vendor file: what the captures prove, and nothing of what is not known. */
export function draftVendor(parts: DraftParts): JsonObject {
  const { id, title, asOf, schemaPath, request, signature, further, proof, jsonStyle } = parts;
  const signatures = [signature, ...further];
  const { sample: read, format, batch } = readSample(request);
  const sample = signatures.reduce((one, { at }) => blankPlace(one, at), read);
  const { headers, event } = draftEvent(sample, signatures, parts);
  const idHeader = headers.find(
    ({ value }) => isObject(value) && isObject(value['generated']) && 'id' in value['generated'],
  );
  const [own, ...rest] = signatures.map((one) => withId(one, idHeader?.['name'] as string | undefined));
  return {
    $schema: schemaPath,
    id,
    title,
    asOf,
    ...(request.method !== 'POST' && { method: { value: request.method } }),
    ...(format !== null && { body: { value: format } }),
    ...(batch !== null && format?.format !== 'json-lines' && { batch: batchOf(batch) }),
    ...(jsonStyle !== null && jsonStyle !== 'compact' && { jsonStyle: { value: jsonStyle } }),
    events: [event],
    headers,
    signature: { value: own as unknown as JsonObject, note: proof },
    ...(rest.length > 0 && { furtherSignatures: { value: rest as unknown as JsonValue[], note: proof } }),
  };
}

/** The event without what a file must not hold, and the headers beside it. */
function draftEvent(
  sample: JsonObject,
  signatures: readonly Signature[],
  { request, others, event, keepsValues, holdsSecret, ...parts }: DraftParts,
): { headers: JsonObject[]; event: JsonObject } {
  const named = findEventName(request.headers, sample, event);
  const generated = generatedOf(sample, named.field, signatures, { others, madeAtMs: parts.madeAtMs });
  const anonymise = makeAnonymiser({ keepsValues, holdsSecret, kept: new Set(keptPaths(generated, named.field)) });
  const headers = draftHeaders({
    headers: request.headers,
    others: others.map((one): readonly Header[] => one.headers),
    sample,
    generated,
    named,
    signatures,
    anonymise: (value, name) => (anonymise({ [name]: value }) as JsonObject)[name] as string,
  });
  const made = eventParts(sample, generated, headers);
  return { headers, event: { name: named.name, sample: anonymise(sample), ...made } };
}

const batchOf = (count: number): JsonObject => ({
  value: { shape: 'array', max: count, mixesEvents: false },
  certainty: 'inf',
  note: `the captured request holds ${count}; what else may come is not known`,
});

/** A value that stands in every capture is made anew for none. */
function generatedOf(
  sample: JsonObject,
  eventField: string | null,
  signatures: readonly Signature[],
  { others, madeAtMs }: Pick<DraftParts, 'others' | 'madeAtMs'>,
): Record<string, Generated> {
  const found = Object.entries(findGenerated(sample, madeAtMs)).filter(([path]) => {
    const own = JSON.stringify(valueAt(sample, path));
    return !others.some((one) => JSON.stringify(valueAt(readSample(one).sample, path)) === own);
  });
  const times = signatures.flatMap(({ timestamp }) => {
    const place = timestamp?.at;
    if (timestamp === undefined || place === undefined || !('json' in place || 'form' in place)) return [];
    const path = 'json' in place ? place.json : place.form;
    return valueAt(sample, path) === undefined ? [] : [[path, { time: timestamp.unit }] as const];
  });
  return {
    ...Object.fromEntries(found),
    ...Object.fromEntries(times),
    ...(eventField !== null && { [eventField]: 'event-name' as const }),
  };
}

function keptPaths(generated: Readonly<Record<string, Generated>>, eventField: string | null): string[] {
  const times = Object.entries(generated).filter(([, made]) => typeof made === 'object' && 'time' in made);
  return [...times.map(([path]) => path), ...(eventField === null ? [] : [eventField])];
}

/** Ids that the headers repeat are the same in both. */
function eventParts(
  sample: JsonObject,
  generated: Readonly<Record<string, Generated>>,
  headers: readonly JsonObject[],
): JsonObject {
  const shared = new Set(
    headers.flatMap(({ value }) =>
      isObject(value) && isObject(value['generated']) && value['generated']['shared'] ? [value['generated']['id']] : [],
    ),
  );
  const written = Object.entries(generated).map(([path, made]): [string, JsonValue] => {
    if (typeof made !== 'object') return [path, made];
    return [path, 'id' in made && shared.has(made.id) ? { ...made, shared: true } : { ...made }];
  });
  const idPath = findIdPath(sample);
  return {
    ...(written.length > 0 && { generated: Object.fromEntries(written) }),
    ...(idPath !== null && generated[idPath] !== undefined && { idField: idPath }),
  };
}

function valueAt(sample: JsonObject, path: string): JsonValue | undefined {
  return path
    .split('.')
    .reduce<JsonValue | undefined>(
      (value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined),
      sample,
    );
}

/** Where the signature stands in the body, the sample has an empty text: it is written anew. */
function blankPlace(sample: JsonObject, place: RequestPlace): JsonObject {
  if (!('json' in place) && !('form' in place)) return sample;
  const [first = '', ...rest] = 'json' in place ? place.json.split('.') : [place.form];
  return blankAt(sample, [first, ...rest]) as JsonObject;
}

function blankAt(value: JsonValue, [step, ...rest]: readonly string[]): JsonValue {
  if (step === undefined) return '';
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === step ? blankAt(one, rest) : one));
  if (!isObject(value) || !Object.hasOwn(value, step)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === step ? blankAt(one, rest) : one]),
  );
}

/** The header with the event's id has a word of its own in a message. */
function withId(signature: Signature, idHeader: string | undefined): Signature {
  const lower = idHeader?.toLowerCase();
  const isId = (part: MessagePart): boolean =>
    typeof part === 'object' && 'header' in part && part.header.toLowerCase() === lower;
  return { ...signature, message: mapParts(signature.message, (part) => (isId(part) ? 'id' : part)) };
}
