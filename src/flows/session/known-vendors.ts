import type { Known } from '../../config/check-config.ts';
import { VENDORS } from '../../vendors/index.ts';

/** What a configuration may name, as the vendors room knows it. */
export function knownVendors(): Known {
  return {
    vendors: VENDORS.map((vendor) => ({
      id: vendor.id,
      events: vendor.events.map(({ name }) => name),
      selectable: vendor.events.flatMap(({ fields }) => fields.flatMap(({ selectable }) => selectable ?? [])),
    })),
  };
}
