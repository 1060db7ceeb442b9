import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';
import type { Setting, Severity } from './conformance-case.ts';

/** What of a vendor decides which cases apply, read from its data. */

export const isSigned = ({ vendor }: Setting): boolean => vendor.signature !== null;
export const isUnsigned = ({ vendor }: Setting): boolean => vendor.signature === null;
export const isTimed = ({ vendor }: Setting): boolean => vendor.signature?.timestampUnit !== undefined;

/** The signature is the same whenever it is made: nothing in it ages. */
export const signsBodyAlone = ({ signature }: Vendor): boolean => signature !== null && signature.timestampUnit === undefined;

export const toleranceMs = ({ signature }: Vendor): number => signature?.toleranceMs ?? 0;

/** From the first attempt to the last one. */
export const ladderMs = ({ retries }: Vendor): number => retries.delaysMs.reduce((sum, delay) => sum + delay, 0);

/** Bodies that carry mails are large; others hardly ever. */
export const ofMail = ({ events }: Vendor): Severity => (events.some(({ fromMail }) => fromMail !== undefined) ? 'must' : 'should');

/** Only where nothing is signed can a stranger send what he likes. */
export const ofStrangers = ({ signature }: Vendor): Severity => (signature === null ? 'must' : 'should');

/** Can the receiver know an event again? */
export const ofIds = (vendor: Vendor): Severity => (idHeaderOf(vendor) !== null || vendor.events.some(({ idField }) => idField !== undefined) ? 'must' : 'should');

/** The header whose value is made anew for each event. */
export function idHeaderOf({ headers }: Vendor): string | null {
  return headers.find(({ value }) => typeof value === 'object' && 'generated' in value && value.generated === 'uuid')?.name ?? null;
}

/** The header that repeats the moment the body tells. */
export function dateHeaderOf({ headers }: Vendor): string | null {
  return headers.find(({ name }) => /date$/i.test(name))?.name ?? null;
}

export function eventHeaderOf({ headers }: Vendor): string | null {
  return headers.find(({ name }) => /event$/i.test(name))?.name ?? null;
}

/** The field with the event's name. */
export function eventFieldOf({ events }: Vendor): string | null {
  return events[0]?.fields.find(({ generated }) => generated === 'event-name')?.name ?? null;
}

interface FoundField {
  path: string;
  field: Field;
}

/** The fields that people write into: their samples hold white space or letters beyond ASCII. */
export function textFields({ events: [event] }: Vendor): string[] {
  return fieldsOf(event).filter(({ field }) => field.type === 'string' && field.generated === undefined && field.values === undefined && typeof field.example === 'string' && /[^!-~]/.test(field.example) && !field.example.startsWith('Mozilla')).map(({ path }) => path);
}

/** The first event with fields of documented values, and those fields. */
export function listedFields({ events }: Vendor): { event: string; fields: FoundField[] } | null {
  for (const event of events) {
    const fields = fieldsOf(event).filter(({ field }) => field.values !== undefined);
    if (fields.length > 0) return { event: event.name, fields };
  }
  return null;
}

function fieldsOf(event: VendorEvent | undefined): FoundField[] {
  const below = (fields: readonly Field[], prefix: string): FoundField[] => fields.flatMap((field) => [{ path: prefix + field.name, field }, ...below(field.fields ?? [], `${prefix}${field.name}.`)]);
  return below(event?.fields ?? [], '');
}
