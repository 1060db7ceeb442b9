import { isObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import type { RequestPlace, Signature } from '../../model/signature.ts';
import { findEventName, type NamedEvent } from './event-name.ts';
import { readSample, type SampledRequest } from './read-sample.ts';

/** An event as a capture holds it. */
export interface SeenEvent {
  /** Index of the capture. */
  capture: number;
  /** Without the signature. */
  sample: JsonObject;
  named: NamedEvent;
}

/** Of a longer one, the lists keep their first elements alone: a vendor file has its limits. */
const LONG_SAMPLE = 20_000;
const MAX_ELEMENTS = 10;

/** All events of all captures; `given` is the name that the user says they have. */
export function listSeenEvents(
  requests: readonly SampledRequest[],
  signatures: readonly Signature[],
  given: string | undefined,
): SeenEvent[] {
  return requests.flatMap((request, capture) =>
    readSample(request).events.map((read): SeenEvent => {
      const whole = signatures.reduce((one, { at }) => blankPlace(one, at), read);
      const isLong = JSON.stringify(whole).length > LONG_SAMPLE;
      const sample = isLong ? (shortenLists(whole) as JsonObject) : whole;
      return { capture, sample, named: findEventName(request.headers, sample, given) };
    }),
  );
}

/** In the order in which each name comes first. */
export function groupByName(seen: readonly SeenEvent[]): [SeenEvent, ...SeenEvent[]][] {
  const groups = new Map<string, [SeenEvent, ...SeenEvent[]]>();
  for (const one of seen) {
    const known = groups.get(one.named.name);
    if (known === undefined) groups.set(one.named.name, [one]);
    else known.push(one);
  }
  return [...groups.values()];
}

function shortenLists(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.slice(0, MAX_ELEMENTS).map(shortenLists);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shortenLists(one)]));
}

/** Where the signature stands in the body, the sample has an empty text: it is written anew. */
function blankPlace(sample: JsonObject, place: RequestPlace): JsonObject {
  if (!('json' in place) && !('form' in place)) return sample;
  const steps = 'json' in place ? place.json.split('.') : [place.form];
  return blankAt(sample, steps) as JsonObject;
}

function blankAt(value: JsonValue, [step, ...rest]: readonly string[]): JsonValue {
  if (step === undefined) return '';
  if (Array.isArray(value)) return value.map((one, index) => (String(index) === step ? blankAt(one, rest) : one));
  if (!isObject(value) || !Object.hasOwn(value, step)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, name === step ? blankAt(one, rest) : one]),
  );
}
