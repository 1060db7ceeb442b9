import { existsSync, statSync } from 'node:fs';
import { chooseAcceptedSources, type AcceptedSources } from '../../flows/callers/accepted-sources.ts';
import { MAX_LIST_BYTES } from '../../flows/callers/read-allowlist.ts';
import { loadConfig } from '../../config/load-config.ts';
import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { readEntry } from '../../source/list/read-list.ts';
import { readInput } from '../terminal/read-input.ts';
import { openCommandVendors, processEnvironment } from '../terminal/environment.ts';
import type { SourceFlags } from './source-flags.ts';

/** Reads the sources that the flags accept. Throws AppError `usage`, `config` or `input`. */
export async function readAcceptedSources(
  flags: Pick<SourceFlags, 'vendor' | 'to' | 'config' | 'suffix' | 'allow' | 'allowFile'>,
): Promise<AcceptedSources> {
  refuseFileAsEntry(flags.allow);
  const allowFiles = await Promise.all(
    flags.allowFile.map(async (file) => ({
      name: file === '-' ? 'standard input' : file,
      bytes: await readInput(file, '--allow-file', MAX_LIST_BYTES),
    })),
  );
  // The configuration is read only where a webhook or a vendor of its own is named: a broken one is no reason not to
  // check an address.
  const environment = processEnvironment();
  const config = flags.to === undefined ? { path: null, webhooks: [] } : await loadConfig(flags.config, environment);
  const vendors = openCommandVendors(environment, flags.config);
  return chooseAcceptedSources({ ...flags, vendors: flags.vendor, allowFiles }, config, vendors);
}

/** `--allow allow.txt`: what is no address may be the list itself. */
function refuseFileAsEntry(allow: readonly string[]): void {
  const file = allow.find((text) => 'reason' in readEntry(text) && existsSync(text) && statSync(text).isFile());
  if (file !== undefined)
    throw new AppError('usage', `--allow ${file}: this is a file, not an address or network`, {
      hint: `to read the list in it, use --allow-file ${quoteForShell(file)}`,
    });
}
