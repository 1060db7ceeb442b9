import type { VendorTrait } from '../model/receiver-mistake.ts';
import type { Field, Vendor } from '../model/vendor.ts';
import { sureNulls, unsureNulls } from './decisive-facts.ts';
import {
  eventFieldOf,
  eventHeaderOf,
  hasEventIds,
  idHeaderOf,
  isSigned,
  isTimed,
  listedFields,
  longField,
  mediaTypesOf,
  proseFields,
  repeatsOf,
  secretPrefixOf,
  signaturePart,
  signsBodyAlone,
  timeUnitOf,
} from './facts.ts';

const TRAITS: Record<VendorTrait, (vendor: Vendor) => boolean> = {
  signed: isSigned,
  unsigned: (vendor) => !isSigned(vendor),
  timed: isTimed,
  'time-in-seconds': (vendor) => timeUnitOf(vendor) === 's',
  'time-in-milliseconds': (vendor) => timeUnitOf(vendor) === 'ms',
  'untimed-signature': signsBodyAlone,
  'signature-parts': (vendor) => signaturePart(vendor, '{t}') !== null && signaturePart(vendor, '{v}') !== null,
  'secret-prefix': (vendor) => secretPrefixOf(vendor) !== undefined,
  'id-header': (vendor) => idHeaderOf(vendor) !== null,
  'event-header': (vendor) => eventHeaderOf(vendor) !== null,
  'repeating-headers': (vendor) => repeatsOf(vendor).length > 0,
  'event-ids': hasEventIds,
  'event-names': (vendor) => eventFieldOf(vendor) !== null,
  'several-events': ({ events }) => events.length > 1,
  'listed-values': (vendor) => listedFields(vendor) !== null,
  'nullable-fields': ({ events }) => events.some((event) => sureNulls(event).length > 0),
  'assumed-nulls': ({ events }) => events.some((event) => unsureNulls(event).length > 0),
  'null-in-list': (vendor) => someField(vendor, ({ items }) => items?.fields?.some(({ nullable }) => nullable)),
  'numeric-ids': (vendor) => someField(vendor, ({ generated, type }) => isNumber(generated) && type === 'string'),
  'address-objects': (vendor) => someField(vendor, ({ name, type }) => name === 'from' && type === 'object'),
  'never-a-form': (vendor) => !mediaTypesOf(vendor).includes('application/x-www-form-urlencoded'),
  prose: (vendor) => proseFields(vendor).length > 0,
  'long-text': (vendor) => longField(vendor) !== null,
  'listed-statuses': ({ success }) => success.value.statuses !== '2xx',
  'reverse-dns': ({ trust }) => trust.reverseDnsSuffix !== undefined,
};

/** Does the vendor have this trait, or all of these? True where none is asked for. */
export function hasTraits(vendor: Vendor, traits: VendorTrait | readonly VendorTrait[] = []): boolean {
  return [traits].flat().every((trait) => TRAITS[trait](vendor));
}

const isNumber = (made: Field['generated']): boolean => typeof made === 'object' && 'digits' in made;

/** Of the outermost fields alone. */
function someField({ events }: Vendor, isMeant: (field: Field) => boolean | undefined): boolean {
  return events.some(({ fields }) => fields.some((field) => isMeant(field)));
}
