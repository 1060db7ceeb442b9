import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { verifyCertCommand } from '../certs/verify-cert.ts';
import { exportCommand } from '../history/export.ts';
import type { CommandEntry } from '../terminal/command-spec.ts';
import type { TopicEntry } from '../terminal/topic.ts';
import { builtInVendors } from '../../vendors/registry.ts';
import { VENDOR_NAMES } from '../completion/place.ts';
import { completable } from './completable.ts';
import { commandPage, pageName, programPage } from './man-page.ts';
import { vendorNames } from './vendor-names.ts';

/**
 * What the build makes of the list of commands beside the programs: a file for the completion of each command, one of
 * the names that vendors bring, and the man pages.
 */
export async function writeReference(
  folder: string,
  entries: readonly CommandEntry[],
  topics: readonly TopicEntry[],
): Promise<void> {
  const [completion, man] = ['completion', 'man'].map((name) => join(folder, name)) as [string, string];
  for (const made of [completion, man]) mkdirSync(made, { recursive: true });
  const commands = await Promise.all(entries.map(async ({ name, load }) => (await load())(`webhook ${name}`)));
  const all = [...commands, exportCommand('mp-export'), verifyCertCommand('verify-cert')];
  const { version } = packageJson;
  for (const command of all) {
    const known = completable(command);
    writeFileSync(join(completion, `${known.name}.json`), JSON.stringify(known));
    writeFileSync(join(man, `${pageName(command)}.1`), commandPage(command, version));
  }
  const names = vendorNames(await builtInVendors.loadAll());
  writeFileSync(join(completion, `${VENDOR_NAMES}.json`), JSON.stringify(names));
  const told = await Promise.all(topics.map(async ({ name, load }) => ({ name, parts: await load() })));
  for (const name of ['webhook', 'hookproof'])
    writeFileSync(join(man, `${name}.1`), programPage(name, entries, told, version));
}
