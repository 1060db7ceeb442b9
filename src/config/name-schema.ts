import type { JsonSchema } from '../model/json.ts';
import type { Known } from './check-config.ts';
import { CONFIG_SCHEMA } from './check-structure.ts';

/**
 * The published schema with the names of vendors, events and payload elements filled in, so that an editor completes
 * them.
 */
export function makeNamedSchema({ vendors }: Known): JsonSchema {
  const schema = structuredClone(CONFIG_SCHEMA);
  const webhook = objectAt(schema, '$defs', 'webhook', 'properties');
  objectAt(webhook, 'vendor')['enum'] = vendors.map(({ id }) => id);
  objectAt(webhook, 'events', 'items')['enum'] = [...new Set(vendors.flatMap(({ events }) => events))];
  objectAt(webhook, 'dataSelection', 'items')['enum'] = [...new Set(vendors.flatMap(({ selectable }) => selectable))];
  return schema;
}

function objectAt(schema: JsonSchema, ...path: string[]): JsonSchema {
  return path.reduce((node, step) => node[step] as JsonSchema, schema);
}
