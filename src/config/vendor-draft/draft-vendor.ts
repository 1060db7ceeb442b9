import type { Generated, GeneratedId } from '../../model/generated.ts';
import { isObject, valueAt, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { Header } from '../../model/plan.ts';
import { mapParts, type MessagePart, type Signature } from '../../model/signature.ts';
import { makeAnonymiser } from './anonymise.ts';
import { draftHeaders } from './draft-headers.ts';
import { findGenerated, findIdPath } from './generated-values.ts';
import { readSample, type SampledRequest } from './read-sample.ts';
import { groupByName, listSeenEvents, type SeenEvent } from './seen-events.ts';
import { makeVariation, type Variation } from './variation.ts';

export interface DraftedRequest extends SampledRequest {
  /** When it was made, as far as is known. */
  madeAtMs: number | null;
}

/** What is known of a vendor that was learned from captures. */
export interface DraftParts {
  id: string;
  title: string;
  /** `YYYY-MM-DD` */
  asOf: string;
  /** The path of the schema of vendor files. */
  schemaPath: string;
  /** At least one. */
  requests: readonly DraftedRequest[];
  signature: Signature;
  further: readonly Signature[];
  /** What proved the signature. */
  proof: string;
  /** How the vendor writes JSON; null where that is no style of ours. */
  jsonStyle: string | null;
  /** The event's name, where the user says it. */
  event?: string;
  keepsValues: boolean;
  holdsSecret: (text: string) => boolean;
}

export interface DraftedVendor {
  /** Of the file: what the captures prove, and nothing of what is not known. */
  content: JsonObject;
  events: readonly DraftedEvent[];
}

/** An event of the file, and the captures (by their index) that hold one of its name; its sample is of the first. */
export interface DraftedEvent {
  name: string;
  captures: readonly number[];
}

/** The file of a vendor. */
export function draftVendor(parts: DraftParts): DraftedVendor {
  const { id, title, asOf, schemaPath, requests, signature, further, proof, jsonStyle } = parts;
  const [request] = requests as [DraftedRequest, ...DraftedRequest[]];
  const signatures = [signature, ...further];
  const seen = listSeenEvents(requests, signatures, parts.event);
  const { headers, events } = draftEvents(seen, signatures, parts);
  const { format, isList } = readSample(request);
  const idHeader = headers.find(
    ({ value }) => isObject(value) && isObject(value['generated']) && 'id' in value['generated'],
  );
  const [own, ...rest] = signatures.map((one) => withId(one, idHeader?.['name'] as string | undefined));
  const content: JsonObject = {
    $schema: schemaPath,
    id,
    title,
    asOf,
    ...(request.method !== 'POST' && { method: { value: request.method } }),
    ...(format !== null && { body: { value: format } }),
    ...(isList && format?.format !== 'json-lines' && { batch: batchOf(seen) }),
    ...(jsonStyle !== null && jsonStyle !== 'compact' && { jsonStyle: { value: jsonStyle } }),
    events,
    headers,
    signature: { value: own as unknown as JsonObject, note: proof },
    ...(rest.length > 0 && { furtherSignatures: { value: rest as unknown as JsonValue[], note: proof } }),
  };
  const drafted = groupByName(seen).map(([first, ...more]) => ({
    name: first.named.name,
    captures: [...new Set([first, ...more].map(({ capture }) => capture))],
  }));
  return { content, events: drafted };
}

/** The events without what a file must not hold, and the headers beside them. */
function draftEvents(
  seen: readonly SeenEvent[],
  signatures: readonly Signature[],
  { requests, keepsValues, holdsSecret }: DraftParts,
): { headers: JsonObject[]; events: JsonObject[] } {
  const anonymise = makeAnonymiser({ keepsValues, holdsSecret });
  const variationOf = makeVariation(seen.map(({ sample }) => sample));
  const drafts = groupByName(seen).map(([{ sample, named, capture }]) => ({
    sample,
    named,
    generated: generatedOf(sample, named.field, signatures, requests[capture]?.madeAtMs ?? null, variationOf),
  }));
  const [{ sample, named, generated }, ...more] = drafts as [(typeof drafts)[0], ...typeof drafts];
  const [request, ...others] = distinctRequests(requests) as [DraftedRequest, ...DraftedRequest[]];
  const idPath = findIdPath(sample, variationOf);
  const { headers, sharedIds } = draftHeaders({
    eventId: (idPath === null ? undefined : valueAt(sample, idPath.split('.'))) ?? null,
    headers: request.headers,
    others: others.map((one): readonly Header[] => one.headers),
    sample,
    otherSamples: more.map((one) => one.sample),
    generated,
    named,
    signatures,
    anonymise: (value, name) => (anonymise({ [name]: value }) as JsonObject)[name] as string,
  });
  const events = drafts.map((draft) => ({
    name: draft.named.name,
    sample: anonymise(draft.sample, new Set(keptPaths(draft.generated, draft.named.field))),
    ...eventParts(draft.sample, draft.generated, sharedIds, variationOf),
  }));
  return { headers, events };
}

/** One that was sent again has the id that it had before. */
function distinctRequests(requests: readonly DraftedRequest[]): DraftedRequest[] {
  const byContent = new Map<string, DraftedRequest>();
  for (const request of requests) {
    const content = `${request.path} ${Buffer.from(request.body).toString('latin1')}`;
    if (!byContent.has(content)) byContent.set(content, request);
  }
  return [...byContent.values()];
}

function batchOf(seen: readonly SeenEvent[]): JsonObject {
  const captures = [...new Set(seen.map(({ capture }) => capture))].map((index) =>
    seen.filter(({ capture }) => capture === index),
  );
  const max = Math.max(...captures.map(({ length }) => length));
  return {
    value: { shape: 'array', max, mixesEvents: captures.some((events) => groupByName(events).length > 1) },
    certainty: 'inf',
    note: `a captured request has ${max}; other numbers may occur`,
  };
}

function generatedOf(
  sample: JsonObject,
  eventField: string | null,
  signatures: readonly Signature[],
  madeAtMs: number | null,
  variationOf: (path: string) => Variation,
): Record<string, Generated> {
  const times = signatures.flatMap(({ timestamp }) => {
    const place = timestamp?.at;
    if (timestamp === undefined || place === undefined || !('json' in place || 'form' in place)) return [];
    const path = 'json' in place ? place.json : place.form;
    return valueAt(sample, path.split('.')) === undefined ? [] : [[path, { time: timestamp.unit }] as const];
  });
  return {
    ...findGenerated(sample, madeAtMs, variationOf),
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
  sharedIds: ReadonlyMap<string, GeneratedId>,
  variationOf: (path: string) => Variation,
): JsonObject {
  const written = Object.entries(generated).map(([path, made]): [string, JsonValue] => {
    const shared = sharedIds.get(path) ?? made;
    return [path, typeof shared === 'object' ? { ...shared } : shared];
  });
  const idPath = findIdPath(sample, variationOf);
  return {
    ...(written.length > 0 && { generated: Object.fromEntries(written) }),
    ...(idPath !== null && generated[idPath] !== undefined && { idField: idPath }),
  };
}

/** The header with the event's id has a word of its own in a message. */
function withId(signature: Signature, idHeader: string | undefined): Signature {
  const lower = idHeader?.toLowerCase();
  const isId = (part: MessagePart): boolean =>
    typeof part === 'object' && 'header' in part && part.header.toLowerCase() === lower;
  return { ...signature, message: mapParts(signature.message, (part) => (isId(part) ? 'id' : part)) };
}
