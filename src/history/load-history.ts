import type { History } from './history.ts';
import type { OpenHistoryOptions } from './open-history.ts';

/**
 * `openHistory`, and libsql with it only now: a command that keeps nothing does not pay for loading it.
 * To choose its binary libsql asks `process.report` for the C library; told to leave out the network, as it can
 * be since Node 20.13 (https://nodejs.org/api/process.html#processreportexcludenetwork), that report
 * takes 1 ms and not 4.
 */
export async function loadHistory(path: string, options: OpenHistoryOptions = {}): Promise<History> {
  Object.assign(process.report, { excludeNetwork: true });
  const { openHistory } = await import('./open-history.ts');
  return openHistory(path, options);
}
