import { AppError } from '../model/error.ts';
import type { JsonObject } from '../model/json.ts';
import type { VendorEvent } from '../model/vendor.ts';

/**
 * The payload with only the named data-selection elements (Mail-Plus); what is not selected is absent.
 * Throws `usage` for an unknown element, or when the event has none to select.
 */
export function selectFields(payload: JsonObject, event: VendorEvent, names: readonly string[]): JsonObject {
  const selectable = new Map<string, string>();
  for (const field of event.fields) {
    if (field.selectable !== undefined) selectable.set(field.name, field.selectable);
  }
  const among = [...new Set(selectable.values())];
  for (const name of names) checkElement(name, event, among);
  const kept = Object.entries(payload).filter(([key]) => {
    const element = selectable.get(key);
    return element === undefined || names.includes(element);
  });
  return Object.fromEntries(kept);
}

function checkElement(name: string, event: VendorEvent, among: readonly string[]): void {
  if (among.includes(name)) return;
  if (among.length === 0) {
    throw new AppError('usage', `${event.name} has no data selection: its fields cannot be switched off`, {
      hint: 'leave --select out; --remove takes single fields away',
    });
  }
  throw new AppError('usage', `${event.name} has no element "${name}" to select`, {
    hint: `elements: ${among.join(',')}`,
    unknown: { given: name, among },
  });
}
