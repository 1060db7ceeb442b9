import { resolve } from 'node:path';
import type { FileEnvironment } from '../../model/environment.ts';
import type { Vendor } from '../../model/vendor.ts';
import { isVendorFile, type VendorRegistry } from '../../model/vendor-registry.ts';
import type { Config } from '../../model/webhook.ts';
import { builtInVendors, makeRegistry } from '../../vendors/registry.ts';
import { BUILT_IN } from '../../vendors/vendor-index.ts';

type Directory = Pick<FileEnvironment, 'workingDirectory'>;

/** The vendors that a command can name: built in, of the configuration, or of a file that `--vendor` names. */
export function openVendors(
  { vendors = [] }: Pick<Config, 'vendors'>,
  { workingDirectory }: Directory,
): VendorRegistry {
  const configured = vendors.map(({ entry, vendor, file }) => ({ ...entry, load: () => prove(vendor, file) }));
  // A vendor that hookproof learns later gives way to the user's own of that id.
  const others = BUILT_IN.filter(({ id }) => !configured.some((one) => one.id === id));
  const { entries, load, loadAll } = makeRegistry([
    ...others.filter(({ isOriginal }) => isOriginal),
    ...configured,
    ...others.filter(({ isOriginal }) => !isOriginal),
  ]);
  const opened = new Map<string, Promise<Vendor>>();
  return {
    entries,
    loadAll,
    load: (reference) => {
      if (!isVendorFile(reference)) return load(reference);
      const opening = opened.get(reference) ?? openVendorFile(reference, workingDirectory);
      opened.set(reference, opening);
      return opening;
    },
  };
}

async function openVendorFile(reference: string, workingDirectory: string): Promise<Vendor> {
  const { readVendorFile } = await import('../../config/read-vendor-file.ts');
  const path = resolve(workingDirectory, reference);
  const { vendor } = await readVendorFile(reference, path, { kind: 'config', builtIn: builtInVendors });
  return prove(vendor, reference);
}

/** Before anything is done by it. Throws AppError `config` where the file contradicts its own vectors. */
async function prove(vendor: Vendor, file: string): Promise<Vendor> {
  if (vendor.vectors === undefined) return vendor;
  const { requireVectors } = await import('../../sign/check-vectors.ts');
  requireVectors(vendor, file);
  return vendor;
}

/** The same, for a command that reads the configuration for nothing else: only where it is asked for another vendor. */
export function openVendorsLazily(readConfig: () => Promise<Config>, directory: Directory): VendorRegistry {
  const builtIn = openVendors({}, directory);
  let opening: Promise<VendorRegistry> | undefined;
  const open = (): Promise<VendorRegistry> =>
    (opening ??= readConfig().then((config) => openVendors(config, directory)));
  const isOriginal = (id: string): boolean => builtIn.entries.some((entry) => entry.id === id && entry.isOriginal);
  return {
    entries: builtIn.entries,
    load: async (reference) =>
      (isVendorFile(reference) || isOriginal(reference) ? builtIn : await open()).load(reference),
    loadAll: async () => (await open()).loadAll(),
  };
}
