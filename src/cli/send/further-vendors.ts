import type { Vendor } from '../../model/vendor.ts';
import type { VendorEntry, VendorRegistry } from '../../model/vendor-registry.ts';
import { wrapText } from '../terminal/text.ts';

/** Of the vendors that hookproof began with everything is shown at once; the others are too many for that. */
export async function splitVendors(registry: VendorRegistry): Promise<{ original: Vendor[]; further: VendorEntry[] }> {
  const original = registry.entries.filter(({ isOriginal }) => isOriginal).map(({ id }) => registry.load(id));
  return { original: await Promise.all(original), further: registry.entries.filter(({ isOriginal }) => !isOriginal) };
}

/** Their ids and what stands behind each; `command` shows one of them. Nothing where there are none. */
export function renderFurther(
  further: readonly VendorEntry[],
  command: string,
  describe: (entry: VendorEntry) => string,
): string[] {
  if (further.length === 0) return [];
  const width = Math.max(...further.map(({ id }) => id.length)) + 2;
  const rows = further.flatMap((entry) => wrapText(describe(entry), `  ${entry.id.padEnd(width)}`));
  return [[`Further vendors; of one: ${command}`, ...rows].join('\n')];
}
