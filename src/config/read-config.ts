import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../model/error.ts';
import type { Config, SecretSource, Webhook, WebhookTls } from '../model/webhook.ts';
import { CONFIG_HINT, findProblems, type Known } from './check-config.ts';
import { readCheckedJson } from './read-checked-json.ts';

/** Thousands of webhooks. What is larger is another file, and checking it would take long. */
const MAX_BYTES = 1024 * 1024;

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
  const bytes = readBytes(path);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.startsWith('\ufeff') ? { text: text.slice(1), hasMark: true } : { text, hasMark: false };
  } catch (cause) {
    throw new AppError('config', `${path} is not UTF-8 text`, { cause, hint: 'save it as UTF-8' });
  }
}

function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readAtMost(path, MAX_BYTES + 1);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      throw new AppError('config', `there is no configuration file ${path}`, { cause, hint: 'webhook init makes one' });
    }
    throw new AppError('config', `the configuration file ${path} could not be read: ${code}`, { cause });
  }
  if (bytes.length <= MAX_BYTES) return bytes;
  throw new AppError('config', `the configuration file ${path} is larger than ${MAX_BYTES / 1024 / 1024} MiB`, {
    hint: 'is it the right file?',
  });
}

/** Not by its size: a pipe or a device tells none. */
function readAtMost(path: string, maxBytes: number): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes);
    let length = 0;
    for (let read = -1; read !== 0 && length < maxBytes; length += read)
      read = readSync(file, bytes, length, maxBytes - length, null);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
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
