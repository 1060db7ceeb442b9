import { dirname, join, resolve } from 'node:path';
import {
  sourcesOf,
  type Config,
  type ConfiguredVendor,
  type SecretSource,
  type SecretSources,
  type Webhook,
  type WebhookTls,
} from '../model/webhook.ts';
import { CONFIG_HINT, findProblems, type Known } from './check-config.ts';
import { type HandWrittenJson, readCheckedJson } from './read-checked-json.ts';
import { readTextFile } from './read-text-file.ts';

/**
 * Reads a configuration file. The paths of secrets and certificates are relative to it, or begin with `~/`, and come
 * back absolute; uuids come in lower case, and vendors of files by their ids. The path of the history stays as written:
 * the history room places it.
 * @throws AppError `config` that tells the file, the path inside it and what was expected.
 */
export async function readConfig(path: string, knownWith: KnownWith, homeDirectory: string): Promise<Config> {
  const { text } = readConfigText(path);
  const vendors = await readVendors(text, path, homeDirectory);
  const { history, envFile, webhooks } = parseConfig(text, path, knownWith(vendors));
  const directory = dirname(resolve(path));
  const place: FilePlace = (file) =>
    resolve(directory, file.startsWith('~/') ? join(homeDirectory, file.slice(2)) : file);
  return {
    path,
    history,
    ...(envFile === undefined ? {} : { envFile: place(envFile) }),
    ...(vendors.length === 0 ? {} : { vendors }),
    webhooks: webhooks.map((webhook) => ({
      ...placeWebhook(webhook, place),
      vendor: vendors.find(({ references }) => references.includes(webhook.vendor))?.entry.id ?? webhook.vendor,
    })),
  };
}

/** What a configuration may name, with the vendors of its own files. */
type KnownWith = (vendors: readonly ConfiguredVendor[]) => Known;

type FilePlace = (file: string) => string;

/** What reads vendor files is loaded where one may be named. */
async function readVendors(text: string, path: string, homeDirectory: string): Promise<ConfiguredVendor[]> {
  if (!/"vendors"|"vendor"\s*:\s*"[^"]*[/\\.]/.test(text)) return [];
  const { readConfiguredVendors } = await import('./configured-vendors.ts');
  return readConfiguredVendors(configJson(text, path), homeDirectory);
}

/** The text of a configuration file, and whether a byte-order mark stood before it. */
export function readConfigText(path: string): { text: string; hasMark: boolean } {
  return readTextFile({ path, what: 'configuration file', kind: 'config', missingHint: 'webhook init creates one' });
}

function placeWebhook(webhook: Webhook, place: FilePlace): Webhook {
  return {
    ...webhook,
    uuid: webhook.uuid.toLowerCase(),
    secret: webhook.secret && placeSecrets(webhook.secret, place),
    tls: webhook.tls && placeTls(webhook.tls, place),
  };
}

function placeTls({ passphrase, ...files }: WebhookTls, place: FilePlace): WebhookTls {
  return {
    ...Object.fromEntries(Object.entries(files).map(([key, file]) => [key, place(file)])),
    passphrase: passphrase && placeSecret(passphrase, place),
  };
}

function placeSecrets(secret: SecretSources, place: FilePlace): SecretSources {
  const placed = sourcesOf(secret).map((source) => placeSecret(source, place));
  const [only, ...others] = placed;
  return only !== undefined && others.length === 0 ? only : placed;
}

function placeSecret(source: SecretSource, place: FilePlace): SecretSource {
  return typeof source === 'object' && 'file' in source ? { file: place(source.file) } : source;
}

/** The content of a configuration file, as it is written there. */
export interface ConfigContent {
  $schema?: string;
  history?: string;
  envFile?: string;
  vendors?: string[];
  webhooks: Webhook[];
}

/**
 * Reads the text of a configuration file (without byte-order mark) and checks it.
 * @param path of the file, for messages
 * @throws AppError `config` with file, line and column, path inside, and what was expected.
 */
export function parseConfig(text: string, path: string, known: Known): ConfigContent {
  return readCheckedJson(configJson(text, path), (value) => findProblems(value, known)) as unknown as ConfigContent;
}

function configJson(text: string, file: string): HandWrittenJson {
  const hints = { syntax: 'webhook config schema prints the schema', content: CONFIG_HINT };
  return { file, text, kind: 'config', hints };
}
