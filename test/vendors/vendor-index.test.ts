import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Vendor } from '../../src/model/vendor.ts';
import { entryOf, ORIGINAL_IDS } from '../../src/vendors/vendor-entry.ts';

const FOLDER = join(import.meta.dirname, '../../src/vendors');

interface VendorModule {
  /** What the module calls the vendor. */
  name: string;
  vendor: Vendor;
}

/** A file is a vendor's when it exports a vendor whose id is the file's name. */
async function readVendorModules(): Promise<VendorModule[]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && file !== 'vendor-index.ts');
  const found = await Promise.all(
    files.map(async (file) => {
      const exported = Object.entries((await import(join(FOLDER, file))) as Record<string, Partial<Vendor> | null>);
      return exported.flatMap(([name, value]) =>
        value?.id === basename(file, '.ts') ? [{ name, vendor: value as Vendor }] : [],
      );
    }),
  );
  return found.flat().toSorted((a, b) => placeOf(a.vendor) - placeOf(b.vendor) || (a.vendor.id < b.vendor.id ? -1 : 1));
}

/** The original ones come first, in their order. */
const placeOf = ({ id }: Vendor): number =>
  ORIGINAL_IDS.includes(id) ? ORIGINAL_IDS.indexOf(id) : ORIGINAL_IDS.length;

const quote = (text: string): string => `'${text.replace(/['\\]/g, String.raw`\$&`)}'`;

/** `key: ['a', 'b', …],` in lines as wide as they may be. */
function writeList(key: string, items: readonly string[]): string[] {
  const lines = [`    ${key}: [`];
  for (const item of items.map((one) => `${quote(one)}, `)) {
    if ((lines.at(-1) as string).length + item.length > 118) lines.push('      ');
    lines.push((lines.pop() as string) + item);
  }
  return [...lines.slice(0, -1), `${(lines.at(-1) as string).replace(/, $/, '')}],`];
}

function writeEntry({ name, vendor }: VendorModule): string {
  const { id, title, events, selectable, isSigned, showsCertificate } = entryOf(vendor);
  const flags = { isSigned, showsCertificate, isOriginal: ORIGINAL_IDS.includes(id) };
  return [
    `  { id: ${quote(id)}, title: ${quote(title)},`,
    ...writeList('events', events),
    ...writeList('selectable', selectable),
    `    ${Object.entries(flags)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')},`,
    `    load: async () => (await import('./${id}.ts')).${name} },`,
  ].join('\n');
}

const writeIndex = (modules: readonly VendorModule[]): string =>
  `// Made by: npx vitest run test/vendors/vendor-index.test.ts -u
import type { BuiltInVendor } from './vendor-entry.ts';

/** Every built-in vendor, in the order they are shown: the names without the data. */
export const BUILT_IN: readonly BuiltInVendor[] = [
${modules.map(writeEntry).join('\n')}
];
`;

test('the index says what the vendors say', async () => {
  const modules = await readVendorModules();
  expect(modules.map(({ vendor }) => vendor.id).slice(0, ORIGINAL_IDS.length)).toEqual(ORIGINAL_IDS);
  await expect(writeIndex(modules)).toMatchFileSnapshot(join(FOLDER, 'vendor-index.ts'));
});
