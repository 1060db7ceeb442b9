import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { isObject, type JsonPath, type JsonValue } from '../model/json.ts';
import { isVendorFile } from '../model/vendor-registry.ts';
import type { ConfiguredVendor } from '../model/webhook.ts';
import { builtInVendors } from '../vendors/registry.ts';
import { entryOf } from '../vendors/vendor-entry.ts';
import { placedError, type HandWrittenJson } from './read-checked-json.ts';
import { readVendorFile } from './read-vendor-file.ts';

/**
 * The vendors of the files that a configuration names. Throws AppError `config`: of the file that is wrong, or of the
 * configuration where two files have one id.
 */
export async function readConfiguredVendors(json: HandWrittenJson, homeDirectory: string): Promise<ConfiguredVendor[]> {
  const vendors: (ConfiguredVendor & { path: JsonPath })[] = [];
  for (const { reference, path } of listReferences(json.text)) {
    const file = placeVendorFile(reference, dirname(json.file), homeDirectory);
    const known = vendors.find((one) => one.file === file);
    if (known === undefined) {
      // Told at the place that names it: of the file itself there is nothing to tell.
      if (!existsSync(file)) throw placedError(json, [{ path, message: `the vendor file ${file} does not exist` }]);
      const { vendor } = await readVendorFile(file, file, { kind: 'config', builtIn: builtInVendors });
      const entry = { ...entryOf(vendor), isOriginal: false, file };
      vendors.push({ file, references: [reference], entry, vendor, path });
    } else if (!known.references.includes(reference)) known.references.push(reference);
  }
  const taken = vendors.flatMap(({ entry, path }, index) => {
    const message = whyTaken(entry.id, vendors.slice(0, index));
    return message === null ? [] : [{ path, message }];
  });
  if (taken.length > 0) throw placedError(json, taken);
  return vendors.map(({ file, references, entry, vendor }) => ({ file, references, entry, vendor }));
}

/** A text that is no JSON, or another than expected, is told by who reads it as a configuration. */
function listReferences(text: string): { reference: string; path: JsonPath }[] {
  let config: JsonValue;
  try {
    config = JSON.parse(text) as JsonValue;
  } catch {
    return [];
  }
  if (!isObject(config)) return [];
  const listed = listOf(config['vendors']).map((value, index) => ({ value, path: ['vendors', index] }));
  const ofWebhooks = listOf(config['webhooks']).map((webhook, index) => ({
    value: isObject(webhook) ? webhook['vendor'] : undefined,
    path: ['webhooks', index, 'vendor'],
  }));
  return [...listed, ...ofWebhooks].flatMap(({ value, path }) =>
    typeof value === 'string' && isVendorFile(value) ? [{ reference: value, path }] : [],
  );
}

const listOf = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : []);

const placeVendorFile = (reference: string, directory: string, homeDirectory: string): string =>
  reference.startsWith('~/') ? join(homeDirectory, reference.slice(2)) : resolve(directory, reference);

/**
 * Why a configuration cannot have another file with this id; null when it can. What `--vendor mailkit` means never
 * changes, but a vendor that hookproof learns later gives way to the user's own.
 */
export function whyTaken(id: string, vendors: readonly ConfiguredVendor[]): string | null {
  const other = vendors.find((one) => one.entry.id === id);
  const isOriginal = builtInVendors.entries.some((one) => one.id === id && one.isOriginal);
  if (other === undefined && !isOriginal) return null;
  const whose = other === undefined ? 'a built-in vendor' : other.file;
  return `its id ${JSON.stringify(id)} is already used by ${whose}: expected a different "id" in the file`;
}
