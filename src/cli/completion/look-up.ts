import { readFileSync } from 'node:fs';
import { chooseConfigPath } from '../../config/load-config.ts';
import { builtInVendors } from '../../vendors/registry.ts';
import { homeFolder } from '../terminal/home-folder.ts';
import type { Candidate, CommandLine } from './complete.ts';
import { readBuilt, VENDOR_NAMES, type PlaceKind, type VendorNames } from './place.ts';

/**
 * What a place is completed with that is no fixed list. Whatever cannot be read is left out: nobody would read an
 * error here.
 */
export async function lookUpCandidates(kind: PlaceKind, line: CommandLine): Promise<readonly Candidate[]> {
  switch (kind) {
    case 'vendor':
      return builtInVendors.entries.map(({ id, title }) => [id, title]);
    case 'event':
      return eventsOf([line.valueOf('--vendor'), ...line.arguments]);
    case 'webhook':
      return configuredWebhooks(line.valueOf('--config'));
    case 'case':
    case 'bug':
      return namesOfVendors(kind, line);
    case 'delivery':
      return [['last', 'the newest delivery']];
    case 'variable':
      return Object.keys(process.env).map((name) => [name, '']);
    default:
      return [];
  }
}

/** Those of the vendors among the words, or of all. */
function eventsOf(words: readonly (string | undefined)[]): Candidate[] {
  const { entries } = builtInVendors;
  const named = entries.filter(({ id }) => words.includes(id));
  return (named.length > 0 ? named : entries).flatMap(({ events, title }) =>
    events.map((event): Candidate => [event, title]),
  );
}

/** Those of the vendor that is named, or of the webhooks' vendors; of all where that is none of the built-in ones. */
function namesOfVendors(kind: keyof VendorNames, line: CommandLine): Candidate[] {
  const named = new Set([line.valueOf('--vendor'), ...vendorsOfWebhooks(line)]);
  const vendors = builtInVendors.entries.map(({ id }) => id).filter((id) => named.has(id));
  const known = readBuilt<VendorNames>(VENDOR_NAMES)?.[kind] ?? [];
  return known
    .filter(({ of }) => vendors.length === 0 || of === null || of.some((id) => vendors.includes(id)))
    .map(({ name, text }) => [name, text]);
}

function vendorsOfWebhooks(line: CommandLine): string[] {
  const names = new Set([...line.arguments, line.valueOf('--webhook')]);
  return configuredWebhooks(line.valueOf('--config')).flatMap(([name, vendor]) => (names.has(name) ? [vendor] : []));
}

/** As they stand in the file: it is not checked, for that would take longer than all the rest. */
function configuredWebhooks(flag: string | undefined): Candidate[] {
  const environment = { workingDirectory: process.cwd(), homeDirectory: homeFolder(), env: process.env };
  try {
    const path = chooseConfigPath(flag, environment);
    if (path === null) return [];
    const { webhooks } = JSON.parse(readFileSync(path, 'utf8')) as { webhooks: Record<string, unknown>[] };
    return webhooks.map(({ name, vendor }): Candidate => [String(name), String(vendor)]);
  } catch {
    return [];
  }
}
