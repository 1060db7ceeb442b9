import { chooseConfigPath } from '../../config/find-config.ts';
import type { FileEnvironment } from '../../model/environment.ts';
import type { Config } from '../../model/webhook.ts';

/**
 * The configuration that counts here, or an empty one where there is no file. Reading and checking load only when there
 * is one.
 */
export async function loadConfig(flag: string | undefined, environment: FileEnvironment): Promise<Config> {
  const path = chooseConfigPath(flag, environment);
  if (path === null) return { path: null, webhooks: [] };
  const [{ readConfig }, { knownVendors }] = await Promise.all([
    import('../../config/read-config.ts'),
    import('../../config/check-config.ts'),
  ]);
  return readConfig(path, knownVendors(), environment.homeDirectory);
}
