import { isObject, type JsonValue } from '../model/json.ts';
import type { Field, Vendor } from '../model/vendor.ts';

/** The vendor as it would be if its key lay there: every event and question names this address. */
export function withKeyAddress(vendor: Vendor, address: string): Vendor {
  const path = vendor.signature.value?.keyUrl?.json.split('.');
  if (path === undefined) return vendor;
  const { handshakes } = vendor;
  return {
    ...vendor,
    events: vendor.events.map((event) => ({ ...event, fields: withExample(event.fields, path, address) })),
    handshakes: handshakes && {
      ...handshakes,
      value: handshakes.value.map((one) => ({ ...one, body: one.body && withValue(one.body, path, address) })),
    },
  };
}

function withExample(fields: readonly Field[], [name, ...rest]: readonly string[], example: string): Field[] {
  return fields.map((field) => {
    if (field.name !== name) return field;
    return rest.length === 0
      ? { ...field, example }
      : { ...field, fields: field.fields && withExample(field.fields, rest, example) };
  });
}

/** Only where something stands there already. */
function withValue(body: JsonValue, [name = '', ...rest]: readonly string[], value: string): JsonValue {
  if (!isObject(body) || !Object.hasOwn(body, name)) return body;
  return { ...body, [name]: rest.length === 0 ? value : withValue(body[name] as JsonValue, rest, value) };
}
