import { dirname, join, resolve } from 'node:path';
import type { Config, SecretSource, Webhook, WebhookTls } from '../model/webhook.ts';
import { CONFIG_HINT, findProblems, type Known } from './check-config.ts';
import { readCheckedJson } from './read-checked-json.ts';
import { readTextFile } from './read-text-file.ts';

/**
 * Reads a configuration file. The paths of secrets and certificates are relative to it, or begin with `~/`, and come
 * back absolute; uuids come in lower case. The path of the history stays as written: the history room places it.
 * @throws AppError `config` that tells the file, the path inside it and what was expected.
 */
export function readConfig(path: string, known: Known, homeDirectory: string): Config {
  const { history, webhooks } = parseConfig(readConfigText(path).text, path, known);
  const directory = dirname(resolve(path));
  const place: FilePlace = (file) =>
    resolve(directory, file.startsWith('~/') ? join(homeDirectory, file.slice(2)) : file);
  return {
    path,
    history,
    webhooks: webhooks.map((webhook) => placeWebhook(webhook, place)),
  };
}

type FilePlace = (file: string) => string;

/** The text of a configuration file, and whether a byte-order mark stood before it. */
export function readConfigText(path: string): { text: string; hasMark: boolean } {
  return readTextFile({ path, what: 'configuration file', kind: 'config', missingHint: 'webhook init makes one' });
}

function placeWebhook(webhook: Webhook, place: FilePlace): Webhook {
  return {
    ...webhook,
    uuid: webhook.uuid.toLowerCase(),
    secret: webhook.secret && placeSecret(webhook.secret, place),
    tls: webhook.tls && placeTls(webhook.tls, place),
  };
}

function placeTls({ passphrase, ...files }: WebhookTls, place: FilePlace): WebhookTls {
  return {
    ...Object.fromEntries(Object.entries(files).map(([key, file]) => [key, place(file)])),
    passphrase: passphrase && placeSecret(passphrase, place),
  };
}

function placeSecret(source: SecretSource, place: FilePlace): SecretSource {
  return typeof source === 'object' && 'file' in source ? { file: place(source.file) } : source;
}

/** The content of a configuration file, as it is written there. */
export interface ConfigContent {
  $schema?: string;
  history?: string;
  webhooks: Webhook[];
}

/**
 * Reads the text of a configuration file (without byte-order mark) and checks it.
 * @param path of the file, for messages
 * @throws AppError `config` with file, line and column, path inside, and what was expected.
 */
export function parseConfig(text: string, path: string, known: Known): ConfigContent {
  const hints = { syntax: 'webhook config schema prints what is allowed', content: CONFIG_HINT };
  const json = { file: path, text, kind: 'config', hints } as const;
  return readCheckedJson(json, (value) => findProblems(value, known)) as unknown as ConfigContent;
}
