import type { VendorRegistry } from '../../model/vendor-registry.ts';
import { builtInVendors } from '../../vendors/registry.ts';

/** The vendors that a command can name. */
export function openVendors(): VendorRegistry {
  return builtInVendors;
}
