import { isObject, type JsonObject, type JsonSchema } from '../model/json.ts';
import type { Vendor, VendorHeader } from '../model/vendor.ts';
import { contentTypeOf } from '../vendors/body-facts.ts';
import { evidenceOf, withEvidence } from '../vendors/evidence.ts';
import { fieldsOfSample } from './fields-of-sample.ts';
import { fillDefaults } from './match-schema.ts';
import { withTokenTime } from './token-time.ts';

/** What a vendor is made of: a file whose content is right, and what that leaves out. */
export interface VendorParts {
  content: JsonObject;
  schema: JsonSchema;
  /** The vendor that the file extends. */
  base: Vendor | null;
  /** The file as it was named: where what it says stands. */
  file: string;
  /** The day it was written, `YYYY-MM-DD`. */
  day: string;
}

/** What hookproof takes for true of a vendor of whom nobody says otherwise. */
const ASSUMED = {
  signature: { value: null, certainty: 'us', note: 'unknown: the file does not say' },
  success: { value: { statuses: '2xx' }, certainty: 'us' },
  timeoutMs: { value: 10_000, certainty: 'us' },
  retries: { delaysMs: { value: [], certainty: 'us' } },
  trust: {},
  jsonStyle: { value: 'compact', certainty: 'us' },
} satisfies Partial<Vendor>;

/** Properties of these say one thing each: a file may say one of them anew. */
const MERGED = ['retries', 'trust'] as const;

/** The vendor of a file: what it says, else the vendor it extends, else what is assumed. */
export function makeVendor({ content, schema, base, file, day }: VendorParts): Vendor {
  const { $schema: _, extends: __, withoutBaseEvents, ...own } = fillDefaults(schema, content) as JsonObject;
  const inherited = base === null ? {} : inherit(base, own);
  const events = ((own['events'] ?? []) as JsonObject[]).map(withFields);
  const names = new Set(events.map(({ name }) => name));
  const kept = withoutBaseEvents === true ? [] : (inherited.events ?? []).filter(({ name }) => !names.has(name));
  const merged = MERGED.map((key) => [key, { ...ASSUMED[key], ...inherited[key], ...(own[key] as object) }]);
  // The schema holds the content to the types, and a test the schema to them.
  return withTokenTimes({
    id: own['id'],
    title: own['id'],
    documentation: file,
    asOf: day,
    headers: assumedHeaders({ ...inherited, ...own }),
    ...ASSUMED,
    ...inherited,
    ...own,
    ...Object.fromEntries(merged),
    events: [...events, ...kept],
  } as unknown as Vendor);
}

function withTokenTimes(vendor: Vendor): Vendor {
  const { signature, furtherSignatures: further } = vendor;
  return {
    ...vendor,
    signature: signature.value === null ? signature : { ...signature, value: withTokenTime(signature.value) },
    ...(further && { furtherSignatures: { ...further, value: further.value.map(withTokenTime) } }),
  };
}

/** The content type of the bodies that the vendor sends. */
function assumedHeaders(vendor: Pick<Vendor, 'body'>): VendorHeader[] {
  const value = contentTypeOf(vendor);
  return value === null ? [] : [{ name: 'Content-Type', value, certainty: 'us' }];
}

/** What the vectors are answers of: with another of these the answers of the base are no longer right. */
const SIGNED_BY = ['signature', 'furtherSignatures', 'headers'];

/** What another vendor takes over. Its facts say themselves where they stand, for that is no page of the other's. */
function inherit(base: Vendor, own: JsonObject): Partial<Vendor> {
  const { vectors } = base;
  const isSignedAlike = SIGNED_BY.every((key) => own[key] === undefined);
  const { id: _, title: __, documentation: ___, publicSource: ____, asOf: _____, ...facts } = base;
  const filled = withEvidence(base, { ...facts, vectors: undefined }, (vendor, fact) => {
    const { source, ...rest } = evidenceOf(vendor, fact);
    return source === null ? rest : { ...rest, source };
  }) as Partial<Vendor>;
  return { ...filled, vectors: isSignedAlike ? vectors : undefined };
}

/** The event with fields in place of its sample. */
function withFields({ sample, generated = {}, ...event }: JsonObject): JsonObject {
  const named = { summary: '', ...event };
  if (!isObject(sample)) return named;
  const fields = fieldsOfSample(sample, generated as JsonObject);
  return { ...named, fields: fields.map((field) => withCertainty(field)) };
}

const withCertainty = ({ fields, ...field }: JsonObject): JsonObject => ({
  ...field,
  certainty: 'user',
  ...(fields === undefined ? {} : { fields: (fields as JsonObject[]).map(withCertainty) }),
});
