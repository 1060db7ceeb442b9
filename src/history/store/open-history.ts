import { dirname, isAbsolute, join, resolve } from 'node:path';
import { AppError } from '../../model/error.ts';
import type { HistoryReader, HistoryWriter } from '../history.ts';
import { completeAddress, isPostgresAddress } from '../postgres/address.ts';

let libsql: Promise<unknown> | undefined;

/** Loads libsql only now, and once: a command that keeps nothing does not pay for it. */
export const loadLibsql = (): Promise<unknown> => (libsql ??= withoutReport(() => import('../database.ts')));

/** Opens the history at `path`, as `historyPath` gives it, to read it. Loads `pg` only for a server. */
export async function loadReader(path: string): Promise<HistoryReader> {
  if (isPostgresAddress(path)) return (await import('../postgres/reader.ts')).openPostgresReader(path);
  await loadLibsql();
  const { openReader } = await import('../reader.ts');
  return openReader(path);
}

/** Opens the history at `path`, as `historyPath` gives it, to write to it. */
export async function loadWriter(path: string): Promise<HistoryWriter> {
  if (isPostgresAddress(path)) return (await import('../postgres/writer.ts')).openPostgresWriter(path);
  await loadLibsql();
  const { openWriter } = await import('../writer.ts');
  return openWriter(path);
}

/**
 * To choose its binary, libsql has Node write a whole diagnostic report (4 ms) for one word: the C library. Where there
 * is no report, detect-libc (a package of libsql's) reads that word in the file /usr/bin/ldd. On an image without it,
 * detect-libc starts a shell command; should that find out nothing either, libsql asks for a binary that is not
 * installed, and gets its report in a second try. Two calls at once would each restore what the other had set.
 */
async function withoutReport<Loaded>(load: () => Promise<Loaded>): Promise<Loaded> {
  const report = Object.getOwnPropertyDescriptor(process, 'report');
  if (report === undefined) return load();
  Object.defineProperty(process, 'report', { value: undefined, configurable: true });
  try {
    return await load();
  } catch {
    Object.defineProperty(process, 'report', report);
    return await load();
  } finally {
    Object.defineProperty(process, 'report', report);
  }
}

export interface HistoryPathSources {
  /** `--history`, or what else `flagName` says. */
  flag?: string;
  flagName?: string;
  env: Readonly<Record<string, string | undefined>>;
  /** The configuration and the file it was read from: a relative path counts from there. */
  config?: { path: string | null; history?: string };
  home: string;
}

/**
 * Where history is kept, as an absolute path: `--history`, `WEBHOOK_HISTORY`, the configuration, or
 * XDG data (https://specifications.freedesktop.org/basedir-spec/latest/). Of a server it is the whole address, which
 * may hold a password: show the `path` of the opened history instead.
 */
export function historyPath({ flag, flagName = '--history', env, config, home }: HistoryPathSources): string {
  const place = (text: string, source: string, folder = '.'): string =>
    isPostgresAddress(text) ? completeAddress(text, { source, env, home, folder }) : asFile(text, source, home, folder);
  if (flag !== undefined) return place(flag, flagName);
  if (env['WEBHOOK_HISTORY']) return place(env['WEBHOOK_HISTORY'], 'WEBHOOK_HISTORY');
  if (config?.history !== undefined) {
    const folder = config.path === null ? '.' : dirname(config.path);
    return place(config.history, '"history" in the configuration', folder);
  }
  // The specification: a relative XDG path is invalid and ignored.
  const xdg = env['XDG_DATA_HOME'];
  const data = xdg && isAbsolute(xdg) ? xdg : join(home, '.local', 'share');
  return join(data, 'hookproof', 'history.db');
}

/** `host=… dbname=…`, which psql takes in the place of an address. */
const KEYWORDS = /^\s*(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*=/;

function asFile(text: string, source: string, home: string, folder: string): string {
  // What is refused is not repeated: it may hold a password. As a file's name that would be on the disk, too.
  if (KEYWORDS.test(text)) {
    throw new AppError('usage', `${source} is a list of connection parameters: a history is a file or an address`, {
      hint: 'write it as postgres://USER@HOST:PORT/DATABASE',
    });
  }
  const scheme = (/^([a-z][a-z0-9+.-]+):\/\//i.exec(text) ?? /^(jdbc|file|sqlite|postgres(?:ql)?):/i.exec(text))?.[1];
  if (scheme !== undefined) {
    throw new AppError(
      'usage',
      `${source} is a ${scheme.toLowerCase()}:// address: a history is a file or a PostgreSQL database`,
      {
        hint: 'give the path to a SQLite file, or postgres://USER@HOST/DATABASE',
      },
    );
  }
  if (text.trim() === '') {
    throw new AppError('usage', `${source} is empty`, {
      hint: 'give the path to a SQLite file, for example --history ./history.db',
    });
  }
  return resolve(folder, text.startsWith('~/') ? join(home, text.slice(2)) : text);
}
