import type { Vendor } from '../../model/vendor.ts';
import type { VendorEntry, VendorRegistry } from '../../model/vendor-registry.ts';
import { wrapText } from '../terminal/text.ts';
import { inOwnName } from '../terminal/program-name.ts';

/**
 * Of the vendors that hookproof began with, and of the user's own, everything is shown at once; the others are too many
 * for that.
 */
export async function splitVendors(registry: VendorRegistry): Promise<{ shown: Vendor[]; further: VendorEntry[] }> {
  const shown = registry.entries.filter(isShown).map(({ id }) => registry.load(id));
  return { shown: await Promise.all(shown), further: registry.entries.filter((entry) => !isShown(entry)) };
}

const isShown = ({ isOriginal, file }: VendorEntry): boolean => isOriginal || file !== undefined;

/** Their ids and what stands behind each; `command` shows one of them. Nothing where there are none. */
export function renderFurther(
  further: readonly VendorEntry[],
  command: string,
  describe: (entry: VendorEntry) => string,
): string[] {
  if (further.length === 0) return [];
  const width = Math.max(...further.map(({ id }) => id.length)) + 2;
  const rows = further.flatMap((entry) => wrapText(describe(entry), `  ${entry.id.padEnd(width)}`));
  return [[...wrapText(`Further vendors; show one: ${inOwnName(command)}`, ''), ...rows].join('\n')];
}
