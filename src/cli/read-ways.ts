import { chooseWays, type Ways } from '../flows/choose-ways.ts';
import { loadConfig } from '../flows/load-config.ts';
import { MAX_LIST_BYTES } from '../flows/read-allowlist.ts';
import type { SourceFlags } from './check-source.ts';
import { readInput } from './read-input.ts';
import { surroundings } from './surroundings.ts';

/** Who is allowed, by the flags. Throws AppError `usage`, `config` or `input`. */
export async function readWays(flags: Pick<SourceFlags, 'vendor' | 'to' | 'config' | 'suffix' | 'allow' | 'allowFile'>): Promise<Ways> {
  const allowFiles = await Promise.all(flags.allowFile.map(async (file) => ({ name: file === '-' ? 'standard input' : file, bytes: await readInput(file, '--allow-file', MAX_LIST_BYTES) })));
  // A configuration is read only where a webhook of it is named: a broken one is no reason not to check an address.
  const config = flags.to === undefined ? { path: null, webhooks: [] } : await loadConfig(flags.config, surroundings());
  return chooseWays({ ...flags, allowFiles }, config);
}
