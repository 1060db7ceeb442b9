import type { Field, Generated, Vendor, VendorEvent, VendorHeader } from '../model/vendor.ts';
import type { Setting, Severity } from './conformance-case.ts';

/** What of a vendor decides which cases apply, read from its data. */

export const isSigned = ({ vendor }: Setting): boolean => vendor.signature !== null;
export const isUnsigned = ({ vendor }: Setting): boolean => vendor.signature === null;
export const isTimed = ({ vendor }: Setting): boolean => vendor.signature?.timestampUnit !== undefined;

/** The signature is the same whenever it is made: nothing in it ages. */
export const signsBodyAlone = ({ signature }: Vendor): boolean =>
  signature !== null && signature.timestampUnit === undefined;

export const toleranceMs = ({ signature }: Vendor): number => signature?.toleranceMs ?? 0;

/** Which of the comma-separated parts of the signature header holds its time or its digest; null where there are no such parts. */
export function signaturePart({ signature }: Vendor, slot: '{t}' | '{v}'): number | null {
  const parts = signature?.format.split(',') ?? [];
  const at = parts.findIndex((part) => part.includes(slot));
  return at === -1 || parts.length === 1 ? null : at;
}

/** From the first attempt to the last one. */
export const ladderMs = ({ retries }: Vendor): number => retries.delaysMs.reduce((sum, delay) => sum + delay, 0);

/** Bodies that carry whole texts of mails are large; others hardly ever. */
export const ofLongText = (vendor: Vendor): Severity => (longField(vendor) === null ? 'should' : 'must');

/** Only where nothing is signed can a stranger send what he likes. */
export const ofStrangers = ({ signature }: Vendor): Severity => (signature === null ? 'must' : 'should');

/** Can the receiver know an event again? */
export const ofIds = (vendor: Vendor): Severity =>
  idHeaderOf(vendor) !== null || vendor.events.some(({ idField }) => idField !== undefined) ? 'must' : 'should';

/** The header whose value is made anew for each event. */
export function idHeaderOf({ headers }: Vendor): string | null {
  return (
    headers.find(({ value }) => typeof value === 'object' && 'generated' in value && value.generated === 'uuid')
      ?.name ?? null
  );
}

/** The header that repeats the moment the body tells. */
export function dateHeaderOf(vendor: Vendor): string | null {
  return headerLike(vendor, (generated) => generated.startsWith('time-'));
}

/** The header that repeats the event's name. */
export function eventHeaderOf(vendor: Vendor): string | null {
  return headerLike(vendor, (generated) => generated === 'event-name');
}

/** The header whose value, or the field it repeats, is made so. */
function headerLike({ headers, events: [event] }: Vendor, isMeant: (generated: Generated) => boolean): string | null {
  const madeOf = (value: VendorHeader['value']): Generated | undefined => {
    if (typeof value === 'string') return undefined;
    return 'generated' in value
      ? value.generated
      : fieldsOf(event).find(({ path }) => path === value.field)?.field.generated;
  };
  return (
    headers.find(({ value }) => {
      const made = madeOf(value);
      return made !== undefined && isMeant(made);
    })?.name ?? null
  );
}

/** An address that may call for the vendor: the first of its network, where one is known; else one of nobody (RFC 5737). */
export function vendorAddress({ trust }: Vendor): string {
  return trust.networks?.cidrs[0]?.split('/', 1)[0] ?? '192.0.2.10';
}

/** The field with the event's name. */
export function eventFieldOf({ events }: Vendor): string | null {
  return events[0]?.fields.find(({ generated }) => generated === 'event-name')?.name ?? null;
}

interface FoundField {
  path: string;
  field: Field;
}

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
export function nullableFields(event: VendorEvent): string[] {
  return fieldsOf(event)
    .filter(({ field }) => field.nullable && !field.optional)
    .map(({ path }) => path);
}

/** Of lists the first element, which a full sample has. */
function fieldsOf(event: VendorEvent | undefined): FoundField[] {
  const below = (fields: readonly Field[], prefix: string): FoundField[] =>
    fields.flatMap((field) => [
      { path: prefix + field.name, field },
      ...below(field.fields ?? [], `${prefix}${field.name}.`),
      ...below(field.items?.fields ?? [], `${prefix}${field.name}.0.`),
    ]);
  return below(event?.fields ?? [], '');
}
