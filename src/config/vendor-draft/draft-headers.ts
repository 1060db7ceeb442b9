import type { Generated, GeneratedId } from '../../model/generated.ts';
import { isObject, valueAt, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { Header } from '../../model/plan.ts';
import { flattenParts, headerAt, isSignatureHeader, type Signature } from '../../model/signature.ts';
import type { NamedEvent } from './event-name.ts';
import { idPatternOf, timeForm } from './generated-values.ts';

/** What the headers of a draft are made of. */
export interface HeaderSource {
  headers: readonly Header[];
  /** Those of the other captures: a value that never changes is no id. */
  others: readonly (readonly Header[])[];
  sample: JsonObject;
  /** Those of the other events, which have the same headers. */
  otherSamples: readonly JsonObject[];
  generated: Readonly<Record<string, Generated>>;
  /** The id of the event, where its body has one. */
  eventId: JsonValue;
  named: NamedEvent;
  signatures: readonly Signature[];
  /** A value without what a file must not hold. */
  anonymise: (value: string, name: string) => string;
}

/** Names of headers with the id of an event or a delivery. */
const ID_HEADER =
  /(?:delivery|event|message|webhook|svix|request|transmission|idempotency)[-_]?(?:id|key)$|-(?:delivery|guid|uuid)$/i;

export interface DraftedHeaders {
  headers: JsonObject[];
  /** The ids of the body that a header repeats, by their paths. */
  sharedIds: ReadonlyMap<string, GeneratedId>;
}

/** Content type, User-Agent, id, event, and what is signed; of no other header does the file say anything. */
export function draftHeaders(source: HeaderSource): DraftedHeaders {
  const { headers, named, signatures } = source;
  const places = new Set(signatures.map(({ timestamp }) => (timestamp?.at && headerAt(timestamp.at))?.toLowerCase()));
  const isPlace = (name: string): boolean =>
    places.has(name.toLowerCase()) || signatures.some((spec) => isSignatureHeader(spec, name));
  const signed = new Set(signatures.flatMap(({ message }) => headersIn(message)));
  const wanted = headers.filter(([name]) => !isPlace(name));
  const ofKind = (isOne: (header: Header) => boolean): Header[] => wanted.filter(isOne);
  const plain = ofKind(([name]) => /^(?:content-type|user-agent)$/i.test(name));
  const ids = ofKind((header) => isIdHeader(header, source));
  // A signed one is the id that receivers look at.
  const [id] = [...ids.filter(([name]) => signed.has(name.toLowerCase())), ...ids];
  const event = ofKind(([name]) => name === named.header);
  const chosen = [
    ...plain,
    ...(id === undefined ? [] : [id]),
    ...event,
    ...ofKind(([name]) => signed.has(name.toLowerCase())),
  ];
  const once = new Map(chosen.map((header) => [header[0].toLowerCase(), header]));
  const sharedIds = new Map<string, GeneratedId>();
  const drafted = [...once.values()].map(([name, value]) => ({ name, value: valueOf(name, value, source, sharedIds) }));
  return { headers: drafted, sharedIds };
}

const headersIn = (message: Signature['message']): string[] =>
  flattenParts(message).flatMap((part) =>
    typeof part === 'object' && 'header' in part ? [part.header.toLowerCase()] : [],
  );

function isIdHeader([name, value]: Header, source: HeaderSource): boolean {
  const isCalledSo = ID_HEADER.test(name) || value === source.eventId;
  return isCalledSo && idPatternOf(value) !== null && varies(name, value, source.others);
}

/** Nobody can tell by one capture. */
function varies(name: string, value: string, others: HeaderSource['others']): boolean {
  const lower = name.toLowerCase();
  return !others.some((headers) => headers.some(([other, same]) => other.toLowerCase() === lower && same === value));
}

function valueOf(name: string, value: string, source: HeaderSource, sharedIds: Map<string, GeneratedId>): JsonValue {
  const { named, generated, others, anonymise } = source;
  if (name === named.header) return { generated: 'event-name' };
  if (/^(?:content-type|user-agent)$/i.test(name)) return value.replace(/;\s*boundary=.*$/i, '');
  const time = timeForm(value, 'string');
  if (time !== null) return { generated: { time } };
  const field = repeatedField(value, source);
  const pattern = idPatternOf(value);
  const isToken = pattern !== null && typeof pattern === 'object' && 'id' in pattern;
  if (field !== null && (generated[field] !== undefined || !isToken)) {
    const made = generated[field];
    if (typeof made !== 'object' || !('id' in made)) return { field };
    const shared = { ...made, shared: true } as const;
    sharedIds.set(field, shared);
    return { generated: shared };
  }
  const isId = ID_HEADER.test(name) || /nonce|salt/i.test(name);
  if (isToken && (isId || value.length >= 16) && varies(name, value, others)) return { generated: { ...pattern } };
  return anonymise(value, name);
}

/** The field that every event has. */
function repeatedField(value: string, { sample, otherSamples }: HeaderSource): string | null {
  const field = fieldWith(sample, value, '', 0);
  return field !== null && otherSamples.every((one) => valueAt(one, field.split('.')) !== undefined) ? field : null;
}

/** The field of the body whose value a header repeats. */
function fieldWith(object: JsonObject, text: string, prefix: string, depth: number): string | null {
  for (const [name, value] of Object.entries(object)) {
    if (name.includes('.') || depth > 4) continue;
    if (value === text || (typeof value === 'number' && String(value) === text)) return prefix + name;
    const inner = isObject(value) ? fieldWith(value, text, `${prefix}${name}.`, depth + 1) : null;
    if (inner !== null) return inner;
  }
  return null;
}
