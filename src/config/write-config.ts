import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../model/error.ts';
import type { Webhook } from '../model/webhook.ts';
import { isDiskFull, writeReason } from '../model/file-error.ts';
import { checkWebhook, type Known } from './check-config.ts';
import { deleteWebhook, insertWebhook, newConfigText } from './edit-config-text.ts';
import { makeWholeFile, removeLeftovers, withLock, type LockOptions } from './lock-file.ts';
import { holdsSecret } from './mask-config.ts';
import { parseConfig, type ConfigContent, readConfigText } from './read-config.ts';
import { findNamed, isNamed, unknownWebhook } from './select-webhook.ts';

/** What all edits take. */
type Waiting = Pick<LockOptions, 'onWait'>;

const EDITS_AT_MOST = 10;
/** Meant to be committed, so it is made as an editor makes a file: the umask takes away what it does elsewhere. */
const NEW_FILE_MODE = 0o666;
const PRIVATE_MODE = 0o600;
/** Whoever let only a group read the file wants just that. */
const FOR_ALL = 0o007;

/**
 * Makes a configuration file without webhooks, and its folder where that is missing.
 * @throws AppError `usage` when it exists and may not be replaced.
 */
export function createConfig(path: string, { replace, onWait }: { replace: boolean } & Waiting): void {
  change(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    locked(path, onWait, () => {
      if (replace && existsSync(path)) return replaceFile(path, newConfigText(), () => true);
      if (makeFile(path)) return true;
      throw new AppError('usage', `${path} already exists`, {
        hint: '--force replaces it; webhook add adds a webhook to it',
      });
    });
  });
}

/**
 * Adds a webhook at the end of the list; the rest of the file stays as it is. When the webhook holds a secret itself, a
 * file that every user could read becomes private.
 * @param options.create makes a new file where there is none
 * @throws AppError `usage` when the webhook is not valid or its name or uuid is taken, `config` when the file is wrong.
 */
export function addWebhook(
  path: string,
  webhook: Webhook,
  known: Known,
  { create = false, onWait }: { create?: boolean } & Waiting = {},
): void {
  checkWebhook(webhook, known);
  // Another process may make it at the same moment: then that one is the file to add to.
  if (create) change(path, () => locked(path, onWait, () => makeFile(path)));
  const modeOf = holdsSecret(webhook) ? closeToOthers : undefined;
  editConfig(path, known, { onWait, modeOf }, (text, { webhooks }) => {
    const taken = webhooks.find((other) => isNamed(other, webhook.name) || isNamed(other, webhook.uuid));
    if (taken === undefined) return insertWebhook(text, webhook);
    throw new AppError('usage', `${path} already has a webhook ${JSON.stringify(taken.name)} with uuid ${taken.uuid}`, {
      hint: `choose another name or uuid, or first run: webhook remove ${taken.uuid}`,
    });
  });
}

/**
 * Removes the webhook that is named so and returns it; the rest of the file stays as it is.
 * @throws AppError `usage` when there is none, `config` when the file is wrong.
 */
export function removeWebhook(path: string, nameOrUuid: string, known: Known, { onWait }: Waiting = {}): Webhook {
  let removed: Webhook | undefined;
  editConfig(path, known, { onWait }, (text, { webhooks }) => {
    removed = findNamed(webhooks, nameOrUuid);
    if (removed === undefined) throw unknownWebhook(nameOrUuid, webhooks);
    return deleteWebhook(text, webhooks.indexOf(removed));
  });
  return removed as unknown as Webhook;
}

type ModeChange = (mode: number) => number;

const closeToOthers: ModeChange = (mode) => ((mode & FOR_ALL) === 0 ? mode : PRIVATE_MODE);

/**
 * One edit at a time: a lock keeps out other edits by hookproof. Edits again when a program that knows nothing of the
 * lock, such as an editor, wrote the file between our reading and writing: neither edit is lost.
 */
function editConfig(
  path: string,
  known: Known,
  { onWait, modeOf }: Waiting & { modeOf?: ModeChange },
  edit: (text: string, content: ConfigContent) => string,
): void {
  for (let tries = 0; tries < EDITS_AT_MOST; tries += 1) {
    const isDone = change(path, () =>
      locked(path, onWait, (isHeld) => {
        const { text, hasMark } = readConfigText(path);
        const edited = edit(text, parseConfig(text, path, known));
        // What is written can be read again.
        parseConfig(edited, path, known);
        const mark = hasMark ? '\ufeff' : '';
        const mayReplace = (): boolean => isHeld() && readConfigText(path).text === text;
        return replaceFile(path, mark + edited, mayReplace, modeOf);
      }),
    );
    if (isDone) return;
  }
  throw new AppError('config', `${path} keeps being changed by another program`, {
    hint: 'try again when that program has ended',
  });
}

/** The lock lies beside the file; of a link: beside its target. */
function locked<Result>(path: string, onWait: LockOptions['onWait'], work: (isHeld: () => boolean) => Result): Result {
  const file = existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  const cleanAndWork = (isHeld: () => boolean): Result => {
    removeLeftovers(file);
    return work(isHeld);
  };
  return withLock(`${file}.lock`, cleanAndWork, { onWait });
}

/** Runs `work`, with errors of the system told as ours. */
function change<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof Error && 'syscall' in cause ? unwritable(path, cause) : cause;
  }
}

/** Makes a file without webhooks; false when there is one. */
function makeFile(path: string): boolean {
  return makeWholeFile(path, newConfigText(), NEW_FILE_MODE);
}

/**
 * Writes beside the file (of a link: beside its target) and renames, so that it is never half written. False when
 * `mayReplace` says no.
 */
function replaceFile(
  path: string,
  text: string,
  mayReplace: () => boolean,
  modeOf: ModeChange = (mode) => mode,
): boolean {
  const target = realpathSync(path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    rmSync(temporary, { force: true });
    writeDurably(temporary, text, modeOf(statSync(target).mode & 0o777));
    if (!mayReplace()) return false;
    renameSync(temporary, target);
    return true;
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
  const reason = writeReason(cause) ?? (cause as NodeJS.ErrnoException).code ?? 'unknown reason';
  return new AppError('config', `the configuration file ${path} could not be written: ${reason}`, {
    hint: isDiskFull(cause)
      ? 'nothing was changed; free some space'
      : 'nothing was changed; work in a writable folder, or name a file in one with --config FILE',
    thenAgain: isDiskFull(cause),
    cause,
  });
}
