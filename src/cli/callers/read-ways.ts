import { existsSync, statSync } from 'node:fs';
import { chooseWays, type Ways } from '../../flows/callers/choose-ways.ts';
import { loadConfig } from '../../flows/session/load-config.ts';
import { MAX_LIST_BYTES } from '../../flows/callers/read-allowlist.ts';
import { AppError } from '../../model/error.ts';
import { quoteForShell } from '../../model/shell-word.ts';
import { readEntry } from '../../source/list/read-list.ts';
import type { SourceFlags } from './source-flags.ts';
import { readInput } from '../terminal/read-input.ts';
import { processEnvironment } from '../terminal/environment.ts';

/** Who is allowed, by the flags. Throws AppError `usage`, `config` or `input`. */
export async function readWays(
  flags: Pick<SourceFlags, 'vendor' | 'to' | 'config' | 'suffix' | 'allow' | 'allowFile'>,
): Promise<Ways> {
  refuseFileAsEntry(flags.allow);
  const allowFiles = await Promise.all(
    flags.allowFile.map(async (file) => ({
      name: file === '-' ? 'standard input' : file,
      bytes: await readInput(file, '--allow-file', MAX_LIST_BYTES),
    })),
  );
  // A configuration is read only where a webhook of it is named: a broken one is no reason not to check an address.
  const config =
    flags.to === undefined ? { path: null, webhooks: [] } : await loadConfig(flags.config, processEnvironment());
  return chooseWays({ ...flags, vendors: flags.vendor, allowFiles }, config);
}

/** `--allow allow.txt`: what is no address may be the list itself. */
function refuseFileAsEntry(allow: readonly string[]): void {
  const file = allow.find((text) => 'reason' in readEntry(text) && existsSync(text) && statSync(text).isFile());
  if (file !== undefined)
    throw new AppError('usage', `--allow ${file}: it is a file, and no address or network`, {
      hint: `--allow-file ${quoteForShell(file)} reads the list in it`,
    });
}
