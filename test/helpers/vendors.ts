import type { Vendor } from '../../src/model/vendor.ts';
import { findEntry } from '../../src/vendors/registry.ts';
import { BUILT_IN } from '../../src/vendors/vendor-index.ts';

/** Every built-in vendor: tests go through all of them. */
export const VENDORS: readonly Vendor[] = await Promise.all(BUILT_IN.map(({ load }) => load()));

export const findVendor = (id: string): Vendor => VENDORS[BUILT_IN.indexOf(findEntry(BUILT_IN, id))] as Vendor;
