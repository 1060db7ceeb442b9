import { listCases } from '../../conform/cases/list-cases.ts';
import type { Setting } from '../../conform/conformance-case.ts';
import type { Vendor } from '../../model/vendor.ts';
import { bugsOf } from '../../receive/bugs/list-bugs.ts';
import type { VendorName, VendorNames } from '../completion/place.ts';

/** The cases and bugs that there are, each with the vendors that have it, in the order in which they are shown. */
export function vendorNames(vendors: readonly Vendor[]): VendorNames {
  return {
    case: gather(vendors, (vendor) => listCases(everythingOf(vendor)).map(({ id, title }) => [id, title])),
    bug: gather(vendors, (vendor) => bugsOf(vendor).map(({ id, mistake }) => [id, mistake])),
  };
}

/** Whatever endpoint it is: everything can be tried there. */
const everythingOf = (vendor: Vendor): Setting => ({
  vendor,
  isSecure: true,
  hasClientCertificate: true,
  hasSecretPrefix: true,
  servesForeignKey: true,
  servesCallback: true,
});

/** The text is that of the first vendor: another one's says the same in its own words. */
function gather(
  vendors: readonly Vendor[],
  namesOf: (vendor: Vendor) => readonly (readonly [name: string, text: string])[],
): VendorName[] {
  const found = new Map<string, { text: string; of: string[] }>();
  for (const vendor of vendors)
    for (const [name, text] of namesOf(vendor)) {
      const known = found.get(name) ?? { text, of: [] };
      known.of.push(vendor.id);
      found.set(name, known);
    }
  return [...found].map(([name, { text, of }]) => ({ name, text, of: of.length === vendors.length ? null : of }));
}
