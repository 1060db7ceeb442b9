import { readFileSync } from 'node:fs';
import { chooseConfigPath } from '../../config/load-config.ts';
import { builtInVendors } from '../../vendors/registry.ts';
import { homeFolder } from '../terminal/home-folder.ts';
import type { Candidate, CommandLine } from './complete.ts';
import type { PlaceKind } from './place.ts';

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
