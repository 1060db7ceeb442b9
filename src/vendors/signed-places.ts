import type { RequestPlace } from '../model/signature.ts';
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';
import { signaturesOf } from './facts.ts';

const placed = new WeakMap<Vendor, WeakMap<VendorEvent, VendorEvent>>();

/**
 * The event with a field for all that signing writes into the body, its signature and its time: a vendor's list need
 * not name them.
 */
export function withSignedPlaces(vendor: Vendor, event: VendorEvent): VendorEvent {
  let known = placed.get(vendor);
  if (known === undefined) placed.set(vendor, (known = new WeakMap()));
  let found = known.get(event);
  if (found === undefined) {
    const paths = placesOf(vendor).flatMap((place) => pathOf(place));
    const fields = paths.reduce((all, path) => withField(all, path, vendor), event.fields);
    known.set(event, (found = fields === event.fields ? event : { ...event, fields }));
  }
  return found;
}

const placesOf = (vendor: Vendor): RequestPlace[] =>
  signaturesOf(vendor).flatMap(({ at, timestamp }) => [at, ...(timestamp?.at === undefined ? [] : [timestamp.at])]);

/** Those in the URL are no field of it: it may have a query of its own. */
function pathOf(place: RequestPlace): string[][] {
  if ('json' in place) return [place.json.split('.')];
  return 'form' in place ? [[place.form]] : [];
}

function withField(
  fields: readonly Field[],
  [name = '', ...rest]: readonly string[],
  vendor: Vendor,
): readonly Field[] {
  const at = fields.findIndex((field) => field.name === name);
  const known = fields[at];
  const { certainty } = vendor.signature;
  if (known === undefined) {
    const added: Field =
      rest.length === 0
        ? { name, type: 'string', certainty, example: '' }
        : { name, type: 'object', certainty, fields: withField([], rest, vendor) };
    return [...fields, added];
  }
  if (rest.length === 0 || known.fields === undefined) return fields;
  const inner = withField(known.fields, rest, vendor);
  return inner === known.fields ? fields : fields.with(at, { ...known, fields: inner });
}
