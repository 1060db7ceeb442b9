import type { Vendor } from '../model/vendor.ts';

/** Makes a fact of a vendor's data once: these are asked for with every request. */
export function perVendor<Fact>(make: (vendor: Vendor) => Fact): (vendor: Vendor) => Fact {
  const made = new WeakMap<Vendor, { fact: Fact }>();
  return (vendor) => {
    let known = made.get(vendor);
    if (known === undefined) made.set(vendor, (known = { fact: make(vendor) }));
    return known.fact;
  };
}
