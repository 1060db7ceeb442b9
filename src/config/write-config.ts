import { closeSync, existsSync, fchmodSync, fsyncSync, mkdirSync, openSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../model/error.ts';
import type { Webhook } from '../model/webhook.ts';
import { checkWebhook, type Known } from './check-config.ts';
import { CONFIG_SCHEMA } from './check-structure.ts';
import { deleteWebhook, insertWebhook, newConfigText } from './edit-config-text.ts';
import { parseConfig, type ConfigContent } from './parse-config.ts';
import { readConfigText } from './read-config.ts';
import { isNamed, unknownWebhook } from './select-webhook.ts';

const EDITS_AT_MOST = 10;

/**
 * Makes a configuration file without webhooks, and its folder where that is missing.
 * @throws AppError `usage` when it exists and may not be replaced.
 */
export function createConfig(path: string, { replace }: { replace: boolean }): void {
  const text = newConfigText(String(CONFIG_SCHEMA['$id']));
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (replace && existsSync(path)) replaceFile(path, text, () => true);
    else writeFileSync(path, text, { flag: 'wx' });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(path, cause);
    throw new AppError('usage', `${path} exists already`, { cause, hint: '--force replaces it; webhook add puts a webhook into it' });
  }
}

/**
 * Adds a webhook at the end of the list; the rest of the file stays as it is.
 * @throws AppError `usage` when the webhook is not valid or its name or uuid is taken, `config` when the file is wrong.
 */
export function addWebhook(path: string, webhook: Webhook, known: Known): void {
  checkWebhook(webhook, known);
  editConfig(path, known, (text, { webhooks }) => {
    const taken = webhooks.find((other) => isNamed(other, webhook.name) || isNamed(other, webhook.uuid));
    if (taken === undefined) return insertWebhook(text, webhook);
    throw new AppError('usage', `${path} has a webhook ${JSON.stringify(taken.name)} with uuid ${taken.uuid} already`, {
      hint: `another name or uuid is needed, or first: webhook remove ${taken.uuid}`,
    });
  });
}

/**
 * Removes the webhook of that name or uuid and returns it; the rest of the file stays as it is.
 * @throws AppError `usage` when there is none, `config` when the file is wrong.
 */
export function removeWebhook(path: string, nameOrUuid: string, known: Known): Webhook {
  let removed: Webhook | undefined;
  editConfig(path, known, (text, { webhooks }) => {
    const index = webhooks.findIndex((webhook) => isNamed(webhook, nameOrUuid));
    removed = webhooks[index];
    if (removed === undefined) throw unknownWebhook(nameOrUuid, webhooks);
    return deleteWebhook(text, index);
  });
  return removed as unknown as Webhook;
}

/** Edits again when another program wrote the file between our reading and writing: neither edit is lost. */
function editConfig(path: string, known: Known, edit: (text: string, content: ConfigContent) => string): void {
  for (let tries = 0; tries < EDITS_AT_MOST; tries += 1) {
    const { text, hasMark } = readConfigText(path);
    const edited = edit(text, parseConfig(text, path, known));
    const mark = hasMark ? '\ufeff' : '';
    if (replaceFile(path, mark + edited, () => readConfigText(path).text === text)) return;
  }
  throw new AppError('config', `${path} is being changed by another program all the time`, { hint: 'try again when it has ended' });
}

/** Writes beside the file (of a link: beside its target) and renames, so that it is never half written. False when `mayReplace` says no. */
function replaceFile(path: string, text: string, mayReplace: () => boolean): boolean {
  const target = realpathSync(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    rmSync(temporary, { force: true });
    writeDurably(temporary, text, statSync(target).mode & 0o777);
    if (!mayReplace()) return false;
    renameSync(temporary, target);
    return true;
  } catch (cause) {
    throw cause instanceof AppError ? cause : unwritable(path, cause);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeDurably(path: string, text: string, mode: number): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fchmodSync(file, mode);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function unwritable(path: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
  return new AppError('config', `the configuration file ${path} could not be written: ${code}`, { cause });
}
