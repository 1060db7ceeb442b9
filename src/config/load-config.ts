import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { FileEnvironment } from '../model/environment.ts';
import type { Config } from '../model/webhook.ts';

export const CONFIG_FILE_NAME = 'webhook.config.json';

/** The nearest configuration file from `startDirectory` upwards; null when there is none. */
export function findConfig(startDirectory: string): string | null {
  for (let directory = resolve(startDirectory); ; directory = dirname(directory)) {
    const path = join(directory, CONFIG_FILE_NAME);
    if (existsSync(path)) return path;
    if (directory === dirname(directory)) return null;
  }
}

/**
 * Which file is read: the flag's, that of `WEBHOOK_CONFIG`, the project's, the user's; null when there is none.
 * A file that was asked for by flag or variable is returned whether it exists or not: reading it says so.
 */
export function chooseConfigPath(flag: string | undefined, environment: FileEnvironment): string | null {
  const named = flag ?? (environment.env['WEBHOOK_CONFIG'] || undefined);
  if (named !== undefined) return resolve(environment.workingDirectory, named);
  const user = userConfigPath(environment);
  return findConfig(environment.workingDirectory) ?? (existsSync(user) ? user : null);
}

/**
 * `~/.config/hookproof/webhook.config.json`, or below `XDG_CONFIG_HOME`. A relative one is ignored, as the
 * XDG Base Directory Specification asks (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export function userConfigPath({ env, homeDirectory }: Omit<FileEnvironment, 'workingDirectory'>): string {
  const xdg = env['XDG_CONFIG_HOME'];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeDirectory, '.config');
  return join(base, 'hookproof', CONFIG_FILE_NAME);
}

/**
 * The configuration that counts here, or an empty one where there is no file. Reading and checking load only when there
 * is one.
 */
export async function loadConfig(flag: string | undefined, environment: FileEnvironment): Promise<Config> {
  const path = chooseConfigPath(flag, environment);
  if (path === null) return { path: null, webhooks: [] };
  const [{ readConfig }, { knownVendors }] = await Promise.all([
    import('./read-config.ts'),
    import('./check-config.ts'),
  ]);
  return readConfig(path, knownVendors, environment.homeDirectory);
}
