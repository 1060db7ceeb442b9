import type { Generated } from '../model/generated.ts';
import type { Field, Vendor, VendorEvent } from '../model/vendor.ts';
import { fieldsOf } from '../vendors/facts.ts';

/** What comes after a text that must differ in each event. */
const OWN = '[a-z0-9]{10}';

/**
 * The vendor with events of which no two are alike: receivers know an event again by its id, and where the body has
 * none by the field that people tell events apart by, or by its bytes. What is always the same in a sample is made for
 * each.
 */
export function withDistinctEvents(vendor: Vendor): Vendor {
  return { ...vendor, events: vendor.events.map(distinctEvent) };
}

function distinctEvent(event: VendorEvent): VendorEvent {
  const { keyField, idField } = event;
  const fields = fieldsOf(event).filter(({ path }) => !path.includes('.0.'));
  const key = fields.find(({ path }) => path === keyField);
  if (key !== undefined) return withGenerated(event, key);
  const line = fields.find(({ field }) => field.prose === 'line');
  return idField !== undefined || line === undefined ? event : withGenerated(event, line);
}

function withGenerated(event: VendorEvent, { path, field }: { path: string; field: Field }): VendorEvent {
  const generated = field.generated ?? distinctValue(field);
  return generated === null ? event : { ...event, fields: generateAt(event.fields, path.split('.'), generated) };
}

/** Null where there is nothing to vary. */
function distinctValue({ type, example, prose }: Field): Generated | null {
  if (type === 'number' || type === 'integer') return { digits: 12 };
  // A bracket would be a class of the pattern.
  if (type !== 'string' || typeof example !== 'string' || /[[\]{}]/.test(example)) return null;
  if (prose === undefined && example.includes('@')) return { id: `hookproof-${OWN}@example.com` };
  return { id: `${example}${prose === 'line' ? ' ' : '-'}${OWN}` };
}

function generateAt(
  fields: readonly Field[],
  [name, ...rest]: readonly string[],
  generated: Generated,
): readonly Field[] {
  return fields.map((field) => {
    if (field.name !== name) return field;
    return rest.length === 0
      ? { ...field, generated }
      : { ...field, fields: generateAt(field.fields ?? [], rest, generated) };
  });
}
