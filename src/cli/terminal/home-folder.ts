import { homedir, userInfo } from 'node:os';
import { isAbsolute } from 'node:path';

/**
 * Where a person's files are. An empty or relative HOME would put them wherever the program is started, so the system
 * is asked instead. Apart from the environment, for completion waits for nothing else of that.
 */
export function homeFolder(): string {
  const told = homedir();
  return isAbsolute(told) ? told : userInfo().homedir;
}
